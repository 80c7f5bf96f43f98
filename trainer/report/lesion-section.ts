import { precisionRecallPlot, rocPlot } from '../../data/plots/curve-plots.ts'
import { renderSvg } from '../../data/plots/render-svg.ts'
import type { Curve } from '../../data/records/cycle.ts'
import { LESION_NAMES, LESIONS } from '../../data/records/vocabulary.ts'
import { MEASURED_SIDES } from '../cycle/judged.ts'
import { figures, paragraph, section, table } from './html.ts'
import { countCell, measureCell, SIDE_NAMES } from './measure-cell.ts'
import type { ReportInput } from './report.ts'

/** The five lesions: curves, and a table for each side. */
export function lesionSection({ metrics }: ReportInput, document: object): string {
  const ofLesions = (curves: readonly Curve[], measure: 'auc' | 'ap') =>
    curves
      .filter(({ name }) => !name.startsWith('flag'))
      .map(curve => {
        const lesion = LESIONS.find(one => curve.name.startsWith(one))!
        const side = curve.name.endsWith('test') ? 'test' : 'oof'
        const value = metrics.lesions[side]?.[lesion]?.[measure]?.value ?? null
        return value === null ? curve : { ...curve, note: `${measure.toUpperCase()} ${value.toFixed(2)}` }
      })
  const roc = ofLesions(metrics.curves.roc, 'auc')
  const drawn =
    roc.length === 0
      ? paragraph('No lesion has positives and negatives to draw a curve of.')
      : figures(
          {
            svg: renderSvg(rocPlot(roc, { title: 'ROC of the lesions' }), document),
            caption: 'ROC, over all images where the lesion was assessed.',
          },
          {
            svg: renderSvg(
              precisionRecallPlot(ofLesions(metrics.curves.precisionRecall, 'ap'), {
                title: 'precision and recall of the lesions',
              }),
              document,
            ),
            caption: 'Precision and recall, as beside.',
          },
        )
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
    drawn,
    ...tables,
  )
}
