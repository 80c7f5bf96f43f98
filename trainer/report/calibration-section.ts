import { calibrationPlot } from '../../data/plots/calibration-plot.ts'
import { renderSvg } from '../../data/plots/render-svg.ts'
import type { CalibrationMeasure, CycleMetrics } from '../../data/records/cycle.ts'
import { figures, paragraph, section, table } from './html.ts'
import { SIDE_NAMES } from './measure-cell.ts'

/** Whether the probabilities mean what they say. */
export function calibrationSection({ calibration = [] }: CycleMetrics, document: object): string {
  const shown = (value: number | null) => (value === null ? 'n/a' : value.toFixed(3))
  const flags = calibration.filter(({ head }) => head === 'flag')
  if (flags.length === 0) return section('Calibration', paragraph('n/a: the flag has one class only.'))
  const drawn = (one: CalibrationMeasure) => ({
    svg: renderSvg(
      calibrationPlot(
        [{ name: `flag, ${SIDE_NAMES[one.side]}`, bins: one.bins, note: `ECE ${shown(one.after)}` }],
        { title: `calibration of the flag, ${SIDE_NAMES[one.side]}` },
      ),
      document,
    ),
    caption: `Reliability of the flag, ${SIDE_NAMES[one.side]}: ten bins of equal numbers of cases, exact 95 % intervals.`,
  })
  return section(
    'Calibration',
    paragraph(
      'Expected calibration error (ECE): the mean gap between predicted probability and observed share. Probabilities are calibrated out of fold (Platt scaling); those of a lesion are of COVID cases.',
    ),
    figures(...flags.map(drawn)),
    table(
      ['head', 'side', 'ECE before', 'ECE after'],
      calibration.map(one => [
        one.head,
        SIDE_NAMES[one.side],
        { html: shown(one.before), number: true },
        { html: shown(one.after), number: true },
      ]),
    ),
  )
}
