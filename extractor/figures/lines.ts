import type { Region } from '../../data/records/document.ts'
import { overlapY, union } from '../pdf/geometry.ts'
import type { TextItem } from '../pdf/text.ts'

/** A piece of a line: what stands together on one baseline within one column. */
export interface Line {
  page: number
  text: string
  items: TextItem[]
  region: Region
  baseline: number
  /** Font and size of most of its characters. */
  font: string
  size: number
  /** Share of its characters set in `font`. */
  purity: number
}

/** Gap between words, in heights of the font, that always parts two columns. */
const COLUMN_GAP = 1.7
/** Gap that parts columns where many lines of the page have a gap at that place. */
const GUTTER_GAP = 0.75
const WORD_GAP = 0.17
/** Gap that parts two words where the content has a blank between them. */
const BLANK_GAP = 0.02

/**
 * Joins upright text items to pieces of lines, parted where a column ends. Superscripts and subscripts stay in the
 * line that they stand in; pieces are ordered from the top, then from the left.
 */
export function linesOf(items: TextItem[], page: number): Line[] {
  const uprightItems = items.filter(item => item.angle === 0)
  const gutters = guttersOf(uprightItems)
  const runs: TextItem[][] = []
  // The content's own order keeps scripts and words of a line together.
  for (const item of uprightItems) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && follows(last, item, gutters, run)) run.push(item)
    else runs.push([item])
  }
  return mergeRuns(runs, gutters)
    .map(run => lineOf(run, page))
    .sort((a, b) => a.region[1] - b.region[1] || a.region[0] - b.region[0])
}

function follows(last: TextItem, item: TextItem, gutters: Gutter[], run: TextItem[]): boolean {
  const size = Math.max(last.size, item.size)
  const gap = item.region[0] - last.region[2]
  if (gap < -0.35 * size || gap > COLUMN_GAP * size) return false
  if (!sameLine(last, item) && !run.some(other => other.size >= item.size && sameLine(other, item)))
    return false
  return !(gap > GUTTER_GAP * size && inGutter(gutters, last.region[2], item.region[0], item.region[1]))
}

/** Same baseline, or a script beside larger text. */
function sameLine(a: TextItem, b: TextItem): boolean {
  const small = Math.min(a.size, b.size)
  if (Math.abs(a.baseline - b.baseline) <= 0.2 * small) return true
  const shared = overlapY(a.region, b.region)
  const smaller = Math.min(a.region[3] - a.region[1], b.region[3] - b.region[1])
  return a.size < 0.86 * b.size || b.size < 0.86 * a.size
    ? shared >= 0.45 * smaller
    : shared >= 0.75 * smaller
}

/** Joins runs of one line that came apart in the content's order (kerning, bold words painted later). */
function mergeRuns(runs: TextItem[][], gutters: Gutter[]): TextItem[][] {
  const sorted = runs
    .map(items => ({ items, region: union(items.map(item => item.region))!, lead: leadOf(items) }))
    .sort((a, b) => a.lead.baseline - b.lead.baseline || a.region[0] - b.region[0])
  const open: typeof sorted = []
  const done: TextItem[][] = []
  for (const run of sorted) {
    for (let i = open.length - 1; i >= 0; i--)
      if (open[i]!.lead.baseline < run.lead.baseline - 2 * Math.max(run.lead.size, open[i]!.lead.size))
        done.push(open.splice(i, 1)[0]!.items)
    let joined: (typeof sorted)[number] = run
    for (let again = true; again; ) {
      again = false
      for (let i = 0; i < open.length; i++) {
        const other = open[i]!
        const [left, right] = other.region[0] <= joined.region[0] ? [other, joined] : [joined, other]
        const size = Math.max(left.lead.size, right.lead.size)
        const gap = right.region[0] - left.region[2]
        // Words painted at another time, in another font, and far off are a neighbour's (a panel's letter).
        const alike =
          left.lead.font === right.lead.font && Math.abs(left.lead.size / right.lead.size - 1) < 0.05
        if (
          gap < -0.8 * size ||
          gap > (alike ? COLUMN_GAP : GUTTER_GAP) * size ||
          !sameLine(left.lead, right.lead)
        )
          continue
        if (gap > GUTTER_GAP * size && inGutter(gutters, left.region[2], right.region[0], right.region[1]))
          continue
        open.splice(i, 1)
        const items = [...left.items, ...right.items]
        joined = { items, region: union([left.region, right.region])!, lead: leadOf(items) }
        again = true
        break
      }
    }
    open.push(joined)
  }
  return [...done, ...open.map(run => run.items)]
}

/** The item that says where a run's baseline is: the longest of the largest. */
function leadOf(items: TextItem[]): TextItem {
  let lead = items[0]!
  for (const item of items) {
    const weight = (other: TextItem) => Math.min(other.text.length, 12) * other.size * other.size
    if (weight(item) > weight(lead)) lead = item
  }
  return lead
}

/** A place where columns meet: a white strip between two words, or the left edge that many lines start at. */
interface Gutter {
  x0: number
  x1: number
  y0: number
  y1: number
}

