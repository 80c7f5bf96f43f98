import type { CycleMetrics } from '../../data/records/cycle.ts'
import { MEASURES } from '../../data/statistics/measures.ts'
import { MEASURED_SIDES } from '../cycle/judged.ts'
import { paragraph, section, table } from './html.ts'
import { countCell, measureCell, SIDE_NAMES } from './measure-cell.ts'
import { type DrawnReport, plotFigures } from './view.ts'

/** The flag: curves with bands, calls, and every measure on every side. */
export function flagSection({ metrics, plots, data }: DrawnReport): string {
  const sides = MEASURED_SIDES.filter(side => metrics.flag[side])
  return section(
    'The COVID flag',
    paragraph(
      `Operating point ${metrics.threshold.toFixed(3)}, chosen on validation where it has both classes. Intervals: 95 %, bootstrap by group (patient, document and linked doubles together). Out of fold: cases outside validation and test, each scored by heads that did not see its group.`,
    ),
    plotFigures(plots, [
      { plot: 'flag-roc', caption: 'ROC; band: 95 % of the test curve, by group.' },
      { plot: 'flag-precision-recall', caption: 'Precision and recall; band as beside.' },
      {
        plot: 'flag-confusion',
        caption: `Calls at the operating point, ${SIDE_NAMES[data.side]}; shares are of each row.`,
      },
    ]),
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
    confusionTable(metrics),
    sourceTable(metrics.bySource ?? []),
  )
}

const LABELS: Record<string, string> = { auc: 'AUC', ap: 'average precision', f1: 'F1' }

function confusionTable({ confusion = [] }: CycleMetrics): string {
  if (confusion.length === 0) return ''
  return `<h3>Calls at the operating points</h3>${table(
    ['head', 'side', 'operating point', 'found', 'missed', 'called wrongly', 'rightly not called'],
    confusion.map(one => [
      one.head,
      SIDE_NAMES[one.side],
      { html: one.threshold.toFixed(3), number: true },
      one.truePositives,
      one.falseNegatives,
      one.falsePositives,
      one.trueNegatives,
    ]),
  )}<p class="quiet">Lesions: of COVID cases, where they are learned.</p>`
}

function sourceTable(rows: NonNullable<CycleMetrics['bySource']>): string {
  if (rows.length === 0) return ''
  return `<h3>By source and by file format</h3>${table(
    ['cases', 'side', 'positives', 'AUC of the flag', 'sensitivity', 'specificity'],
    rows.map(({ side, by, name, auc, sensitivity, specificity }) => [
      by === 'format' ? `${name} files` : name,
      SIDE_NAMES[side],
      countCell(auc),
      measureCell(auc),
      measureCell(sensitivity),
      measureCell(specificity),
    ]),
  )}`
}
