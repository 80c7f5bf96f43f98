import type { Region } from '../../data/records/document.ts'
import { height, overlap, overlapX, overlapY, union, width } from '../pdf/geometry.ts'
import { type ParsedLabel, parseLabel } from './labels.ts'
import type { BodyStyle, PageText } from './layout.ts'
import type { Line } from './lines.ts'
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

interface Gathering {
  starts: Map<Line, Candidate>
  taken: Set<Line>
  body: BodyStyle
  /** Distance of the running text's baselines in its font's sizes. */
  leading: number
  tables: boolean
}

/** The caption's lines from its first one downwards, in one column, and its second column where it has one. */
function gather(start: Line, label: ParsedLabel, page: PageText, context: Gathering): Line[] {
  const free = page.lines.filter(
    line => line === start || (!context.starts.has(line) && !context.taken.has(line)),
  )
  const row = sameRow(start, free, label.rest.trim() === '' ? 4 : 1)
  const lines = [...row]
  let rows: Line[][] = [row]
  for (;;) {
    const next = nextRow(rows, free, page.lines, context)
    if (!next) break
    rows = [...rows, next]
    lines.push(...next)
    if (lines.length > 400) break
  }
  if (!context.tables) lines.push(...secondColumn(lines, free, context))
  return lines
}

/** Pieces of one line that wide blanks part: "Figure 4" and its text after a tab. */
function sameRow(first: Line, lines: Line[], within: number): Line[] {
  const row = [first]
  for (let again = true; again; ) {
    again = false
    const last = row.at(-1)!
    for (const other of lines) {
      const gap = other.region[0] - last.region[2]
      if (row.includes(other) || gap < -0.8 * first.size || gap > within * first.size) continue
      if (
        Math.abs(other.baseline - first.baseline) > 0.35 * first.size ||
        Math.abs(other.size / first.size - 1) > 0.35
      )
        continue
      // A gap that many lines have is a column's, not a tab's.
      if (gap > 1 && lines.filter(line => Math.abs(line.region[0] - other.region[0]) < 1.5).length > 5)
        continue
      row.push(other)
      again = true
      break
    }
  }
  return row
}

function nextRow(rows: Line[][], free: Line[], all: Line[], context: Gathering): Line[] | undefined {
  const flat = rows.flat()
  const sofar = union(flat.map(line => line.region))!
  const lead = longest(rows.at(-1)!)
  const size = longest(flat).size
  let next: Line | undefined
  for (const line of all) {
    const down = line.baseline - lead.baseline
    if (down < 0.5 * size || down > 4 * size || overlapX(line.region, sofar) <= 0) continue
    if (flat.includes(line) || (next && line.baseline >= next.baseline)) continue
    // A lone script or accent between two lines is neither's neighbour.
    if (
      line.text.length <= 2 &&
      (line.size < 0.85 * size ||
        all.some(
          other => other.text.length > 5 && overlapY(other.region, line.region) > 0.4 * height(line.region),
        ))
    )
      continue
    next = line
  }
  if (!next || !free.includes(next) || context.starts.has(next)) return undefined
  const within = free.filter(line => line.region[0] < sofar[2] + size)
  const row = sameRow(next, within, 2.2).concat(leftOf(next, free, sofar))
  const nextLead = longest(row)
  const down = nextLead.baseline - lead.baseline
  if (Math.abs(nextLead.size / size - 1) > 0.12) return undefined
  const steps = rows.slice(1).map((r, i) => longest(r).baseline - longest(rows[i]!).baseline)
  const usual = steps.length > 0 ? Math.min(...steps) : undefined
  const limit =
    usual !== undefined
      ? Math.min(1.3 * usual + 1, usual + 0.75 * size)
      : Math.max(1.75, 1.08 * context.leading) * size
  if (down > limit) return undefined
  const region = union(row.map(line => line.region))!
  const lastRow = union(rows.at(-1)!.map(line => line.region))!
  // Running text set wider than the caption on both sides; a label on a line of its own says nothing of its width.
  const labelAlone =
    rows.length === 1 && flat.length === 1 && (parseLabel(lead.text)?.rest.trim() ?? 'x') === ''
  if (
    !labelAlone &&
    region[0] < sofar[0] - 4 &&
    region[2] > sofar[2] + 4 &&
    width(region) > 1.06 * width(sofar)
  )
    return undefined
  const asBody = sameStyle(nextLead, context.body) && sameStyle(longest(flat), context.body)
  if (asBody && !labelAlone && (usual === undefined || down > 1.04 * usual || rows.length > 1)) {
    const firstWord = /^\S+/.exec(nextLead.text)?.[0].length ?? 4
    const wordWidth = (firstWord + 1) * 0.5 * size
    const right = Math.max(sofar[2], region[2])
    if (right - lastRow[2] > wordWidth + size && /[.!?)]\s*$/.test(longest(rows.at(-1)!).text))
      return undefined
    if (region[0] > sofar[0] + 0.8 * size && Math.abs(region[2] - sofar[2]) < 3) return undefined
  }
  return row
}

