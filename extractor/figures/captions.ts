import type { Region } from '../../data/records/document.ts'
import { height, overlap, overlapX, overlapY, union } from '../pdf/geometry.ts'
import { elsewhere } from './caption-breaks.ts'
import { gather } from './caption-lines.ts'
import { type ParsedLabel, parseLabel } from './labels.ts'
import type { BodyStyle, PageText } from './layout.ts'
import { type Line, sameStyle } from './lines.ts'
import { prose, type Vocabulary } from './prose.ts'

/** A caption as it stands in the document. */
export interface Caption {
  kind: 'figure' | 'table'
  label: string
  page: number
  /** Without its label. */
  text: string
  /** Around its lines on `page`. */
  region: Region
  /** Its lines, those on later pages too. */
  lines: Line[]
  /** How surely it is a caption and no mention in running text; taken from 2 on. */
  score: number
  continued: boolean
}

const TAKEN_FROM = 2
/** A candidate set like a sure one needs less. */
const SIBLING_FROM = 0.5

/** All captions of a document, tables' too (they claim their own graphics). Several may carry one label. */
export function captionsOf(pages: PageText[], body: BodyStyle, vocabulary: Vocabulary): Caption[] {
  const candidates = new Map<Line, Candidate>()
  for (const page of pages)
    for (const line of page.lines) {
      const parsed = parseLabel(line.text)
      if (!parsed || /(?:\.\s?){4,}\s*\d+$/.test(line.text)) continue
      candidates.set(line, { parsed, score: scoreOf(line, parsed, page, body) })
    }
  const starts = startsAmong(candidates)
  const leading = leadingOf(pages, body)
  const captions: Caption[] = []
  const taken = new Set<Line>()
  pages.forEach((page, index) => {
    for (const line of page.lines) {
      const start = starts.get(line)
      if (!start || taken.has(line)) continue
      const lines = gather(line, start.parsed, page, {
        starts,
        taken,
        body,
        leading,
        tables: start.parsed.kind === 'table',
      })
      const region = union(lines.map(part => part.region))!
      const further =
        start.parsed.kind === 'figure' ? elsewhere(lines, page, pages[index + 1], starts, body) : []
      for (const part of [...lines, ...further]) taken.add(part)
      const whole = prose(
        [...lines, ...further].map(part => part.text),
        vocabulary,
      )
      captions.push({
        kind: start.parsed.kind,
        label: start.parsed.label,
        page: page.page,
        text: whole.slice(parseLabel(whole)?.length ?? start.parsed.length).trim(),
        region,
        lines: [...lines, ...further],
        score: start.score,
        continued: start.parsed.continued,
      })
    }
  })
  return captions
}

interface Candidate {
  parsed: ParsedLabel
  score: number
}

/**
 * The candidates that begin captions: the sure ones, and weaker ones set as a sure one is ("Fig 2." in a list of
 * legends after "Fig 1.") whose label has no surer line.
 */
function startsAmong(candidates: Map<Line, Candidate>): Map<Line, Candidate> {
  const starts = new Map([...candidates].filter(([, { score }]) => score >= TAKEN_FROM))
  const form = ({ parsed }: Candidate) => `${parsed.label.replace(/\d+.*$/, '')} ${parsed.mark}`
  const forms = new Set([...starts.values()].map(form))
  // A label alone under its picture doesn't speak for the legend elsewhere.
  const worded = [...starts.values()].filter(({ parsed }) => parsed.rest.trim() !== '')
  const labels = new Set(worded.map(({ parsed }) => parsed.label))
  for (const [line, candidate] of candidates) {
    if (candidate.score < SIBLING_FROM || labels.has(candidate.parsed.label) || !forms.has(form(candidate)))
      continue
    starts.set(line, candidate)
    labels.add(candidate.parsed.label)
  }
  return starts
}

/** Evidence that a line that begins with a label begins a caption. */
function scoreOf(line: Line, label: ParsedLabel, page: PageText, body: BodyStyle): number {
  let score = 0
  const own = label.rest.trim() === ''
  if (/[:|—–\uff1a]/.test(label.mark)) score += 3
  else if (/[.\uff0e]/.test(label.mark)) score += 2
  if (label.cited) score -= 9
  if (own) score += 1
  if (!label.capital) score -= 2.5
  if (label.mention) score -= label.mark === ':' || label.mark === '|' ? 1 : 5
  else if (!label.mark && /^\s*\p{Ll}/u.test(label.rest)) score -= 2
  else if (!label.mark && /^\s*[(]?\p{Lu}/u.test(label.rest)) score += 1
  const sized = Math.abs(line.size / body.size - 1) > 0.04
  if (labelContrast(line, label.length)) score += 2
  if (line.font !== body.font || sized) score += 1.5
  const before = above(line, page.lines)
  const gap = before ? line.region[1] - before.region[3] : Number.POSITIVE_INFINITY
  const otherStyle = before !== undefined && Math.abs(before.size / line.size - 1) > 0.04
  if (gap > 0.75 * line.size || otherStyle) score += 1.5
  // A line in the middle of a paragraph: the one above runs on to this.
  else if (before && !/[.!?:;”"]\s*$/.test(before.text)) score -= 2.5
  else score -= 0.5
  return score
}

/** Whether the label is set in another font than what follows it on its line (bold, small capitals). */
function labelContrast(line: Line, length: number): boolean {
  const first = line.items[0]!
  let at = 0
  for (const item of line.items) {
    if (at >= length && item.text.trim().length > 1) return item.font !== first.font
    at += item.text.length
  }
  return false
}

function above(line: Line, lines: Line[]): Line | undefined {
  let best: Line | undefined
  for (const other of lines)
    if (
      other !== line &&
      other.baseline < line.baseline - 0.5 * line.size &&
      overlapX(other.region, line.region) > 0
    )
      if (!best || other.baseline > best.baseline) best = other
  return best && line.baseline - best.baseline < 4 * line.size ? best : undefined
}

/** Usual distance of baselines in running text, in font sizes: 1.2, or 2.4 in a manuscript. */
function leadingOf(pages: PageText[], body: BodyStyle): number {
  const steps: number[] = []
  for (const page of pages.slice(0, 12)) {
    const lines = page.lines.filter(line => sameStyle(line, body) && line.text.length > 20)
    for (let i = 1; i < lines.length; i++) {
      const [a, b] = [lines[i - 1]!, lines[i]!]
      if (
        overlap(a.region[0], a.region[2], b.region[0], b.region[2]) > 0 &&
        overlapY(a.region, b.region) < 0.5 * height(a.region)
      )
        steps.push((b.baseline - a.baseline) / body.size)
    }
  }
  steps.sort((a, b) => a - b)
  return steps[Math.floor(steps.length / 2)] ?? 1.2
}
