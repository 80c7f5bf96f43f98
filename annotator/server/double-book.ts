import { setImmediate as nextTurn } from 'node:timers/promises'
import { type DoubleDecision, joins, readDuplicates } from '../../data/duplicates/record.ts'
import type { CasePictures, Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { fileStamp } from './file-stamp.ts'

/** Cases looked through before other requests get their turn. */
const TOGETHER = 500

/** Another picture of the same slice, or one that a person said is none. */
interface Other {
  image: string
  /** The last word of a person on the pair. */
  said?: DoubleDecision
  isApart: boolean
}

interface Known {
  pictures: CasePictures
  others: Map<string, Other[]>
  /** Cases with a double, those of one slice one after another. */
  ids: string[]
  pairs: number
}

/** What is known of doubles: read anew where mining, an import or a person changed it. */
export class DoubleBook {
  readonly #workspace: Workspace
  readonly #store: Store
  #current: { key: string; known: Promise<Known> } | null = null

  constructor(workspace: Workspace, store: Store) {
    this.#workspace = workspace
    this.#store = store
  }

  /** Cases that show the same picture or slice as this one; those that a person took apart last. */
  async of(id: string, image: string): Promise<{ case: string; isPicture: boolean; other: Other | null }[]> {
    const { pictures, others } = await this.#known()
    const near = (others.get(image) ?? []).toSorted((a, b) => Number(a.isApart) - Number(b.isApart))
    const cases = await pictures.casesOf([image, ...near.map(other => other.image)])
    const same = (cases.get(image) ?? []).filter(each => each !== id)
    return [
      ...same.map(each => ({ case: each, isPicture: true, other: null })),
      ...near.flatMap(other =>
        (cases.get(other.image) ?? []).map(each => ({ case: each, isPicture: false, other })),
      ),
    ]
  }

  async ids(): Promise<readonly string[]> {
    return (await this.#known()).ids
  }

  async count(): Promise<{ pairs: number; cases: number }> {
    const { pairs, ids } = await this.#known()
    return { pairs, cases: ids.length }
  }

  async #known(): Promise<Known> {
    const { paths } = this.#workspace
    const key = `${await fileStamp(paths.duplicates)} ${await this.#store.cases.stamp()}`
    if (this.#current?.key !== key) {
      const known = this.#read()
      this.#current = { key, known }
      known.catch(() => {
        this.#current = null
      })
    }
    return await this.#current.known
  }

  async #read(): Promise<Known> {
    const { links, apart, decisions } = await readDuplicates(this.#workspace)
    const pictures = this.#store.cases.pictures ?? (await walked(this.#store))
    const others = new Map<string, Other[]>()
    const add = (from: string, other: Other) => others.set(from, [...(others.get(from) ?? []), other])
    for (const [pairs, isApart] of [
      [links, false],
      [apart, true],
    ] as const)
      for (const { one, other } of pairs) {
        const said = decisions.findLast(decision => joins(decision, one, other))
        const about = { isApart, ...(said ? { said } : {}) }
        add(one, { image: other, ...about })
        add(other, { image: one, ...about })
      }
    const ids = new Set<string>()
    const images = new Set([...(await pictures.shared()), ...others.keys()])
    const cases = await pictures.casesOf([...images])
    const isThere = (image: string) => cases.has(image)
    for (const image of [...images].filter(isThere).sort()) {
      const near = (others.get(image) ?? []).filter(other => !other.isApart && isThere(other.image))
      if (near.length === 0 && cases.get(image)!.length < 2) continue
      for (const each of [image, ...near.map(other => other.image)])
        for (const id of cases.get(each)!) ids.add(id)
    }
    const pairs = links.filter(({ one, other }) => isThere(one) && isThere(other)).length
    return { pictures, others, ids: [...ids], pairs }
  }
}

/** Cases by picture, where the store has no index of them. */
async function walked(store: Store): Promise<CasePictures> {
  const cases = new Map<string, string[]>()
  let looked = 0
  for await (const { id, image, retired } of store.cases.all()) {
    if (++looked % TOGETHER === 0) await nextTurn()
    if (retired) continue
    const own = cases.get(image)
    if (own) own.push(id)
    else cases.set(image, [id])
  }
  return {
    casesOf: async images =>
      new Map(images.flatMap(image => (cases.has(image) ? [[image, cases.get(image)!]] : []))),
    shared: async () => [...cases].flatMap(([image, own]) => (own.length > 1 ? [image] : [])),
  }
}
