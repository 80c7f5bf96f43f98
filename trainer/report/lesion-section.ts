import { LESION_NAMES, LESIONS } from '../../data/records/vocabulary.ts'
import { MEASURED_SIDES } from '../cycle/judged.ts'
import { paragraph, section, table } from './html.ts'
import { countCell, measureCell, SIDE_NAMES } from './measure-cell.ts'
import { type DrawnReport, plotFigures } from './view.ts'

/** The five lesions: curves, their scores against each other, and a table for each side. */
export function lesionSection({ metrics, plots, data }: DrawnReport): string {
  const tables = MEASURED_SIDES.flatMap(side => {
    const here = metrics.lesions[side]
    if (!here) return []
    return [
      `<h3>${SIDE_NAMES[side]}</h3>`,
      table(
        [
          'lesion',
          'positives',
          'AUC',
          'average precision',
          'in COVID: positives',
          'AUC',
          'average precision',
        ],
        LESIONS.map(lesion => [
          lesion,
          countCell(here[lesion]['auc']),
          measureCell(here[lesion]['auc']),
          measureCell(here[lesion]['ap']),
          countCell(here[lesion]['auc within COVID']),
          measureCell(here[lesion]['auc within COVID']),
          measureCell(here[lesion]['ap within COVID']),
        ]),
      ),
    ]
  })
  return section(
    'The lesions',
    paragraph(
      `${LESIONS.map(lesion => `${lesion}: ${LESION_NAMES[lesion]}`).join('; ')}. Over all images a lesion head can score by telling COVID from not; within COVID it can not. A measure without a positive or a negative is n/a, never 0 or 1.`,
    ),
    plots.has('lesions-roc') ? '' : paragraph('No lesion has positives and negatives to draw a curve of.'),
    plotFigures(plots, [
      { plot: 'lesions-roc', caption: 'ROC, over all images where the lesion was assessed.' },
      { plot: 'lesions-precision-recall', caption: 'Precision and recall, as beside.' },
    ]),
    ...tables,
    '<h3>Five lesion scores by class</h3>',
    plotFigures(
      plots,
      [
        {
          plot: 'lesion-pairs',
          caption: `Every pair of lesion scores, ${SIDE_NAMES[data.side]}, before calibration, by the flag's truth; on the diagonal how each score is spread within the classes.`,
        },
      ],
      true,
    ),
  )
}
