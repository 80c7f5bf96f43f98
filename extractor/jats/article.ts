import { LesionloopError } from '../../data/errors.ts'
import { parseLabel } from '../figures/labels.ts'
import { licenceOf } from './licence.ts'
import { captionText, plainText } from './plain-text.ts'
import { descendants, elements, first, type XmlElement } from './xml.ts'

export interface JatsFigure {
  /** Normalised as in PDFs: `Figure 1`, `Figure S2`. */
  label: string
  caption: string
  /** Names of its pictures as the article gives them, with or without an ending. */
  pictures: string[]
}

/** What an article's mark-up says (JATS 1.3, NISO Z39.96; NLM 2 and 3 read the same). */
export interface JatsArticle {
  doi?: string
  version?: number
  pmcid?: string
  title?: string
  abstract?: string
  date?: string
  licence?: string
  licenceUrl?: string
  /** Type of the article ("research-article", "retraction"). */
  type?: string
  figures: JatsFigure[]
}

/**
 * Reads an article's front matter and figures.
 * @throws LesionloopError `jats-not` where the file is other XML.
 */
export function readArticle(root: XmlElement, name: string): JatsArticle {
  // PMC's collections wrap the article (`pmc-articleset`, OAI records).
  const article = root.name === 'article' ? root : first(root, 'article')
  if (!article)
    throw new LesionloopError(
      'jats-not',
      `jats: ${name}: its root is <${root.name}>: expected an <article> of JATS; give the article's XML`,
      { root: root.name },
    )
  const meta = first(article, 'article-meta')
  const type = article.attributes['article-type']
  return {
    ...(meta ? frontOf(meta) : {}),
    ...(type ? { type } : {}),
    figures: figuresOf(article),
  }
}

function frontOf(meta: XmlElement): Omit<JatsArticle, 'figures'> {
  const id = (kind: string) =>
    elements(meta, 'article-id').find(each => each.attributes['pub-id-type'] === kind)
  const idText = (kind: string) => {
    const found = id(kind)
    return found && plainText(found)
  }
  const named = idText('doi')?.replace(/^https?:\/\/(?:dx\.)?doi\.org\//i, '')
  const versioned = named && /^(10\.\d{4,9}\/.*\d)v(\d{1,2})$/i.exec(named)
  const doi = versioned ? versioned[1] : named
  const version = Number(
    versioned?.[2] ?? first(meta, 'article-version')?.children.join('').replace(/\D/g, ''),
  )
  const pmc = idText('pmc') ?? idText('pmcid')
  const title = first(meta, 'article-title')
  // A "graphical" or "teaser" abstract is another thing.
  const abstract = elements(meta, 'abstract').find(each => each.attributes['abstract-type'] === undefined)
  const date = dateOf(meta)
  return {
    ...(doi ? { doi: doi.toLowerCase() } : {}),
    ...(Number.isInteger(version) && version > 0 ? { version } : {}),
    ...(pmc ? { pmcid: pmc.startsWith('PMC') ? pmc : `PMC${pmc}` } : {}),
    ...(title ? { title: plainText(title) } : {}),
    ...(abstract ? { abstract: plainText(abstract).slice(0, 20_000) } : {}),
    ...(date ? { date } : {}),
    ...licenceIn(meta),
  }
}

/** The day of publication: the electronic one before the others, since preprints have no other. */
function dateOf(meta: XmlElement): string | undefined {
  const dates = elements(meta, 'pub-date')
  const rank = ({ attributes }: XmlElement) => {
    const kind = attributes['pub-type'] ?? attributes['date-type'] ?? ''
    return kind === 'epub' || attributes['publication-format'] === 'electronic' ? 0 : kind === 'pub' ? 1 : 2
  }
  for (const date of dates.toSorted((one, other) => rank(one) - rank(other))) {
    const part = (name: string) => {
      const found = first(date, name)
      return found ? Number(plainText(found)) : Number.NaN
    }
    const [year, month, day] = [part('year'), part('month'), part('day')]
    if (!(year > 1900 && year < 3000)) continue
    const two = (value: number) => String(value).padStart(2, '0')
    if (!(month >= 1 && month <= 12)) return String(year)
    return day >= 1 && day <= 31 ? `${year}-${two(month)}-${two(day)}` : `${year}-${two(month)}`
  }
  return undefined
}

function licenceIn(meta: XmlElement): { licence?: string; licenceUrl?: string } {
  const licence = first(meta, 'license')
  if (!licence) return {}
  // As an attribute, as NISO's element, as a link in its text, or as words.
  const inWords = plainText(licence)
  const url =
    licence.attributes['href'] ??
    [...descendants(licence, 'license_ref')].map(plainText)[0] ??
    [...descendants(licence, 'ext-link', 'uri')].map(link => link.attributes['href'] ?? plainText(link))[0] ??
    /https?:\/\/creativecommons\.org\/[^\s)]+/.exec(inWords)?.[0]
  const kind = licence.attributes['license-type']
  const recorded = url ?? kind ?? inWords.slice(0, 200)
  return { ...(recorded ? { licence: licenceOf(recorded) } : {}), ...(url ? { licenceUrl: url } : {}) }
}

/** Figures anywhere in the article, supplementary ones too; a group's own caption stands before each of its figures'. */
function figuresOf(article: XmlElement): JatsFigure[] {
  const figures: JatsFigure[] = []
  const taken = new Set<string>()
  const take = (figure: XmlElement, before: string, groupLabel?: string) => {
    const caption = [before, ...elements(figure, 'caption').map(captionText)].filter(Boolean).join(' ')
    const pictures = graphicsOf(figure).flatMap(each => each.attributes['href'] ?? [])
    const own = elements(figure, 'label').map(plainText)[0] ?? groupLabel
    const label = uniqueLabel(own, figure, figures.length + 1, taken)
    if (caption || pictures.length > 0) figures.push({ label, caption, pictures: [...new Set(pictures)] })
  }
  const walk = (element: XmlElement) => {
    for (const child of element.children) {
      if (typeof child === 'string') continue
      if (child.name === 'fig') take(child, '')
      else if (child.name === 'fig-group') {
        const before = elements(child, 'caption').map(captionText).join(' ')
        const label = elements(child, 'label').map(plainText)[0]
        for (const figure of descendants(child, 'fig')) take(figure, before, label)
      } else if (child.name === 'sub-article' || child.name === 'response') continue
      else walk(child)
    }
  }
  walk(article)
  return figures
}

/** A figure's pictures; of several forms of one picture (`alternatives`), the first. */
function graphicsOf(figure: XmlElement): XmlElement[] {
  const others = new Set(
    [...descendants(figure, 'alternatives')].flatMap(each => elements(each, 'graphic', 'media').slice(1)),
  )
  return [...descendants(figure, 'graphic', 'media')].filter(each => !others.has(each))
}

function uniqueLabel(
  own: string | undefined,
  figure: XmlElement,
  number: number,
  taken: Set<string>,
): string {
  const parsed = own === undefined ? undefined : parseLabel(own)
  const plain = parsed?.kind === 'figure' ? parsed.label : own
  const base = plain || figure.attributes['id'] || `Figure ${number}`
  let label = base
  // Labels make case ids: two figures of one label must not share them.
  for (let i = 2; taken.has(label); i++) label = `${base} (${i})`
  taken.add(label)
  return label
}
