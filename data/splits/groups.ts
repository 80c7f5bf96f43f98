import type { MinedCase } from '../records/case.ts'

/** What of a case says which others must stand on its side. */
export type GroupedCase = Pick<MinedCase, 'id' | 'document' | 'patient' | 'image'>

/** Two cases or images (by id) that show the same slice; a line of duplicates.json. */
export interface LinkedDouble {
  one: string
  other: string
}

/**
 * The paper behind a document's id: its DOI without version, by which the same preprint is known that was mined as
 * `10.1101/2020.03.22.20040782v2` and came with a dataset as `covid-ct:2020.03.22.20040782`. Any other id is itself.
 */
export function paperOf(document: string): string {
  const bare = document.replace(/^[a-z0-9][\w.-]*:(?=\S)/i, '')
  const named = /^(?:10\.1101\/)?(?<number>\d{4}\.\d{2}\.\d{2}\.\d{6,8})(?:v\d+)?$/.exec(bare)?.groups?.[
    'number'
  ]
  if (named) return `10.1101/${named}`
  if (/^10\.\d{4,9}\//.test(bare)) return bare.toLowerCase().replace(/v\d+$/, '')
  return document
}

/**
 * The group of every case: cases that share a patient, a document, an image or a linked double, and all that hang
 * together through them. A group is named by its first case in the order of ids, so that the same cases give the same
 * names. Bootstraps and splits go by these groups.
 */
export function caseGroups(
  cases: readonly GroupedCase[],
  doubles: readonly LinkedDouble[] = [],
): Map<string, string> {
  const parent = new Map<string, string>()
  const root = (node: string): string => {
    let top = node
    for (let up = parent.get(top); up !== undefined && up !== top; up = parent.get(top)) top = up
    // Path compression, so that chains stay short.
    for (let at = node; at !== top; ) {
      const up = parent.get(at)!
      parent.set(at, top)
      at = up
    }
    if (!parent.has(top)) parent.set(top, top)
    return top
  }
  const join = (one: string, other: string) => parent.set(root(one), root(other))
  // Prefixes keep a patient, a document and an image of one name apart.
  for (const row of cases) {
    join(`case ${row.id}`, `patient ${row.patient}`)
    join(`case ${row.id}`, `image ${row.image}`)
    if (row.document !== null) join(`case ${row.id}`, `document ${paperOf(row.document)}`)
  }
  for (const { one, other } of doubles) {
    const node = (id: string) => (parent.has(`case ${id}`) ? `case ${id}` : `image ${id}`)
    join(node(one), node(other))
  }
  const names = new Map<string, string>()
  for (const row of cases) {
    const top = root(`case ${row.id}`)
    const name = names.get(top)
    if (name === undefined || row.id < name) names.set(top, row.id)
  }
  return new Map(cases.map(row => [row.id, names.get(root(`case ${row.id}`))!]))
}

/** Cases that show the very same picture (same image id), two or more at a time, in order of their ids. */
export function exactDoubles(cases: readonly Pick<MinedCase, 'id' | 'image'>[]): string[][] {
  const byImage = new Map<string, string[]>()
  for (const { id, image } of cases) byImage.set(image, [...(byImage.get(image) ?? []), id])
  return [...byImage.values()]
    .filter(ids => ids.length > 1)
    .map(ids => ids.sort())
    .sort((one, other) => (one[0]! < other[0]! ? -1 : 1))
}
