import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import type { MinedCase } from '../records/case.ts'
import type { RunOptions } from '../records/job.ts'
import { readPixels } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { pictureAt } from '../workspace/picture-at.ts'
import { look } from './compare.ts'
import { findDoubles } from './find.ts'
import { framedGrey, type GreyPicture } from './perceptual-hash.ts'
import { type DoubleLink, type DuplicatesRecord, joins, readDuplicates, writeDuplicates } from './record.ts'
import { appendSignatures, readSignatures } from './signatures.ts'
import { windowHashes } from './windows.ts'

/** Hashes are put down this many at a time, so that a run that is killed goes on where it was. */
const PUT_DOWN = 128
/** Small pictures kept at hand while pairs are compared; about 30 KB each. */
const KEPT = 4096

/**
 * Brings duplicates.json up to date: pictures that came since are compared with all, links of pictures that are gone are
 * dropped, what a person took apart stays apart. A picture that can't be read is reported and passed over; it is tried
 * again the next time. Needs the `cases` lock.
 */
export async function updateDuplicates(
  workspace: Workspace,
  cases:
    | Iterable<Pick<MinedCase, 'image' | 'imageFile'>>
    | AsyncIterable<Pick<MinedCase, 'image' | 'imageFile'>>,
  options: RunOptions = {},
): Promise<DuplicatesRecord> {
  const { signal, onProgress } = options
  const files = new Map<string, string>()
  for await (const { image, imageFile } of cases) files.set(image, imageFile)
  const before = await readDuplicates(workspace)
  const compared = new Set(before.compared)
  // The usual case of a run that brought nothing: not even the hashes are read.
  if (compared.size === files.size && [...files.keys()].every(id => compared.has(id))) return before
  const signatures = await readSignatures(workspace)
  const kept = new Map<string, GreyPicture>()
  const keep = (id: string, grey: GreyPicture) => {
    kept.set(id, grey)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!)
    return grey
  }
  const read = async (id: string) => {
    try {
      return framedGrey(await readPixels(await pictureAt(workspace, files.get(id)!)))
    } catch (error) {
      onProgress?.({
        step: 'reading pictures',
        done: 0,
        total: null,
        problem: { item: id, code: codeOf(error), message: `duplicates: ${messageOf(error)}` },
      })
      return undefined
    }
  }
  const missing = [...files.keys()].filter(id => !signatures.has(id)).sort()
  let waiting: string[] = []
  const putDown = async () => {
    await appendSignatures(workspace, signatures, waiting)
    waiting = []
  }
  for (const [at, id] of missing.entries()) {
    if (signal?.aborted || waiting.length === PUT_DOWN) await putDown()
    signal?.throwIfAborted()
    onProgress?.({ step: 'reading pictures', done: at, total: missing.length })
    const grey = await read(id)
    if (!grey) continue
    signatures.set(id, windowHashes(grey))
    waiting.push(id)
    keep(id, look(grey))
  }
  await putDown()
  const pictures = [...files.keys()]
    .sort()
    .flatMap(id => (signatures.has(id) ? [{ id, hashes: signatures.get(id)! }] : []))
  const found = await findDoubles(
    pictures,
    id => !compared.has(id),
    async id => {
      const known = kept.get(id)
      if (known) return known
      const grey = await read(id)
      return grey && keep(id, look(grey))
    },
    options,
  )
  const isThere = ({ one, other }: DoubleLink) => files.has(one) && files.has(other)
  const known = [...before.links, ...before.apart]
  const added = found
    .filter(({ one, other }) => !known.some(link => joins(link, one, other)))
    .map(({ one, other, bits, whole, tiles, detail, box }): DoubleLink => {
      const evidence = { bits, whole: rounded(whole), tiles: rounded(tiles), detail: rounded(detail) }
      return { one, other, evidence: { ...evidence, box: mapped(box) } }
    })
  const record: DuplicatesRecord = {
    links: [...before.links.filter(isThere), ...added].sort(inOrder),
    apart: before.apart,
    decisions: before.decisions,
    compared: pictures.map(({ id }) => id),
  }
  await writeDuplicates(workspace, record)
  return record
}

/** The picture that a person names by its case or by its own id. @throws LesionloopError `case-unknown`. */
export function imageOf(name: string, cases: readonly Pick<MinedCase, 'id' | 'image'>[]): string {
  const found = cases.find(row => row.id === name || row.image === name)
  if (found) return found.image
  throw new LesionloopError(
    'case-unknown',
    `case: ${name}: no such case or picture; see \`lesionloop duplicates\``,
  )
}

const rounded = (value: number) => Math.round(value * 1000) / 1000
const mapped = (box: DoubleLink['evidence']['box']) => ({
  left: rounded(box.left),
  top: rounded(box.top),
  right: rounded(box.right),
  bottom: rounded(box.bottom),
})
const inOrder = (a: DoubleLink, b: DoubleLink) =>
  a.one < b.one || (a.one === b.one && a.other < b.other) ? -1 : 1
