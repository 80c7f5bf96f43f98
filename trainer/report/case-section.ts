import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { escaped, paragraph, section } from './html.ts'
import { SIDE_NAMES } from './measure-cell.ts'
import { heatedPicture } from './pictures.ts'
import type { MappedCase, Mistake, ReportData, ShownCase } from './report-data.ts'
import type { ReportView } from './view.ts'

const NOBODY = 'not assessed'
const word = (head: Head, value: 0 | 1 | null) =>
  value === null
    ? NOBODY
    : head === 'flag'
      ? value === 1
        ? 'COVID'
        : 'not COVID'
      : value === 1
        ? 'present'
        : 'absent'

const picture = (jpeg: string, { width, height }: { width: number; height: number }, alt: string) =>
  `<img src="data:image/jpeg;base64,${jpeg}" width="${width}" height="${height}" alt="${escaped(alt)}">`

/** A case's name as a person can find it again, wherever it must break. */
const caseName = ({ case: id }: ShownCase) => `<code>${escaped(id)}</code>`

/** Heat maps of a page of cases: a row a case, the picture first, then the flag and the five lesions. */
export async function mapsSection({ data }: Pick<ReportView, 'data'>): Promise<string> {
  const { cases, absent } = data.maps
  const title = 'Where the evidence lies'
  if (cases.length === 0)
    return section(title, paragraph(`No heat map: ${absent ?? 'there is no case to show.'}`))
  const heads = HEADS.filter(head => cases.some(one => one.maps[head]))
  const scale = new Map(heads.map(head => [head, Math.max(...cases.map(one => one.maps[head]?.peak ?? 0))]))
  const rows = await Promise.all(cases.map(one => mapRow(one, heads, scale, data.pictures)))
  return section(
    title,
    paragraph(
      `Grad-CAM++ of each head's score over cases of ${SIDE_NAMES[data.side]}: red to yellow is what speaks for the finding. A column shares its scale, so that weak evidence stays pale. A map says what the score came from, not where a lesion is: no outline may be read out of it.`,
    ),
    absent ? paragraph(absent) : '',
    `<div class="wide"><table class="maps"><thead><tr><th scope="col">case</th><th scope="col">picture</th>${heads
      .map(head => `<th scope="col">${head}</th>`)
      .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  )
}

async function mapRow(
  one: MappedCase,
  heads: readonly Head[],
  scale: ReadonlyMap<Head, number>,
  pictures: ReportData['pictures'],
): Promise<string> {
  const small = pictures[one.image]
  const cells = await Promise.all(
    heads.map(async head => {
      const at = HEADS.indexOf(head)
      const says = `<span>${one.probabilities[at]!.toFixed(2)} · ${word(head, one.truths[at]!)}</span>`
      const map = one.maps[head]
      if (!small || !map) return `<td>${says}</td>`
      const jpeg = await heatedPicture(small, map, scale.get(head)!)
      return `<td>${picture(jpeg, small, `heat map of ${head}`)}${says}</td>`
    }),
  )
  return `<tr><th scope="row">${escaped(one.why)}<br>${caseName(one)}</th><td>${
    small ? picture(small.jpeg, small, 'the picture itself') : ''
  }</td>${cells.join('')}</tr>`
}

/** The gravest mistakes, as pictures. */
export function mistakesSection({ data, metrics }: Pick<ReportView, 'data' | 'metrics'>): string {
  const title = 'The gravest mistakes'
  const { mistakes, side, pictures } = data
  if (mistakes.length === 0)
    return section(title, paragraph(`None on ${SIDE_NAMES[side]} at the operating points chosen.`))
  const group = (name: string, list: readonly Mistake[]) =>
    list.length === 0
      ? ''
      : `<h3>${name}</h3><div class="cases">${list.map(one => mistakeFigure(one, pictures)).join('')}</div>`
  const of = (kind: Mistake['kind'], flag: boolean) =>
    mistakes.filter(one => one.kind === kind && (one.head === 'flag') === flag)
  return section(
    title,
    paragraph(
      `Cases of ${SIDE_NAMES[side]} whose probability lies furthest on the wrong side of the operating point (flag: ${metrics.threshold.toFixed(3)}). A mistake may be the label's: the source of each truth is named.`,
    ),
    group('COVID missed', of('missed', true)),
    group('called COVID wrongly', of('called wrongly', true)),
    group('lesions missed', of('missed', false)),
    group('lesions called wrongly', of('called wrongly', false)),
  )
}

function mistakeFigure(one: Mistake, pictures: ReportData['pictures']): string {
  const at = HEADS.indexOf(one.head)
  const small = pictures[one.image]
  return `<figure>${small ? picture(small.jpeg, small, `case ${one.case}`) : ''}<figcaption><b>${one.head} ${one.probabilities[
    at
  ]!.toFixed(2)}</b>, truth: ${word(one.head, one.truths[at]!)}${
    one.source ? ` (${escaped(one.source)})` : ''
  }<br>${caseName(one)}</figcaption></figure>`
}
