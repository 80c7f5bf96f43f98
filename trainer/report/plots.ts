import { calibrationPlot } from '../../data/plots/calibration-plot.ts'
import { confusionPlot } from '../../data/plots/confusion-plot.ts'
import {
  aucPlot,
  type DrawnCurve,
  lossPlot,
  precisionRecallPlot,
  rocPlot,
} from '../../data/plots/curve-plots.ts'
import { type IntervalRow, intervalPlot } from '../../data/plots/interval-plot.ts'
import { pairPlot } from '../../data/plots/pair-plot.ts'
import type { ThemeName } from '../../data/plots/palette.ts'
import type { PlotSpec } from '../../data/plots/render-svg.ts'
import type { Curve, CycleMetrics, Measure } from '../../data/records/cycle.ts'
import { LESIONS } from '../../data/records/vocabulary.ts'
import { SIDE_NAMES } from './measure-cell.ts'
import type { ReportData } from './report-data.ts'

/** The plots of a report by their file names, without those there is nothing to draw for. */
export const PLOT_NAMES = [
  'flag-roc',
  'flag-precision-recall',
  'flag-confusion',
  'shortcut',
  'lesions-roc',
  'lesions-precision-recall',
  'lesion-pairs',
  'calibration-test',
  'calibration-out-of-fold',
  'loss',
  'auc-by-epoch',
] as const
export type PlotName = (typeof PLOT_NAMES)[number]

/** Every plot of a report as a specification. */
export function reportPlots(
  metrics: CycleMetrics,
  data: ReportData,
  theme: ThemeName = 'light',
): Map<PlotName, PlotSpec> {
  const plots = new Map<PlotName, PlotSpec>()
  const add = (name: PlotName, spec: PlotSpec | null) => spec && plots.set(name, spec)
  const { roc, precisionRecall, loss, auc = [] } = metrics.curves
  const flagRoc = flagCurves(roc, metrics, 'auc', data.bands.roc)
  const flagRecall = flagCurves(precisionRecall, metrics, 'ap', data.bands.precisionRecall)
  if (flagRoc.length > 0) {
    add('flag-roc', rocPlot(flagRoc, { theme, title: 'ROC of the COVID flag' }))
    add(
      'flag-precision-recall',
      precisionRecallPlot(flagRecall, { theme, title: 'precision and recall of the COVID flag' }),
    )
  }
  const confusion = metrics.confusion?.find(one => one.head === 'flag' && one.side === data.side)
  if (confusion)
    add(
      'flag-confusion',
      confusionPlot(confusion, {
        theme,
        title: `calls of the flag at its operating point, ${SIDE_NAMES[data.side]}`,
        positive: 'COVID-19',
        negative: 'not',
      }),
    )
  const shortcut = shortcutRows(metrics)
  if (shortcut.length > 0)
    add(
      'shortcut',
      intervalPlot(shortcut, {
        theme,
        title: 'the model beside the shortcut',
        label: 'AUC of the flag',
        mark: 0.5,
      }),
    )
  const lesionRoc = lesionCurves(roc, metrics, 'auc')
  if (lesionRoc.length > 0) {
    add('lesions-roc', rocPlot(lesionRoc, { theme, title: 'ROC of the lesions' }))
    add(
      'lesions-precision-recall',
      precisionRecallPlot(lesionCurves(precisionRecall, metrics, 'ap'), {
        theme,
        title: 'precision and recall of the lesions',
      }),
    )
  }
  if (data.pairs.length > 0) add('lesion-pairs', pairPlot(data.pairs, { theme }))
  for (const side of ['test', 'oof'] as const) {
    const of = metrics.calibration?.find(one => one.head === 'flag' && one.side === side)
    if (!of) continue
    const note = (value: number | null) => (value === null ? '' : `ECE ${value.toFixed(3)}`)
    add(
      side === 'test' ? 'calibration-test' : 'calibration-out-of-fold',
      calibrationPlot(
        [
          ...(of.binsBefore ? [{ name: 'before', bins: of.binsBefore, note: note(of.before) }] : []),
          { name: 'flag, calibrated', bins: of.bins, note: note(of.after) },
        ],
        { theme, title: `calibration of the flag, ${SIDE_NAMES[side]}` },
      ),
    )
  }
  if (loss.length > 0) add('loss', lossPlot(loss, { theme, title: 'loss over the epochs', height: 300 }))
  if (auc.length > 0) add('auc-by-epoch', aucPlot(auc, { theme, height: 300 }))
  return plots
}

/** The flag on test and out of fold, the first with its band. */
function flagCurves(
  curves: readonly Curve[],
  { flag }: CycleMetrics,
  measure: 'auc' | 'ap',
  band: ReportData['bands']['roc'],
): DrawnCurve[] {
  return curves
    .filter(({ name }) => name.startsWith('flag'))
    .map(curve => {
      const side = curve.name.endsWith('test') ? 'test' : 'oof'
      const value = flag[side]?.[measure]?.value ?? null
      return {
        // The same head twice: the second in another colour, so its name begins otherwise.
        name: side === 'test' ? 'flag, test' : 'out of fold',
        points: curve.points,
        ...(value === null ? {} : { note: `${measure.toUpperCase()} ${value.toFixed(3)}` }),
        ...(side === 'test' && band.length > 0 ? { band } : {}),
      }
    })
}

function lesionCurves(curves: readonly Curve[], metrics: CycleMetrics, measure: 'auc' | 'ap'): DrawnCurve[] {
  return curves
    .filter(({ name }) => !name.startsWith('flag'))
    .map(curve => {
      const lesion = LESIONS.find(one => curve.name.startsWith(one))!
      const side = curve.name.endsWith('test') ? 'test' : 'oof'
      const value = metrics.lesions[side]?.[lesion]?.[measure]?.value ?? null
      return value === null ? curve : { ...curve, note: `${measure.toUpperCase()} ${value.toFixed(2)}` }
    })
}

/** Model, shortcut and both; and within each format where both classes have it. */
function shortcutRows({ shortcut }: CycleMetrics): IntervalRow[] {
  if (!shortcut) return []
  const row = (name: string, { value, low, high }: Measure, strong = false): IntervalRow[] =>
    value === null ? [] : [{ name, value, low, high, strong }]
  return [
    ...row('model', shortcut.model, true),
    ...row('shortcut alone', shortcut.shortcut),
    ...row('both together', shortcut.together),
    ...(shortcut.within ?? []).flatMap(({ format, model, shortcut: alone }) => [
      ...row(`model, ${format} files only`, model, true),
      ...row(`shortcut, ${format} files only`, alone),
    ]),
  ]
}
