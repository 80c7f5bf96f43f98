import { paragraph, section, table } from './html.ts'
import { SIDE_NAMES } from './measure-cell.ts'
import { type DrawnReport, plotFigures } from './view.ts'

/** Whether the probabilities mean what they say. */
export function calibrationSection({ metrics: { calibration = [] }, plots }: DrawnReport): string {
  const shown = (value: number | null | undefined) =>
    value === null || value === undefined ? '<span class="i">n/a</span>' : value.toFixed(3)
  if (!calibration.some(({ head }) => head === 'flag'))
    return section('Calibration', paragraph('n/a: the flag has one class only.'))
  return section(
    'Calibration',
    paragraph(
      'Expected calibration error (ECE): the mean gap between predicted probability and observed share, over ten bins of equal numbers of cases. In use is Platt scaling, fitted out of fold (on validation for a fine-tuned network). Beside it stands temperature scaling, one divisor for all logits: for test fitted on validation, out of fold on the other folds; n/a where these hold fewer than five of a class. Probabilities of a lesion are of COVID cases.',
    ),
    plotFigures(plots, [
      {
        plot: 'calibration-test',
        caption: `Reliability of the flag, ${SIDE_NAMES.test}: ten bins of equal numbers of cases, exact 95 % intervals.`,
      },
      { plot: 'calibration-out-of-fold', caption: `Reliability of the flag, ${SIDE_NAMES.oof}, as beside.` },
    ]),
    table(
      ['head', 'side', 'ECE before', 'ECE in use', 'ECE by temperature', 'temperature'],
      calibration.map(one => [
        one.head,
        SIDE_NAMES[one.side],
        { html: shown(one.before), number: true },
        { html: shown(one.after), number: true },
        { html: shown(one.temperature?.after), number: true },
        { html: shown(one.temperature?.temperature), number: true },
      ]),
    ),
  )
}
