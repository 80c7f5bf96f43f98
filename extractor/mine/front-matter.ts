import type { PageText } from '../figures/layout.ts'
import type { Line } from '../figures/lines.ts'
import { prose, Vocabulary } from '../figures/prose.ts'
import { overlapX } from '../pdf/geometry.ts'

export interface FrontMatter {
  doi?: string
  version?: number
  title?: string
  abstract?: string
}

const DOI = /\b10\.\d{4,9}\/[^\s"<>{}|\\^`]+/g
const ABSTRACT = /^(?:abstract|summary|zusammenfassung|résumé|resumen)\b[\s:.—–-]*/i
const AFTER_ABSTRACT =
  /^(?:\d{0,2}\.?\s*(?:introduction|background)\b|key\s?words?\b|keywords|index terms|graphical abstract|received\b|doi\b|©|correspondence\b|i\.\s)/i
const LONGEST_ABSTRACT = 4000

/**
 * DOI, version, title and abstract as the first pages print them; the file's own metadata only where the page says
 * nothing, since they are often left over from a template.
 */
export function frontMatter(pages: PageText[], info: { title?: string; doi?: string }): FrontMatter {
  const first = pages.find(page => page.lines.length > 0)
  const printed = first ? doiOf(first) : undefined
  const { doi, version } = withVersion(printed ?? info.doi)
  const title = (first && titleOf(first)) ?? info.title
  const abstract = abstractOf(pages.slice(0, 3))
  return {
    ...(doi ? { doi } : {}),
    ...(version !== undefined ? { version } : {}),
    ...(title ? { title } : {}),
    ...(abstract ? { abstract } : {}),
  }
}

/** The document's own DOI: on a line that says so or in the running head before any other of the first page. */
function doiOf(page: PageText): string | undefined {
  const lines = [...page.furniture, ...page.lines].map(line => line.text)
  const lower = page.lines.length * 0.6
  const ranked = lines.flatMap((text, i) =>
    [...text.matchAll(DOI)].map(([doi]) => ({
      doi: doi.replace(/[.,;:)\]]+$/, ''),
      rank:
        (/doi/i.test(text) ? 0 : 1) +
        (i < page.furniture.length ? 0 : 1) +
        (i > lower ? 1 : 0) +
        (/^\s*\[?\d+[\].]/.test(text) ? 3 : 0),
    })),
  )
  ranked.sort((a, b) => a.rank - b.rank)
  return ranked[0]?.doi
}

/** "10.1101/2020.05.11.20097907v2" is version 2 of 10.1101/2020.05.11.20097907. */
function withVersion(doi: string | undefined): { doi?: string; version?: number } {
  if (!doi) return {}
  const match = /^(.*\d)v(\d{1,2})(?:\.full(?:\.pdf)?)?$/i.exec(doi)
  return match ? { doi: match[1]!.toLowerCase(), version: Number(match[2]) } : { doi: doi.toLowerCase() }
}

/** The largest lines of the first page's upper half that are words. */
function titleOf(page: PageText): string | undefined {
  const upper = page.lines.filter(line => line.region[1] < 0.6 * page.height && /\p{L}{3,}/u.test(line.text))
  const usual = median(page.lines.map(line => line.size))
  const largest = upper
    .filter(line => line.text.length >= 12)
    .reduce((size, line) => Math.max(size, line.size), 0)
  if (largest < 1.12 * usual) return undefined
  const lines: Line[] = []
  for (const line of upper) {
    if (Math.abs(line.size / largest - 1) > 0.06) continue
    const last = lines.at(-1)
    if (last && line.region[1] - last.region[3] > 1.6 * line.size) break
    lines.push(line)
  }
  const title = prose(
    lines.map(line => line.text),
    new Vocabulary(),
  )
  return title.length >= 12 && title.length <= 400 ? title : undefined
}

/** From the line that begins with "Abstract" down its column to the next heading. */
function abstractOf(pages: PageText[]): string | undefined {
  for (const page of pages) {
    const start = page.lines.find(line => ABSTRACT.test(line.text) && line.text.length < 400)
    if (!start) continue
    const vocabulary = new Vocabulary()
    for (const line of page.lines) vocabulary.add(line.text)
    const opening = start.text.replace(ABSTRACT, '')
    const own = opening.length > 20
    const texts = [opening]
    let last = start
    let size = own ? start.size : 0
    for (const line of page.lines) {
      if (line.baseline <= last.baseline + 1) continue
      if (
        !own && texts.length === 1
          ? line.baseline - last.baseline > 4 * line.size
          : overlapX(line.region, last.region) <= 0
      )
        continue
      if (AFTER_ABSTRACT.test(line.text)) break
      if (
        size > 0 &&
        (line.baseline - last.baseline > 2.6 * line.size || Math.abs(line.size / size - 1) > 0.12)
      )
        break
      texts.push(line.text)
      size = line.size
      last = line
      if (texts.join(' ').length > LONGEST_ABSTRACT) break
    }
    const abstract = prose(texts, vocabulary)
    if (abstract.length > 40) return abstract
  }
  return undefined
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
