import { height, overlapX, overlapY, width } from '../pdf/geometry.ts'
import type { TextItem } from '../pdf/text.ts'
import { parseLabel } from './labels.ts'
import { type Line, linesOf } from './lines.ts'
import { joinStretchedLabels } from './stretched-labels.ts'

/** The text of one page, parted into what is read and what is only furniture. */
export interface PageText {
  page: number
  width: number
  height: number
  lines: Line[]
  /** Running heads, page numbers, watermarks. */
  furniture: Line[]
  /** Text that doesn't run from left to right: axis labels, stamps at the margin. */
  turned: TextItem[]
  characters: number
}

/** How the document's running text is set. */
export interface BodyStyle {
  font: string
  size: number
}

/** Lines of each page, running heads and line numbers taken out. */
export function layoutOf(
  pages: { page: number; width: number; height: number; items: TextItem[] }[],
): PageText[] {
  const texts = pages.map(({ page, width: w, height: h, items }) => {
    const kept = withoutLineNumbers(items, w)
    return {
      page,
      width: w,
      height: h,
      lines: joinStretchedLabels(linesOf(kept, page)),
      furniture: [] as Line[],
      turned: kept.filter(item => item.angle !== 0),
      characters: kept.reduce((sum, item) => sum + item.text.length, 0),
    }
  })
  const furniture = runningLines(texts)
  for (const text of texts) {
    text.furniture = text.lines.filter(line => furniture.has(line))
    text.lines = text.lines.filter(line => !furniture.has(line))
  }
  return texts
}

/** The font and size that most characters of the document are set in. */
export function bodyStyle(pages: PageText[]): BodyStyle {
  const styles = new Map<string, { characters: number; style: BodyStyle }>()
  for (const page of pages)
    for (const line of page.lines) {
      const size = Math.round(line.size * 4) / 4
      const key = `${line.font} ${size}`
      const entry = styles.get(key) ?? { characters: 0, style: { font: line.font, size } }
      entry.characters += line.text.length
      styles.set(key, entry)
    }
  let best = { characters: 0, style: { font: '', size: 10 } }
  for (const entry of styles.values()) if (entry.characters > best.characters) best = entry
  return best.style
}

/**
 * Takes out manuscript line numbers: at least four whole numbers that stand alone in one narrow strip left or right
 * of the text and count up from line to line.
 */
function withoutLineNumbers(items: TextItem[], pageWidth: number): TextItem[] {
  const numbers = items.filter(item => item.angle === 0 && /^\s*\d{1,4}\s*$/.test(item.text))
  const strips = new Map<number, TextItem[]>()
  for (const item of numbers) {
    // Right-aligned or left-aligned: either edge may be the common one.
    for (const key of [Math.round(item.region[0] / 3), 10_000 + Math.round(item.region[2] / 3)])
      strips.set(key, [...(strips.get(key) ?? []), item])
  }
  const dropped = new Set<TextItem>()
  for (const strip of strips.values()) {
    if (strip.length < 4) continue
    const sorted = [...strip].sort((a, b) => a.baseline - b.baseline)
    const steps = sorted.slice(1).map((item, i) => Number(item.text) - Number(sorted[i]!.text))
    const even = steps.filter(step => step === steps[Math.floor(steps.length / 2)] && step > 0).length
    if (even < (strip.length < 8 ? 1 : 0.8) * steps.length) continue
    const x = (sorted[0]!.region[0] + sorted[0]!.region[2]) / 2
    const margin = strip.length < 8 ? 0.12 : 0.2
    if (x > margin * pageWidth && x < (1 - margin) * pageWidth) continue
    for (const item of sorted) dropped.add(item)
  }
  return dropped.size > 0 ? items.filter(item => !dropped.has(item)) : items
}

/** Lines at the top or bottom of pages that come again, with other digits, on other pages; and bare page numbers. */
function runningLines(pages: PageText[]): Set<Line> {
  const seen = new Map<string, { line: Line; page: PageText }[]>()
  const found = new Set<Line>()
  for (const page of pages)
    for (const line of page.lines) {
      const { region } = line
      const outermost = region[3] < 0.07 * page.height || region[1] > 0.92 * page.height
      // In a document of few pages a caption or sentence may come again by chance.
      const atEdge =
        pages.length <= 3 ? outermost : region[3] < 0.13 * page.height || region[1] > 0.87 * page.height
      if (outermost && /^[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:of|\/)\s*\d{1,4})?[-–—\s]*$/i.test(line.text))
        found.add(line)
      // Panel letters and labels may come again at one height, too.
      if (!atEdge || line.text.length < 3 || parseLabel(line.text)) continue
      const key = line.text.toLowerCase().replace(/\d+/g, '#').replace(/\s+/g, ' ').slice(0, 120)
      seen.set(key, [...(seen.get(key) ?? []), { line, page }])
    }
  const few = pages.length <= 3 ? 2 : 3
  for (const at of seen.values()) {
    const distinct = new Set(at.map(entry => entry.page.page))
    if (distinct.size < few) continue
    // A table's heading or "Figure #" may come again too, but not at the same height.
    const close = (a: Line, b: Line) =>
      Math.abs(a.region[1] - b.region[1]) < 4 && Math.abs(height(a.region) - height(b.region)) < 3
    for (const { line, page } of at) {
      const again = at.filter(other => other.page !== page && close(other.line, line)).length
      if (again >= few - 1) found.add(line)
    }
  }
  return found
}

/** Whether two lines stand in one column: most of the narrower lies over or under the other. */
export const sameColumn = (a: Line, b: Line) =>
  overlapX(a.region, b.region) > 0.5 * Math.min(width(a.region), width(b.region))

/** Whether something of `lines` stands beside `line` on its own height. */
export const hasBeside = (line: Line, lines: Line[]) =>
  lines.some(
    other =>
      other !== line &&
      overlapY(other.region, line.region) > 0.5 * height(line.region) &&
      overlapX(other.region, line.region) < 0,
  )