/** Pieces of the next line that stand left of the one found. */
function leftOf(line: Line, free: Line[], sofar: Region): Line[] {
  return free.filter(
    other =>
      other !== line &&
      Math.abs(other.baseline - line.baseline) < 0.35 * line.size &&
      other.region[2] <= line.region[0] + 0.8 * line.size &&
      other.region[0] >= sofar[0] - 2 &&
      line.region[0] - other.region[2] < 2.2 * line.size,
  )
}

const longest = (row: Line[]) => row.reduce((a, b) => (b.text.length > a.text.length ? b : a))
const sameStyle = (line: Line, body: BodyStyle) =>
  line.font === body.font && Math.abs(line.size / body.size - 1) < 0.03

/** A caption set in two columns under a wide figure: the block at its right with the same top, font and size. */
function secondColumn(lines: Line[], free: Line[], context: Gathering): Line[] {
  const lead = longest(lines)
  const region = union(lines.map(line => line.region))!
  const last = lines.at(-1)!
  const distinct = Math.abs(lead.size / context.body.size - 1) > 0.04
  if (!distinct || lines.length < 2 || /[.!?]\s*$/.test(last.text)) return []
  const first = free.find(
    line =>
      line.region[0] > region[2] + 0.5 * lead.size &&
      line.region[0] < region[2] + 6 * lead.size &&
      Math.abs(line.region[1] - region[1]) < 0.6 * lead.size &&
      Math.abs(line.size / lead.size - 1) < 0.05,
  )
  if (!first || lines.includes(first)) return []
  const column = free.filter(
    line =>
      line.region[0] >= first.region[0] - 2 &&
      line.region[1] >= first.region[1] - 1 &&
      line.region[3] <= region[3] + 1.5 * lead.size &&
      overlapX(line.region, first.region) > 0 &&
      Math.abs(line.size / lead.size - 1) < 0.12,
  )
  return column.sort((a, b) => a.baseline - b.baseline)
}

/** Where a caption breaks off at a column's or page's end: its lines at the top of the next one. */
function elsewhere(
  lines: Line[],
  page: PageText,
  next: PageText | undefined,
  starts: Map<Line, Candidate>,
  body: BodyStyle,
): Line[] {
  const lead = longest(lines)
  const last = lines.at(-1)!
  const distinct = Math.abs(lead.size / body.size - 1) > 0.04
  if (/[.!?]\s*["”)]?\s*$/.test(last.text)) return []
  // Text right under it in its column: it does not break off here.
  const under = page.lines.some(
    line =>
      line.baseline > last.baseline + 1 &&
      line.baseline < last.baseline + 2.2 * last.size &&
      overlapX(line.region, last.region) > 0,
  )
  if (under) return []
  const columns: Line[][] = [page.lines.filter(line => line.region[0] > last.region[2])]
  if (next) columns.push(next.lines)
  for (const column of columns) {
    const [top] = [...column].sort(
      (a, b) => Math.round((a.baseline - b.baseline) / 4) || a.region[0] - b.region[0],
    )
    if (!top || starts.has(top) || Math.abs(top.size / lead.size - 1) > 0.04 || top.font !== lead.font)
      continue
    // In the style of running text the sentence must go on, and the caption ends with its paragraph.
    if (!distinct && !/^[\p{Ll}\d(,;]/u.test(top.text)) continue
    const found = [top]
    const right = Math.max(...column.map(line => line.region[2]))
    for (;;) {
      const at = found.at(-1)!
      if (!distinct && /[.!?]$/.test(at.text) && right - at.region[2] > 2 * at.size) return found
      const below = column.find(
        line =>
          !starts.has(line) &&
          line.baseline - at.baseline > 0.5 * at.size &&
          line.baseline - at.baseline < 1.7 * at.size &&
          overlapX(line.region, at.region) > 0,
      )
      if (!below || Math.abs(below.size / lead.size - 1) > 0.12) return found
      found.push(below)
    }
  }
  return []
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
