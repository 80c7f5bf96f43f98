import type { ComparedMeasure, Comparison, Flip } from '../../data/records/comparison.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { type Cell, escaped, page, paragraph, section, table } from '../report/html.ts'
import { measureCell, SIDE_NAMES } from '../report/measure-cell.ts'
import type { SmallPicture } from '../report/report-data.ts'
import { signed } from './gates.ts'

/** Pictures by image id; a flip whose picture is gone is shown without. */
export type FlipPictures = Readonly<Record<string, SmallPicture>>

/** Flips shown as pictures: the furthest of those with a known truth, mended and broken alike. */
export const SHOWN_FLIPS = 48

export const shownFlips = ({ flips }: Pick<Comparison, 'flips'>): Flip[] => [
  ...flips.filter(flip => flip.verdict === 'broken').slice(0, SHOWN_FLIPS / 2),
  ...flips.filter(flip => flip.verdict === 'mended').slice(0, SHOWN_FLIPS / 2),
]

/** The comparison as one HTML file without script: gates, differences with intervals, flips as pictures, corrections. */
export function comparisonHtml(comparison: Comparison, pictures: FlipPictures): string {
  const { before, after, warnings } = comparison
  const body = [
    `<h1>Cycle ${escaped(after.id)} against ${escaped(before.id)}</h1>
<p class="quiet">${escaped(`The same cases, the truth as it stands now; intervals of 95 % by paired bootstrap over patients and documents, ${comparison.samples} resamples. Research use only; not a diagnosis.`)}</p>`,
    warnings.length === 0
      ? ''
      : `<section class="warn"><ul>${warnings.map(one => `<li>${escaped(one)}</li>`).join('')}</ul></section>`,
    gatesSection(comparison),
    differencesSection(comparison),
    correctionsSection(comparison),
    flipsSection(comparison, pictures),
  ]
  return page(`Cycle ${after.id} against ${before.id}`, body.join('\n'))
}

const VERDICTS = { passed: 'passed', refused: 'refused', na: 'n/a', warned: 'warning' } as const

function gatesSection({ gates, promotable, after }: Comparison): string {
  return section(
    'Gates',
    `<p class="verdict${promotable ? '' : ' bad'}">${escaped(
      promotable ? `Cycle ${after.id} may be promoted.` : `Cycle ${after.id} is refused by the gates below.`,
    )}</p>`,
    table(
      ['gate', 'verdict', 'why'],
      gates.map(gate => [gate.name, VERDICTS[gate.verdict], gate.words]),
    ),
  )
}

const NAMES = { auc: 'AUC', ap: 'average precision', ece: 'calibration error', brier: 'Brier score' } as const

function differencesSection({ sides, measures, before, after }: Comparison): string {
  return section(
    'Differences',
    ...sides.flatMap(({ side, words, cases }) => [
      `<h3>${SIDE_NAMES[side]}</h3>`,
      paragraph(words),
      cases === 0
        ? ''
        : table(
            ['head', 'measure', 'positives', before.id, after.id, 'difference', ''],
            HEADS.flatMap(head =>
              measures.filter(one => one.side === side && one.head === head).map(differenceRow),
            ),
          ),
    ]),
  )
}

const WORDS = { better: 'better', worse: 'worse', same: 'no clear difference', na: '' } as const

function differenceRow({ head, name, before, after, difference, verdict }: ComparedMeasure): Cell[] {
  const { value, low, high, na, n, positives } = difference
  const cell =
    value === null
      ? `<span class="i">n/a: ${escaped(na ?? '')}</span>`
      : `${signed(value)}${low === null || high === null ? '' : ` <span class="i">(${signed(low)} to ${signed(high)})</span>`}`
  return [
    head,
    NAMES[name],
    { html: `${positives} of ${n}`, number: true },
    measureCell(before),
    measureCell(after),
    { html: cell, number: true },
    WORDS[verdict],
  ]
}

function correctionsSection({ corrections, before, after }: Comparison): string {
  const title = `Corrections since ${before.id}`
  if (corrections.length === 0)
    return section(title, paragraph(`None that ${after.id} learned from and ${before.id} did not.`))
  return section(
    title,
    paragraph(
      'What experts put right between the two, by cause and head, beside the change of that head. The change is of all that differs between the two cycles: no cause is proven by it.',
    ),
    table(
      ['cause', 'head', 'cases', 'measure', 'change of the head'],
      corrections.map(({ cause, head, count, change }) => [
        cause === 'none' ? 'no cause given' : cause,
        head,
        count,
        change ? `${NAMES[change.name]}, ${SIDE_NAMES[change.side]}` : '',
        change
          ? {
              html: `${signed(change.difference.value!)} <span class="i">(${signed(change.difference.low!)} to ${signed(change.difference.high!)})</span>`,
              number: true,
            }
          : { html: '<span class="i">n/a: too few positives</span>', number: true },
      ]),
    ),
  )
}

function flipsSection(comparison: Comparison, pictures: FlipPictures): string {
  const shown = shownFlips(comparison)
  const { flipCounts } = comparison
  if (flipCounts.length === 0)
    return section('Flips', paragraph('Both cycles call every case alike at their operating points.'))
  const group = (name: string, verdict: Flip['verdict']) => {
    const list = shown.filter(flip => flip.verdict === verdict)
    return list.length === 0
      ? ''
      : `<h3>${name}</h3><div class="cases">${list.map(flip => flipFigure(flip, pictures)).join('')}</div>`
  }
  return section(
    'Flips',
    paragraph(
      'Cases that the two call differently, each at its own operating point; by the truth as it stands now.',
    ),
    table(
      ['side', 'head', 'mended', 'broken', 'truth not known'],
      flipCounts.map(({ side, head, mended, broken, unknown }) => [
        SIDE_NAMES[side],
        head,
        mended,
        broken,
        unknown,
      ]),
    ),
    group('broken', 'broken'),
    group('mended', 'mended'),
  )
}

function flipFigure(
  { head, before, after, truth, case: id, image, side }: Flip,
  pictures: FlipPictures,
): string {
  const small = pictures[image]
  const img = small
    ? `<img src="data:image/jpeg;base64,${small.jpeg}" width="${small.width}" height="${small.height}" alt="${escaped(`case ${id}`)}">`
    : ''
  return `<figure>${img}<figcaption><b>${head} ${before.toFixed(2)} → ${after.toFixed(2)}</b>, truth: ${
    truth === 1 ? 'positive' : 'negative'
  }, ${SIDE_NAMES[side]}<br><code>${escaped(id)}</code></figcaption></figure>`
}
