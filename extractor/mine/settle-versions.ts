import type { MinedCase } from '../../data/records/case.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { readSplit } from '../../data/splits/keep.ts'
import type { Store } from '../../data/stores/store.ts'
import { listDocuments, writeDocument } from '../../data/workspace/documents.ts'
import { writeJson } from '../../data/workspace/files.ts'
import { readPixels } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { screened } from '../../data/workspace/screening.ts'
import { lookOf, matchVersions, type PictureLook } from './match-versions.ts'

/** What became of a preprint's cases with its newest version. */
export interface VersionChange {
  document: string
  replaces: string[]
  /** Cases that show the same picture, the earlier one first, and whether the caption is another. */
  carried: { from: string; to: string; isCaptionChanged: boolean; labels: number }[]
  added: string[]
  gone: string[]
  /** Earlier cases with labels, or figures with corrections, that have no place in the newest version. */
  notCarried: { case: string; labels: number; reason: string }[]
}

export interface SettleResult {
  /** Preprints with more than one version whose cases changed by this. */
  versions: VersionChange[]
  /** Documents whose cases were marked as withdrawn or retracted, or are so no more. */
  marked: string[]
}

export interface SettleOptions extends RunOptions {
  cases: Pick<Store['cases'], 'put' | 'mined'>
  acts: Pick<Store['acts'], 'ofCase'>
}

/**
 * Brings the cases in line with what is known of their documents. Of several versions of a preprint the newest one's
 * cases count: each takes over what experts did at the same picture of an earlier version, whose cases go out of all
 * lists and stay readable. Nothing is copied: the journal stays as it is, and a case only names those it supersedes.
 * A document that was taken back marks its cases. The same however often it is run. Needs the `documents` and `cases` locks.
 */
export async function settleVersions(workspace: Workspace, options: SettleOptions): Promise<SettleResult> {
  const papers = new Map<string, DocumentRecord[]>()
  for await (const record of listDocuments(workspace)) {
    const paper = record.doi !== undefined && record.version !== undefined ? `doi ${record.doi}` : record.id
    papers.set(paper, [...(papers.get(paper) ?? []), record])
  }
  const open = [...papers.values()].filter(
    records => records.length > 1 || records.some(record => record.withdrawn || record.supersededBy),
  )
  const result: SettleResult = { versions: [], marked: [] }
  if (open.length === 0) return result
  const wanted = new Set(open.flat().map(record => record.id))
  const mined = await options.cases.mined(document => wanted.has(document))
  const casesOf = (record: DocumentRecord) => mined.get(record.id)?.cases ?? []
  const sides = new Map<string, string>()
  for (const [i, records] of open.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({ step: 'versions', done: i, total: open.length, detail: records[0]!.id })
    await settlePaper(workspace, records, casesOf, sides, options, result)
  }
  await keepSides(workspace, sides)
  options.onProgress?.({ step: 'versions', done: open.length, total: open.length })
  return result
}

async function settlePaper(
  workspace: Workspace,
  records: readonly DocumentRecord[],
  casesOf: (record: DocumentRecord) => MinedCase[],
  sides: Map<string, string>,
  options: SettleOptions,
  result: SettleResult,
): Promise<void> {
  const sorted = records.toSorted((one, other) => (other.version ?? 0) - (one.version ?? 0))
  // A notice of withdrawal has no figures: it takes no version's place, but marks them all.
  const newest = sorted.find(record => !record.withdrawn || casesOf(record).length > 0) ?? sorted[0]!
  const earlier = sorted.filter(record => record !== newest && (record.version ?? 0) < (newest.version ?? 0))
  const withdrawn = sorted.find(record => record.withdrawn)?.withdrawn
  const own = casesOf(newest).map(each => ({ ...each }))
  const shown = own.filter(each => !each.drawn)
  const change: VersionChange = {
    document: newest.id,
    replaces: earlier.map(record => record.id),
    carried: [],
    added: [],
    gone: [],
    notCarried: [],
  }
  const look = pictureLooks(workspace)
  const ancestors = new Map<string, string[]>()
  for (const [i, record] of earlier.entries()) {
    const before = casesOf(record)
    const matched = await matchVersions(before, shown, look)
    for (const [now, then] of matched) {
      ancestors.set(now, [...(ancestors.get(now) ?? []), then])
      sides.set(now, then)
      if (i > 0) continue
      const [one, other] = [shown.find(each => each.id === now)!, before.find(each => each.id === then)!]
      change.carried.push({
        from: then,
        to: now,
        isCaptionChanged: one.caption !== other.caption,
        labels: await labelsAt(options, then),
      })
    }
    const kept = new Set(matched.values())
    for (const each of before) {
      if (kept.has(each.id)) continue
      if (i === 0) change.gone.push(each.id)
      const labels = await labelsAt(options, each.id)
      if (labels > 0)
        change.notCarried.push({ case: each.id, labels, reason: `no picture like it in ${newest.id}` })
    }
  }
  for (const each of own) {
    const superseded = each.drawn ? undefined : ancestors.get(each.id)
    if (superseded) each.supersedes = superseded
    else delete each.supersedes
    delete each.supersededBy
    if (superseded === undefined && !each.drawn && earlier.length > 0) change.added.push(each.id)
  }
  const changed = await putMarked(casesOf(newest), own, newest, withdrawn, options)
  if (changed.marked) result.marked.push(newest.id)
  let isNew = changed.any && earlier.length > 0
  await markRecord(workspace, newest, undefined, withdrawn)
  for (const record of sorted) {
    if (record === newest) continue
    const isEarlier = earlier.includes(record)
    const cases = casesOf(record).map(
      ({ supersededBy: _before, ...each }): MinedCase => ({
        ...each,
        ...(isEarlier ? { supersededBy: newest.id } : {}),
      }),
    )
    const then = await putMarked(casesOf(record), cases, record, withdrawn, options)
    if (then.marked) result.marked.push(record.id)
    if (then.any) isNew = true
    const isFirst = await markRecord(workspace, record, isEarlier ? newest.id : undefined, withdrawn)
    if (isEarlier && isFirst) {
      isNew = true
      await screened(workspace, [
        {
          document: record.id,
          ...(record.title ? { title: record.title } : {}),
          source: record.server ?? 'files',
          outcome: 'superseded',
          reason: `version ${newest.version} is in its place`,
        },
      ])
    }
  }
  if (isNew && earlier.length > 0) result.versions.push(change)
}

