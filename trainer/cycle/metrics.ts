import type {
  CalibrationMeasure,
  Curve,
  CycleMetrics,
  Measure,
  ShortcutMeasures,
  SourceMeasure,
} from '../../data/records/cycle.ts'
import { HEADS, type Head, LESIONS, perLesion, type Side } from '../../data/records/vocabulary.ts'
import { expectedCalibrationError, reliabilityBins } from '../../data/statistics/calibration.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { headMeasures } from '../../data/statistics/measures.ts'
import { precisionRecallCurve } from '../../data/statistics/precision-recall.ts'
import { rocCurve } from '../../data/statistics/roc.ts'
import type { HeadSetting } from '../model/trained-model.ts'
import type { Scored } from './predict.ts'
import { formatOf } from './shortcut.ts'

export interface MeasureOptions {
  samples: number
  seed: number
}

/** Scores and truths of one head, of the cases where the truth is known. */
export interface Judged {
  scores: number[]
  labels: number[]
  groups: string[]
  /** Before calibration. */
  raw: number[]
}

/** Sides cases are measured on: `oof` is what lies outside validation and test, by heads that did not see it. */
export const MEASURED_SIDES = ['oof', 'val', 'test'] as const
export type MeasuredSide = (typeof MEASURED_SIDES)[number]

export const onSide = (scored: readonly Scored[], side: MeasuredSide) =>
  scored.filter(one => (side === 'oof' ? one.fold !== null : one.case.side === side))

export function judged(scored: readonly Scored[], head: Head): Judged {
  const at = HEADS.indexOf(head)
  const known = scored.filter(one => one.case.truth[at]!.value !== null)
  return {
    scores: known.map(one => one.probabilities[at]!),
    labels: known.map(one => one.case.truth[at]!.value as number),
    groups: known.map(one => one.case.group),
    raw: known.map(one => sigmoid(one.logits[at]!)),
  }
}

const inCovid = (scored: readonly Scored[]) => scored.filter(one => one.case.truth[0]!.value === 1)

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
    bySource: bySource(scored, options),
    calibration: calibrations(scored),
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

/** At most 400 points of a curve, its ends among them, to four digits. */
function thinned(points: [number, number][]): [number, number][] {
  const step = Math.max(1, Math.ceil(points.length / 400))
  const kept = points.filter((_, at) => at % step === 0 || at === points.length - 1)
  return kept.map(([x, y]) => [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4])
}

/** A workspace may hold thousands of documents. */
const MOST_SOURCES = 12

/** The flag's AUC within each source (the largest ones) and within each file format. */
function bySource(scored: readonly Scored[], options: MeasureOptions): SourceMeasure[] {
  const found: SourceMeasure[] = []
  for (const side of ['test', 'oof'] as const)
    for (const by of ['source', 'format'] as const) {
      const nameOf = ({ case: { state } }: Scored) =>
        by === 'source' ? state.source.name : formatOf(state.imageFile)
      const here = onSide(scored, side)
      for (const name of largest(here.map(nameOf))) {
        const { scores, labels, groups } = judged(
          here.filter(one => nameOf(one) === name),
          'flag',
        )
        found.push({ side, by, name, auc: headMeasures(scores, labels, groups, null, options).auc })
      }
    }
  return found
}

/** The names that occur most often, at most as many as a table shows, in the order of the alphabet. */
function largest(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts.keys()]
    .sort((one, other) => counts.get(other)! - counts.get(one)! || (one < other ? -1 : 1))
    .slice(0, MOST_SOURCES)
    .sort()
}

function calibrations(scored: readonly Scored[]): CalibrationMeasure[] {
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6)
  return (['oof', 'test'] as const).flatMap(side =>
    HEADS.flatMap((head): CalibrationMeasure[] => {
      // Lesions are learned within COVID, so that is what their probabilities are of.
      const here = onSide(scored, side)
      const { scores, labels, raw } = judged(head === 'flag' ? here : inCovid(here), head)
      if (new Set(labels).size < 2) return []
      return [
        {
          side,
          head,
          before: rounded(expectedCalibrationError(raw, labels)),
          after: rounded(expectedCalibrationError(scores, labels)),
          bins: reliabilityBins(scores, labels),
        },
      ]
    }),
  )
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
