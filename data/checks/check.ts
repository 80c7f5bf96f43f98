import type { DuplicatesRecord } from '../duplicates/record.ts'
import { readDuplicates } from '../duplicates/record.ts'
import type { CaseState } from '../records/case.ts'
import { type CheckFinding, type CheckReport, SEVERITIES, type Severity } from '../records/check.ts'
import type { RunOptions } from '../records/job.ts'
import { caseGroups, exactDoubles } from '../splits/groups.ts'
import { readSplit } from '../splits/keep.ts'
import type { SplitRecord } from '../splits/split.ts'
import type { Workspace } from '../workspace/open.ts'
import { balanceFindings } from './balance.ts'
import { type ExaminedPictures, examinePictures } from './examine.ts'
import { counted, gravestFirst, listed } from './findings.ts'
import { conflictFindings } from './label-conflicts.ts'
import { leakFindings } from './leaks.ts'
import { personalFindings } from './personal.ts'
import { shortcutFindings } from './shortcut.ts'

export interface CheckOptions {
  seed?: number
  /** Resamples of the bootstrap intervals. */
  samples?: number
}

/**
 * Judges a dataset as a reviewer would: leaks across the split, doubles, labels that contradict each other or the
 * captions, balance, the shortcut control, and personal data. Pure: nothing is read or written.
 * @param split the sides; undefined where there are none.
 */
export function checkDataset(
  cases: readonly CaseState[],
  split: SplitRecord | undefined,
  doubles: Pick<DuplicatesRecord, 'links' | 'compared'>,
  pictures: ExaminedPictures,
  { seed = 1, samples = 1000 }: CheckOptions = {},
): CheckReport {
  const ordered = [...cases].sort((one, other) => (one.id < other.id ? -1 : 1))
  const groups = caseGroups(ordered, doubles.links)
  const findings = gravestFirst([
    ...personalFindings(ordered, pictures.burntIn),
    ...leakFindings(ordered, split, doubles.links),
    ...conflictFindings(ordered, doubles.links),
    ...shortcutFindings(ordered, split, groups, pictures.facts, { seed, samples }),
    ...doubleFindings(ordered, doubles),
    ...balanceFindings(ordered, split),
    ...unreadable(pictures),
  ])
  const counts = Object.fromEntries(
    SEVERITIES.map(severity => [severity, findings.filter(found => found.severity === severity).length]),
  ) as Record<Severity, number>
  return { cases: ordered.length, images: new Set(ordered.map(({ image }) => image)).size, findings, counts }
}

/** `checkDataset` of cases of a workspace: its split, its doubles, its pictures. Writes nothing. */
export async function checkWorkspace(
  workspace: Workspace,
  cases: readonly CaseState[],
  options: CheckOptions & RunOptions = {},
): Promise<CheckReport> {
  const pictures = await examinePictures(workspace, cases, options)
  const split = await readSplit(workspace)
  return checkDataset(cases, split, await readDuplicates(workspace), pictures, options)
}

function doubleFindings(
  cases: readonly CaseState[],
  { links, compared }: Pick<DuplicatesRecord, 'links' | 'compared'>,
): CheckFinding[] {
  const found: CheckFinding[] = []
  const looked = new Set(compared)
  const waiting = cases.filter(({ image }) => !looked.has(image))
  if (waiting.length > 0)
    found.push({
      code: 'doubles-not-sought',
      severity: 'warning',
      message: `${counted(waiting.length, 'case')} not yet compared with the others for doubles`,
      todo: 'run `lesionloop duplicates`, then this check again',
      items: [],
    })
  const images = new Set(cases.map(({ image }) => image))
  const here = links.filter(({ one, other }) => images.has(one) && images.has(other))
  const same = exactDoubles(cases)
  if (here.length + same.length > 0) {
    const ids = (image: string) => cases.filter(row => row.image === image).map(({ id }) => id)
    const pairs = [...same, ...here.map(({ one, other }) => [...ids(one), ...ids(other)])]
    found.push({
      code: 'duplicate',
      severity: 'warning',
      message: `${counted(pairs.length, 'group')} of cases that show the same slice: ${listed(pairs.map(pair => pair.join(' = ')))}`,
      todo: 'count each slice once; linked doubles stay on one side of a split made here',
      items: [...new Set(pairs.flat())].sort(),
    })
  }
  return found
}

function unreadable({ unreadable: images }: ExaminedPictures): CheckFinding[] {
  if (images.length === 0) return []
  return [
    {
      code: 'picture-unreadable',
      severity: 'severe',
      message: `${counted(images.length, 'picture')} can't be read`,
      todo: 'see `lesionloop doctor`; import or mine them again',
      items: [...images].sort(),
    },
  ]
}
