import { overlapX, union } from '../pdf/geometry.ts'
import type { BodyStyle, PageText } from './layout.ts'
import { type Line, longest } from './lines.ts'

/** A caption set in two columns under a wide figure: the block at its right with the same top, font and size. */
export function secondColumn(lines: Line[], free: Line[], context: { body: BodyStyle }): Line[] {
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
export function elsewhere(
  lines: Line[],
  page: PageText,
  next: PageText | undefined,
  starts: ReadonlyMap<Line, unknown>,
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
