import { gains } from '../cycle/metrics.ts'
import { paragraph, section, table } from './html.ts'
import { countCell, measureCell } from './measure-cell.ts'
import { type DrawnReport, plotFigures } from './view.ts'

/** The shortcut control beside the model: without it no figure on mixed sources is evidence. */
export function shortcutSection({ metrics: { shortcut, flag }, plots }: DrawnReport): string {
  const title = 'Shortcut control'
  if (!shortcut)
    return section(
      title,
      paragraph(
        `n/a: ${flag.test ? 'training or test cases have one class only' : 'there is no test case'}. The control tells the flag from file format, size and grey levels alone.`,
      ),
    )
  const gain = gains(shortcut.gain)
  const verdict = gain
    ? 'The model adds to the shortcut: the interval of the gain lies above nought. How much of its own figure rests on the same cues, this control cannot tell.'
    : 'The model adds nothing certain to the shortcut: its figures are no evidence that it reads disease.'
  return section(
    title,
    paragraph(
      'Ten numbers of the file (format, size, grey levels), none of them about disease, in a logistic regression on the same cases.',
    ),
    `<p class="${gain ? 'verdict' : 'verdict bad'}">${verdict}</p>`,
    plotFigures(
      plots,
      [
        {
          plot: 'shortcut',
          caption: 'AUC of the flag on test with 95 % intervals, by group; dotted: chance.',
        },
      ],
      true,
    ),
    table(
      ['AUC of the flag, test', 'positives', 'AUC'],
      [
        ['shortcut alone', countCell(shortcut.shortcut), measureCell(shortcut.shortcut)],
        ['model', countCell(shortcut.model), measureCell(shortcut.model)],
        ['model and shortcut together', countCell(shortcut.together), measureCell(shortcut.together)],
        ['gain of both over the shortcut (paired)', countCell(shortcut.gain), measureCell(shortcut.gain)],
      ],
    ),
    shortcut.within
      ? `<h3>Within each file format</h3>${table(
          ['files', 'positives', 'AUC of the model', 'AUC of the shortcut alone'],
          shortcut.within.map(({ format, model, shortcut: alone }) => [
            format,
            countCell(model),
            measureCell(model),
            measureCell(alone),
          ]),
        )}`
      : '',
  )
}
