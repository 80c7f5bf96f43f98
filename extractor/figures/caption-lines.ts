import type { Region } from '../../data/records/document.ts'
import { height, overlapX, overlapY, union, width } from '../pdf/geometry.ts'
import { secondColumn } from './caption-breaks.ts'
import { type ParsedLabel, parseLabel } from './labels.ts'
import type { BodyStyle, PageText } from './layout.ts'
import { type Line, longest, sameStyle } from './lines.ts'

export interface Gathering {
  starts: ReadonlyMap<Line, unknown>
  taken: Set<Line>
  body: BodyStyle
  /** Distance of the running text's baselines in its font's sizes. */
  leading: number
  tables: boolean
}

/** The caption's lines from its first one downwards, in one column, and its second column where it has one. */
export function gather(start: Line, label: ParsedLabel, page: PageText, context: Gathering): Line[] {
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
