import { type DrawnCurve, precisionRecallPlot, rocPlot } from '../../data/plots/curve-plots.ts'
import { renderSvg } from '../../data/plots/render-svg.ts'
import type { Curve } from '../../data/records/cycle.ts'
import { precisionRecallBand, rocBand } from '../../data/statistics/curve-bands.ts'
import { MEASURES } from '../../data/statistics/measures.ts'
import { judged, MEASURED_SIDES, type MeasuredSide, onSide } from '../cycle/judged.ts'
import { figures, paragraph, section, table } from './html.ts'
import { countCell, measureCell, SIDE_NAMES } from './measure-cell.ts'
import type { ReportInput } from './report.ts'

/** Bands need fewer resamples than the intervals in the tables. */
const BAND_SAMPLES = 400

/** The flag: curves with bands, and every measure on every side. */
export function flagSection({ metrics, scored, record }: ReportInput, document: object): string {
  const sides = MEASURED_SIDES.filter(side => metrics.flag[side])
  const drawn = (curves: readonly Curve[], measure: 'auc' | 'ap', band: typeof rocBand) =>
    curves
      .filter(({ name }) => name.startsWith('flag'))
      .map((curve): DrawnCurve => {
        const side: MeasuredSide = curve.name.endsWith('test') ? 'test' : 'oof'
        const value = metrics.flag[side]?.[measure]?.value ?? null
        const { scores, labels, groups } = judged(onSide(scored, side), 'flag')
        return {
          // The same head twice: the second in another colour, so its name begins otherwise.
          name: side === 'test' ? 'flag, test' : 'out of fold',
          points: curve.points,
          ...(value === null ? {} : { note: `${measure.toUpperCase()} ${value.toFixed(3)}` }),
          ...(side === 'test'
            ? { band: band(scores, labels, groups, { samples: BAND_SAMPLES, seed: record.seed }) }
            : {}),
        }
      })
  const roc = renderSvg(
    rocPlot(drawn(metrics.curves.roc, 'auc', rocBand), { title: 'ROC of the COVID flag' }),
    document,
  )
  const recall = renderSvg(
    precisionRecallPlot(drawn(metrics.curves.precisionRecall, 'ap', precisionRecallBand), {
      title: 'precision and recall of the COVID flag',
    }),
    document,
  )
  return section(
    'The COVID flag',
    paragraph(
      `Operating point ${metrics.threshold.toFixed(3)}, chosen on validation. Intervals: 95 %, bootstrap by group (patient, document and linked doubles together). Out of fold: cases outside validation and test, each scored by heads that did not see its group.`,
    ),
    figures(
      { svg: roc, caption: 'ROC; band: 95 % of the test curve, by group.' },
      { svg: recall, caption: 'Precision and recall; band as beside.' },
    ),
    table(
      ['measure', ...sides.map(side => SIDE_NAMES[side])],
      [
        ['positives', ...sides.map(side => countCell(metrics.flag[side]?.['auc']))],
        ...MEASURES.map(name => [
          LABELS[name] ?? name,
          ...sides.map(side => measureCell(metrics.flag[side]?.[name])),
        ]),
      ],
    ),
    sourceTable(metrics.bySource ?? []),
  )
}

const LABELS: Record<string, string> = { auc: 'AUC', ap: 'average precision', f1: 'F1' }

function sourceTable(rows: NonNullable<ReportInput['metrics']['bySource']>): string {
  if (rows.length === 0) return ''
  return `<h3>AUC by source and by file format</h3>${table(
    ['cases', 'side', 'positives', 'AUC of the flag'],
    rows.map(({ side, by, name, auc }) => [
      by === 'format' ? `${name} files` : name,
      SIDE_NAMES[side],
      countCell(auc),
      measureCell(auc),
    ]),
  )}`
}