/** Puts a document's cases where they are others than before; each with the mark of its document. */
async function putMarked(
  before: readonly MinedCase[],
  cases: readonly MinedCase[],
  record: DocumentRecord,
  withdrawn: DocumentRecord['withdrawn'],
  options: SettleOptions,
): Promise<{ any: boolean; marked: boolean }> {
  const marked = cases.map(
    ({ withdrawn: _before, ...each }): MinedCase => ({
      ...each,
      ...(withdrawn ? { withdrawn } : {}),
    }),
  )
  const wasMarked =
    JSON.stringify(before.map(each => each.withdrawn)) !== JSON.stringify(marked.map(each => each.withdrawn))
  const any = sorted(before) !== sorted(marked)
  if (any) await options.cases.put(record.id, marked)
  return { any, marked: wasMarked }
}

/** Cases as text, whatever the order in which their fields were set. */
const sorted = (cases: readonly MinedCase[]) =>
  JSON.stringify(cases.map(each => Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1))))

async function markRecord(
  workspace: Workspace,
  record: DocumentRecord,
  supersededBy: string | undefined,
  withdrawn: DocumentRecord['withdrawn'],
): Promise<boolean> {
  const isSame =
    record.supersededBy === supersededBy && JSON.stringify(record.withdrawn) === JSON.stringify(withdrawn)
  if (isSame) return false
  const { supersededBy: _by, withdrawn: _withdrawn, ...rest } = record
  await writeDocument(workspace, {
    ...rest,
    ...(supersededBy ? { supersededBy } : {}),
    ...(withdrawn ? { withdrawn } : {}),
  })
  return record.supersededBy !== supersededBy
}

/** People's labels at a case, those taken back too: what a curator wants to know is whether somebody worked on it. */
async function labelsAt({ acts }: SettleOptions, id: string): Promise<number> {
  const own = await acts.ofCase(id)
  return own.filter(({ act }) => act.kind === 'label' || act.kind === 'adjudicate').length
}

function pictureLooks(workspace: Workspace) {
  const looks = new Map<string, Promise<PictureLook | undefined>>()
  return (of: MinedCase) => {
    // A picture that is missing or damaged is like none; the doctor tells of it.
    const known =
      looks.get(of.image) ??
      pictureAt(workspace, of.imageFile)
        .then(readPixels)
        .then(lookOf)
        .catch(() => undefined)
    looks.set(of.image, known)
    return known
  }
}

/** A picture that was learned from in an earlier version must not come to the test side with the newer one. */
async function keepSides(workspace: Workspace, sides: ReadonlyMap<string, string>): Promise<void> {
  const split = sides.size > 0 ? await readSplit(workspace) : undefined
  if (!split) return
  const more = [...sides].flatMap(([now, then]) => {
    const place = split.cases[then]
    return place && split.cases[now]?.side !== place.side ? [[now, place] as const] : []
  })
  if (more.length === 0) return
  await writeJson(workspace.files, workspace.paths.splits, {
    ...split,
    cases: { ...split.cases, ...Object.fromEntries(more) },
  })
}
