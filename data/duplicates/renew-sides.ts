import type { RunOptions } from '../records/job.ts'
import { renewSplit } from '../splits/keep.ts'
import type { SplitCase, SplitRecord } from '../splits/split.ts'
import type { Workspace } from '../workspace/open.ts'
import {
  type DoubleDecision,
  type DuplicatesRecord,
  decide,
  readDuplicates,
  writeDuplicates,
} from './record.ts'
import { imageOf, updateDuplicates } from './update.ts'

type SidedCase = SplitCase & { imageFile: string }

/** What became of the sides when cases came in. */
export interface RenewedSides {
  split: SplitRecord
  /** Pairs of pictures that show one slice, linked now and not before. */
  linked: number
  /** Cases that changed sides, in words. */
  moved: string[]
}

/**
 * What is done whenever cases came in: new pictures are compared with all, then every case gets its side, so that doubles
 * are on one side from the beginning. What a killed run left undone is done by the next. Needs the `cases` lock.
 * @param options.duplicates false: pictures are left for another time; the links that are there still count.
 */
export async function renewSides(
  workspace: Workspace,
  cases: () => AsyncIterable<SidedCase>,
  { duplicates = true, ...run }: RunOptions & { duplicates?: boolean } = {},
): Promise<RenewedSides> {
  const before = new Set((await readDuplicates(workspace)).links.map(nameOf))
  const links = duplicates ? (await updateDuplicates(workspace, cases(), run)).links : []
  const split = await renewSplit(workspace, cases())
  const moved = split.warnings.filter(({ code }) => code === 'moved').map(({ message }) => message)
  return { split, linked: links.filter(link => !before.has(nameOf(link))).length, moved }
}

/**
 * Takes in a person's word on two cases and brings the sides up to date. Needs the `cases` lock.
 * @param said `one` and `other` are ids of cases or of pictures.
 * @throws LesionloopError `case-unknown`, `double-unknown`.
 */
export async function decidePair(
  workspace: Workspace,
  cases: () => AsyncIterable<SidedCase>,
  said: Omit<DoubleDecision, 'at'>,
  at: Date,
): Promise<{ record: DuplicatesRecord; split: SplitRecord }> {
  const rows: Pick<SidedCase, 'id' | 'image'>[] = []
  for await (const { id, image } of cases()) rows.push({ id, image })
  const pair = { one: imageOf(said.one, rows), other: imageOf(said.other, rows) }
  const record = decide(await readDuplicates(workspace), { ...said, ...pair }, at)
  await writeDuplicates(workspace, record)
  return { record, split: await renewSplit(workspace, cases()) }
}

const nameOf = ({ one, other }: { one: string; other: string }) => `${one} ${other}`
