import { join } from 'node:path'
import type { ExportRow } from '../formats/export-row.ts'
import { jsonLines } from '../formats/jsonl-import.ts'
import { HEADS, type Head, type Side } from '../records/vocabulary.ts'
import type { Workspace } from '../workspace/open.ts'
import { CASES, readManifest } from './freeze.ts'

export interface HeadChange {
  head: Head
  /** null: masked. */
  from: string | null
  to: string | null
}

/** What tells two frozen versions apart; lists are sorted by case. */
export interface DatasetDiff {
  before: string
  after: string
  added: string[]
  removed: string[]
  relabelled: { case: string; changes: HeadChange[] }[]
  moved: { case: string; from: Side | null; to: Side | null }[]
  /** Cases whose picture is another. */
  repictured: string[]
  /** Cases of a newer version of a preprint that took the place of one of the earlier: neither added nor removed. */
  superseded: { case: string; before: string }[]
  /** How many relabelled cases went from what to what, by head: "flag: positive → negative". */
  byHead: Record<string, number>
  unchanged: number
}

/** What of a row the comparison keeps in memory. */
interface Kept {
  said: (string | null)[]
  side: Side | null
  image: string
  supersedes: readonly string[]
}

/** Compares two frozen versions, case by case. @throws LesionloopError `dataset-unknown`. */
export async function diffDatasets(
  workspace: Workspace,
  before: string,
  after: string,
): Promise<DatasetDiff> {
  const old = await casesOf(workspace, before)
  const now = await casesOf(workspace, after)
  // The case before of each case after: itself, or the one of an earlier version that it took the place of.
  const pairs = new Map<string, string>()
  const free = new Set([...old.keys()].filter(id => !now.has(id)))
  for (const [id, { supersedes }] of now) {
    const earlier = old.has(id) ? id : supersedes.find(other => free.has(other))
    if (earlier === undefined) continue
    pairs.set(id, earlier)
    free.delete(earlier)
  }
  const diff: DatasetDiff = {
    before,
    after,
    added: [...now.keys()].filter(id => !pairs.has(id)).sort(),
    removed: [...free].sort(),
    relabelled: [],
    moved: [],
    repictured: [],
    superseded: [],
    byHead: {},
    unchanged: 0,
  }
  for (const [id, earlier] of [...pairs].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [one, other] = [old.get(earlier)!, now.get(id)!]
    if (id !== earlier) diff.superseded.push({ case: id, before: earlier })
    const changes = HEADS.flatMap((head, at): HeadChange[] => {
      const [from, to] = [one.said[at] ?? null, other.said[at] ?? null]
      return from === to ? [] : [{ head, from, to }]
    })
    if (changes.length > 0) diff.relabelled.push({ case: id, changes })
    for (const { head, from, to } of changes) {
      const key = `${head}: ${from ?? 'masked'} → ${to ?? 'masked'}`
      diff.byHead[key] = (diff.byHead[key] ?? 0) + 1
    }
    if (one.side !== other.side) diff.moved.push({ case: id, from: one.side, to: other.side })
    if (one.image !== other.image) diff.repictured.push(id)
    if (id === earlier && changes.length === 0 && one.side === other.side && one.image === other.image)
      diff.unchanged++
  }
  return diff
}

async function casesOf(workspace: Workspace, name: string): Promise<Map<string, Kept>> {
  await readManifest(workspace, name)
  const cases = new Map<string, Kept>()
  const path = join(workspace.paths.dataset(name), CASES)
  await workspace.shared?.fetch(path)
  for await (const { content } of jsonLines(path)) {
    const row = content as ExportRow
    cases.set(row.id, {
      said: HEADS.map(head => (head === 'flag' ? row.flag.value : row.lesions[head].value)),
      side: row.side,
      image: row.image.id,
      // Versions frozen before rows told it have none.
      supersedes: row.provenance.supersedes ?? [],
    })
  }
  return cases
}
