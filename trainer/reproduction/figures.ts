import { HEADS } from '../../data/records/vocabulary.ts'
import { type BootstrapInterval, bootstrapEach } from '../../data/statistics/bootstrap.ts'
import { chooseThreshold, confusion, confusionMetrics } from '../../data/statistics/confusion.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { auc, aucOf } from '../../data/statistics/roc.ts'
import type { LossName } from '../model/losses/losses.ts'
import type { SplitName } from './covid-ct-examples.ts'
import type { JudgedPicture, RunRecord } from './run-record.ts'

/** Runs that differ by their seed only. */
export interface Arm {
  split: SplitName
  backbone: string
  loss: LossName
  runs: RunRecord[]
}

/** The runs there are, by split, backbone and loss, in the order of seeds. */
export function arms(records: readonly RunRecord[]): Arm[] {
  const found = new Map<string, Arm>()
  for (const run of [...records].sort((one, other) => one.seed - other.seed)) {
    const { split, backbone, loss } = run
    const key = [split, backbone, loss].join(' ')
    const arm = found.get(key) ?? { split, backbone, loss, runs: [] }
    arm.runs.push(run)
    found.set(key, arm)
  }
  return [...found.values()]
}

export interface FlagFigures {
  accuracy: number | null
  f1: number | null
  auc: number | null
  sensitivity: number | null
  /** What becomes of the AUC when it is computed of calls instead of scores, as the released code does. */
  thresholdedAuc: number | null
}

/** The flag of one set of judged pictures on test; the threshold is chosen on validation (Youden). */
export function flagFigures(pictures: readonly JudgedPicture[]): FlagFigures {
  const side = (name: JudgedPicture['side']) => {
    const found = pictures.filter(one => one.side === name)
    return {
      scores: found.map(one => sigmoid(one.logits[0]!)),
      labels: found.map(one => one.truth[0]!),
    }
  }
  const [val, test] = [side('val'), side('test')]
  const threshold = chooseThreshold(val.scores, val.labels) ?? 0.5
  const { accuracy, f1, sensitivity, specificity } = confusionMetrics(
    confusion(test.scores, test.labels, threshold),
  )
  return {
    accuracy,
    f1,
    auc: auc(test.scores, test.labels),
    sensitivity,
    thresholdedAuc: sensitivity === null || specificity === null ? null : (sensitivity + specificity) / 2,
  }
}

/** The mean logits of all seeds: the ensemble of an arm. Pictures every seed has judged. */
export function ensemble({ runs }: Arm): JudgedPicture[] {
  const first = runs[0]?.pictures ?? []
  const others = runs.slice(1).map(run => new Map(run.pictures.map(one => [one.id, one])))
  return first.flatMap(picture => {
    const rows = [picture, ...others.map(of => of.get(picture.id))]
    if (rows.some(row => row === undefined)) return []
    const logits = HEADS.map(
      (_, head) => rows.reduce((sum, row) => sum + row!.logits[head]!, 0) / rows.length,
    )
    return [{ ...picture, logits }]
  })
}

const test = (pictures: readonly JudgedPicture[]) => pictures.filter(one => one.side === 'test')

/** AUC of the flag on test with its interval, whole groups drawn, or single pictures. */
export function aucInterval(pictures: readonly JudgedPicture[], by: 'group' | 'image'): BootstrapInterval {
  const rows = test(pictures)
  return bootstrapEach(
    rows.map(one => (by === 'group' ? one.group : one.id)),
    {
      auc: aucOf(
        rows.map(one => one.logits[0]!),
        rows.map(one => one.truth[0]!),
      ),
    },
  ).auc
}

/** AUC of one set of pictures minus that of another on the same pictures, with its paired interval by group. */
export function aucDifference(
  one: readonly JudgedPicture[],
  other: readonly JudgedPicture[],
): BootstrapInterval {
  const beside = new Map(other.map(row => [row.id, row]))
  const rows = test(one).filter(row => beside.has(row.id))
  const labels = rows.map(row => row.truth[0]!)
  const first = aucOf(
    rows.map(row => row.logits[0]!),
    labels,
  )
  const second = aucOf(
    rows.map(row => beside.get(row.id)!.logits[0]!),
    labels,
  )
  return bootstrapEach(
    rows.map(row => row.group),
    {
      difference: weights => {
        const [a, b] = [first(weights), second(weights)]
        return a === null || b === null ? null : a - b
      },
    },
  ).difference
}

/** AUC of each lesion on test, over all pictures and among those of COVID; null where there is no positive. */
export function lesionFigures(pictures: readonly JudgedPicture[]) {
  const of = (rows: readonly JudgedPicture[], head: number) =>
    auc(
      rows.map(row => row.logits[head]!),
      rows.map(row => row.truth[head]!),
    )
  const rows = test(pictures)
  const covid = rows.filter(row => row.truth[0] === 1)
  return HEADS.slice(1).map((lesion, at) => ({
    lesion,
    positives: rows.filter(row => row.truth[at + 1] === 1).length,
    all: of(rows, at + 1),
    withinCovid: of(covid, at + 1),
  }))
}

/** Mean and standard deviation (of a sample) of what is there; null of nothing. */
export function spread(values: readonly (number | null)[]): { mean: number; sd: number | null } | null {
  const there = values.flatMap(value => value ?? [])
  if (there.length === 0) return null
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length
  const square = there.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, sd: there.length > 1 ? Math.sqrt(square / (there.length - 1)) : null }
}
