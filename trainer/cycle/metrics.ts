import type {
  ConfusionMeasure,
  Curve,
  CycleMetrics,
  Measure,
  ShortcutMeasures,
} from '../../data/records/cycle.ts'
import { HEADS, type Head, LESIONS, perLesion, type Side } from '../../data/records/vocabulary.ts'
import { confusion } from '../../data/statistics/confusion.ts'
import { headMeasures } from '../../data/statistics/measures.ts'
import { precisionRecallCurve } from '../../data/statistics/precision-recall.ts'
import { rocCurve } from '../../data/statistics/roc.ts'
import type { HeadSetting } from '../model/trained-model.ts'
import { calibrationMeasures } from './calibration-measures.ts'
import {
  inCovid,
  type Judged,
  judged,
  MEASURED_SIDES,
  type MeasuredSide,
  type MeasureOptions,
  onSide,
} from './judged.ts'
import type { Scored } from './predict.ts'
import { sourceMeasures } from './source-measures.ts'

/** Everything a cycle measures; what can't be measured is n/a with its reason. */
export function measureCycle(
  scored: readonly Scored[],
  heads: readonly HeadSetting[],
  options: MeasureOptions,
): Omit<CycleMetrics, 'warnings'> {
  const thresholds = Object.fromEntries(HEADS.map((head, at) => [head, heads[at]!.threshold])) as Record<
    Head,
    number | null
  >
  const flag: CycleMetrics['flag'] = {}
  const lesions: CycleMetrics['lesions'] = {}
  for (const side of MEASURED_SIDES) {
    const here = onSide(scored, side)
    if (here.length === 0) continue
    const ofFlag = judged(here, 'flag')
    flag[side] = measuresOf(ofFlag, thresholds.flag, options)
    lesions[side] = perLesion(lesion => {
      const within = measuresOf(judged(inCovid(here), lesion), thresholds[lesion], options)
      return {
        ...measuresOf(judged(here, lesion), thresholds[lesion], options),
        'auc within COVID': within.auc,
        'ap within COVID': within.ap,
      }
    })
  }
  return {
    flag,
    lesions,
    curves: { ...curves(scored), loss: [] },
    threshold: thresholds.flag ?? 0.5,
    thresholds,
    bySource: sourceMeasures(scored, thresholds.flag, options),
    calibration: calibrationMeasures(scored),
    confusion: confusions(scored, thresholds),
  }
}

const measuresOf = ({ scores, labels, groups }: Judged, threshold: number | null, options: MeasureOptions) =>
  headMeasures(scores, labels, groups, threshold, options)

/** The flag's curves on test and out of fold, the lesions' on test where it has both classes, else out of fold. */
function curves(scored: readonly Scored[]): Pick<CycleMetrics['curves'], 'roc' | 'precisionRecall'> {
  const roc: Curve[] = []
  const precisionRecall: Curve[] = []
  const add = (name: string, { scores, labels }: Judged) => {
    const points = rocCurve(scores, labels)
    const recalls = precisionRecallCurve(scores, labels)
    if (!points || !recalls) return false
    roc.push({ name, points: thinned(points.map(one => [one.falsePositiveRate, one.truePositiveRate])) })
    precisionRecall.push({ name, points: thinned(recalls.map(one => [one.recall, one.precision])) })
    return true
  }
  const of = (side: MeasuredSide, head: Head) => judged(onSide(scored, side), head)
  add('flag, test', of('test', 'flag'))
  add('flag, out of fold', of('oof', 'flag'))
  for (const lesion of LESIONS)
    if (!add(`${lesion}, test`, of('test', lesion))) add(`${lesion}, out of fold`, of('oof', lesion))
  return { roc, precisionRecall }
}

/** Counts at the operating points of all heads that have one; of lesions within COVID. */
function confusions(scored: readonly Scored[], thresholds: Record<Head, number | null>): ConfusionMeasure[] {
  return MEASURED_SIDES.flatMap(side =>
    HEADS.flatMap((head): ConfusionMeasure[] => {
      const threshold = thresholds[head]
      const here = onSide(scored, side)
      const { scores, labels } = judged(head === 'flag' ? here : inCovid(here), head)
      if (threshold === null || scores.length === 0) return []
      return [{ side, head, threshold, ...confusion(scores, labels, threshold) }]
    }),
  )
}

/** At most 400 points of a curve, its ends among them, to four digits. */
function thinned(points: [number, number][]): [number, number][] {
  const step = Math.max(1, Math.ceil(points.length / 400))
  const kept = points.filter((_, at) => at % step === 0 || at === points.length - 1)
  return kept.map(([x, y]) => [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4])
}

/** With fewer groups than this, an interval by group is hardly one. */
const FEW_GROUPS = 10

/** Warnings a reader of the figures must see. */
export function measureWarnings(
  metrics: Pick<CycleMetrics, 'flag' | 'lesions'>,
  shortcut: ShortcutMeasures | null,
  scored: readonly Scored[],
): string[] {
  const warnings: string[] = []
  const sides: Side[] = ['val', 'test']
  for (const side of sides)
    if (!metrics.flag[side]) warnings.push(`${side}: no case: nothing could be measured there`)
  const groups = new Set(onSide(scored, 'test').map(one => one.case.group)).size
  if (groups > 0 && groups < FEW_GROUPS)
    warnings.push(
      `test: ${groups} patients or documents: too few for the intervals, which are drawn by them, to say much`,
    )
  const missing =
    metrics.lesions.test && LESIONS.filter(lesion => metrics.lesions.test![lesion]['auc']!.value === null)
  if (missing && missing.length > 0)
    warnings.push(`test: ${missing.join(', ')}: n/a, since positives or negatives are missing there`)
  if (shortcut && !gains(shortcut.gain))
    warnings.push(
      `shortcut control: file format, size and grey levels alone reach a test AUC of ${shown(shortcut.shortcut)}, the model ${shown(shortcut.model)}; with the model added the gain is ${shown(shortcut.gain)}: the figures are no evidence that the model reads disease`,
    )
  return warnings
}

/** Whether the model adds to the shortcut: its paired interval lies above nought. */
export const gains = ({ low }: Measure) => low !== null && low > 0

export const shown = ({ value, low, high }: Measure) =>
  value === null
    ? 'n/a'
    : `${value.toFixed(3)}${low === null || high === null ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`}`
