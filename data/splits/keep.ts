import { checked, readJsonIfThere, writeJson } from '../workspace/files.ts'
import { acquireLock } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import type { LinkedDouble } from './groups.ts'
import {
  extendSplit,
  officialSplit,
  type SplitCase,
  type SplitOptions,
  type SplitRecord,
  splitRecord,
  stratifiedSplit,
} from './split.ts'

/** The split on the disk; undefined where none was made yet. @throws LesionloopError `file-damaged`, `file-invalid`. */
export async function readSplit(workspace: Workspace): Promise<SplitRecord | undefined> {
  const content = await readJsonIfThere<unknown>(workspace.paths.splits)
  if (content === undefined) return undefined
  return checked(
    splitRecord,
    content,
    `split: ${workspace.paths.splits}`,
    'move the file away; the next run makes a new split',
  )
}

/** Doubles linked so far; none where nobody looked. */
export async function readDoubles(workspace: Workspace): Promise<LinkedDouble[]> {
  const content = await readJsonIfThere<{ links?: LinkedDouble[] }>(workspace.paths.duplicates)
  return content?.links ?? []
}

/**
 * The split as it stands for these cases: the one on the disk with new cases taken in; where there is none, the
 * dataset's own where a case has an official side, else a new one by group. Writes nothing.
 */
export async function currentSplit(
  workspace: Workspace,
  cases: readonly SplitCase[],
  options: Omit<SplitOptions, 'doubles'> = {},
): Promise<SplitRecord> {
  const doubles = await readDoubles(workspace)
  const kept = await readSplit(workspace)
  if (kept) return extendSplit(kept, cases, doubles)
  if (cases.some(row => row.officialSide)) return officialSplit(cases, { ...options, doubles })
  return stratifiedSplit(cases, { ...options, doubles })
}

/**
 * `currentSplit` for what learns: where there was no split yet it is written down, under the `cases` lock, so that a side
 * drawn by today's labels still holds when there are more of them.
 * @param cases all of the workspace, of any kind. @throws LesionloopError `lock-held` where cases are being taken in.
 */
export async function settledSplit(workspace: Workspace, cases: readonly SplitCase[]): Promise<SplitRecord> {
  if (!(await readSplit(workspace))) {
    const lock = await acquireLock(workspace, 'cases')
    try {
      // Another may have written it since.
      if (!(await readSplit(workspace)))
        await writeJson(workspace.files, workspace.paths.splits, await currentSplit(workspace, cases))
    } finally {
      await lock.release()
    }
  }
  return currentSplit(workspace, cases)
}

/** Brings splits.json up to date with the cases (after mining or an import). Needs the `cases` lock. */
export async function renewSplit(
  workspace: Workspace,
  cases: AsyncIterable<SplitCase>,
  options: Omit<SplitOptions, 'doubles'> = {},
): Promise<SplitRecord> {
  const all: SplitCase[] = []
  for await (const row of cases) all.push(row)
  const split = await currentSplit(workspace, all, options)
  await writeJson(workspace.files, workspace.paths.splits, split)
  return split
}