function guttersOf(items: TextItem[]): Gutter[] {
  return [...whiteStrips(items), ...leftEdges(items)]
}

/** Vertical strips that at least four lines in a row leave white between two words. */
function whiteStrips(items: TextItem[]): Gutter[] {
  const gaps: { x0: number; x1: number; y: number; size: number }[] = []
  for (const row of rowsOf(items)) {
    row.sort((a, b) => a.region[0] - b.region[0])
    for (let i = 1; i < row.length; i++) {
      const [a, b] = [row[i - 1]!, row[i]!]
      const size = Math.max(a.size, b.size)
      if (b.region[0] - a.region[2] > GUTTER_GAP * size)
        gaps.push({ x0: a.region[2], x1: b.region[0], y: a.baseline, size })
    }
  }
  gaps.sort((a, b) => a.y - b.y)
  const strips: (Gutter & { lines: number; size: number })[] = []
  for (const gap of gaps) {
    const strip = strips.find(
      s => gap.y - s.y1 < 3 * gap.size && Math.min(s.x1, gap.x1) - Math.max(s.x0, gap.x0) > 0.6 * gap.size,
    )
    if (strip) {
      strip.x0 = Math.max(strip.x0, gap.x0)
      strip.x1 = Math.min(strip.x1, gap.x1)
      strip.y1 = gap.y
      strip.lines++
    } else strips.push({ x0: gap.x0, x1: gap.x1, y0: gap.y, y1: gap.y, lines: 1, size: gap.size })
  }
  return strips.filter(strip => strip.lines >= 4).map(s => ({ ...s, y0: s.y0 - s.size, y1: s.y1 + s.size }))
}

/** Items of about one baseline, in rows from the top. */
function rowsOf(items: TextItem[]): TextItem[][] {
  const rows: TextItem[][] = []
  for (const item of [...items].sort((a, b) => a.baseline - b.baseline)) {
    const row = rows.at(-1)
    if (row && item.baseline - row[0]!.baseline < 0.25 * item.size) row.push(item)
    else rows.push([item])
  }
  return rows
}

/** Left edges where at least six lines start in the content's own order: the words before them are another column's. */
function leftEdges(items: TextItem[]): Gutter[] {
  const starts = new Map<number, TextItem[]>()
  let last: TextItem | undefined
  for (const item of items) {
    const jumps =
      !last ||
      item.region[0] < last.region[0] ||
      item.baseline > last.region[3] ||
      item.baseline < last.region[1]
    if (jumps) {
      const edge = Math.round(item.region[0])
      starts.set(edge, [...(starts.get(edge) ?? []), item])
    }
    last = item
  }
  const edges: Gutter[] = []
  for (const [edge, at] of starts) {
    const near = [...at, ...(starts.get(edge + 1) ?? [])]
    if (near.length < 6) continue
    const ys = near.map(item => item.baseline)
    edges.push({ x0: edge - 0.8, x1: edge + 1.8, y0: Math.min(...ys) - 20, y1: Math.max(...ys) + 20 })
  }
  return edges
}

/** Whether the gap from x0 to x1 is one between columns: a strip within it, or an edge at its right end. */
const inGutter = (gutters: Gutter[], x0: number, x1: number, y: number) =>
  gutters.some(g => y >= g.y0 && y <= g.y1 && Math.min(g.x1, x1 + 0.8) - Math.max(g.x0, x0) > 0)

export function lineOf(items: TextItem[], page: number): Line {
  const sorted = [...items].sort((a, b) => a.region[0] - b.region[0])
  const lead = leadOf(sorted)
  const share = new Map<string, number>()
  let characters = 0
  for (const item of sorted) {
    share.set(item.font, (share.get(item.font) ?? 0) + item.text.length)
    characters += item.text.length
  }
  const [font, most] = [...share].sort((a, b) => b[1] - a[1])[0]!
  return {
    page,
    text: joined(sorted),
    items: sorted,
    region: union(sorted.map(item => item.region))!,
    baseline: lead.baseline,
    font,
    size: lead.size,
    purity: most / characters,
  }
}

/** Text of items on one line, with a blank where there is a word's gap. */
export function joined(items: TextItem[]): string {
  let text = ''
  let end: number | undefined
  for (const item of items) {
    if (end !== undefined && !/\s$/.test(text) && !/^\s/.test(item.text)) {
      const gap = (item.region[0] - end) / item.size
      if (gap > WORD_GAP || (item.blankBefore && gap > BLANK_GAP)) text += ' '
    }
    text += item.text
    end = item.region[2]
  }
  return text.replace(/\s+/g, ' ').trim()
}

/** The piece with the most text: what says a row's font and size. */
export const longest = (row: Line[]) => row.reduce((a, b) => (b.text.length > a.text.length ? b : a))

/** Whether a line is set as running text is. */
export const sameStyle = (line: Line, body: { font: string; size: number }) =>
  line.font === body.font && Math.abs(line.size / body.size - 1) < 0.03
