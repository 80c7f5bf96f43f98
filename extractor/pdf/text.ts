import type { Region } from '../../data/records/document.ts'
import { chain, type Matrix } from './geometry.ts'

/** A run of text as the page shows it; all lengths in points from the page's top left. */
export interface TextItem {
  text: string
  /** pdf.js's name of the font within the document; the same font has the same name. */
  font: string
  /** Height of the font. */
  size: number
  region: Region
  /** y of the baseline, for upright text. */
  baseline: number
  /** A blank stands before it in the page's content. */
  blankBefore: boolean
  /** Degrees clockwise as shown: 0 for text that reads from left to right. */
  angle: number
}

interface PdfTextItem {
  str: string
  transform: number[]
  width: number
  height: number
  fontName: string
}
type Styles = Record<string, { ascent?: number; descent?: number; vertical?: boolean }>

/** Runs of text in the order of the page's content, blanks left out, overprinted copies (false bold) once. */
export function textItems(items: readonly unknown[], styles: Styles, toShown: Matrix): TextItem[] {
  const found: TextItem[] = []
  const scale = Math.hypot(toShown[0], toShown[1])
  const seen = new Set<string>()
  let blank = false
  const heights = glyphHeights(items as PdfTextItem[], scale, toShown)
  for (const raw of items) {
    const item = raw as PdfTextItem
    if (typeof item.str !== 'string' || item.str.trim() === '') {
      blank = item.str !== '' || blank
      continue
    }
    const blankBefore = blank || /^\s/.test(item.str)
    blank = /\s$/.test(item.str)
    const m = chain(item.transform as Matrix, toShown)
    const size = heights.get(item.fontName) ?? Math.hypot(m[2], m[3])
    if (!(size > 0.5) || !Number.isFinite(m[4] + m[5] + size)) continue
    const style = styles[item.fontName]
    const ascent = plausible(style?.ascent, 0.5, 1.2, 0.8)
    const descent = -plausible(style?.descent === undefined ? undefined : -style.descent, 0.05, 0.5, 0.2)
    const angle = Math.round((Math.atan2(m[1], m[0]) * 180) / Math.PI)
    const length = item.width * scale
    const along = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)] as const
    // Corners: along the text, and up (ascent) or down (descent) from its baseline.
    const up = [along[1], -along[0]] as const
    const xs: number[] = []
    const ys: number[] = []
    for (const t of [0, length])
      for (const s of [ascent * size, descent * size]) {
        xs.push(m[4] + along[0] * t + up[0] * s)
        ys.push(m[5] + along[1] * t + up[1] * s)
      }
    const region: Region = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
    const key = `${Math.round(m[4])},${Math.round(m[5])},${item.str}`
    if (seen.has(key)) continue
    seen.add(key)
    found.push({ text: item.str, font: item.fontName, size, region, baseline: m[5], blankBefore, angle })
  }
  return found
}

/**
 * Heights of fonts whose matrix doesn't say them: Type 3 fonts (bitmap fonts of old TeX) may scale their glyphs by any
 * factor. A letter is about half as wide as its font is high.
 */
function glyphHeights(items: PdfTextItem[], scale: number, toShown: Matrix): Map<string, number> {
  const fonts = new Map<string, { length: number; letters: number; size: number }>()
  for (const item of items) {
    if (typeof item.str !== 'string' || item.str.trim() === '') continue
    const m = chain(item.transform as Matrix, toShown)
    const font = fonts.get(item.fontName) ?? { length: 0, letters: 0, size: 0 }
    font.length += item.width * scale
    font.letters += item.str.length
    font.size += Math.hypot(m[2], m[3]) * item.str.length
    fonts.set(item.fontName, font)
  }
  const heights = new Map<string, number>()
  for (const [name, { length, letters, size }] of fonts) {
    const ratio = size / Math.max(length, 1e-9)
    if (ratio > 8 || ratio < 0.5) heights.set(name, (2.05 * length) / letters)
  }
  return heights
}

const plausible = (value: number | undefined, low: number, high: number, otherwise: number) =>
  value !== undefined && Number.isFinite(value) && value >= low && value <= high ? value : otherwise
