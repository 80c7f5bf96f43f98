import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Pixels } from '../../data/workspace/images.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import type { Box } from './gutters.ts'

/** A letter read from the pixels of a picture. */
export interface ReadLetter {
  letter: string
  box: Box
  /** Likeness to the glyph, 0…1. */
  score: number
}

const stored = z
  .object({
    side: z.int(),
    glyphs: z.array(
      z.object({ letter: z.string(), font: z.string(), aspect: z.number(), shades: z.string() }),
    ),
  })
  .parse(JSON.parse(readFileSync(packagePath('extractor', 'panels', 'glyphs.json'), 'utf8')))
const SIDE = stored.side
const glyphs = stored.glyphs.map(glyph => ({
  ...glyph,
  ...centred(softened(Float64Array.from(glyph.shades, hex => Number.parseInt(hex, 16) / 15))),
}))

const TALLEST = 0.16
const LEAST_PIXELS = 7
const TAKEN_FROM = 0.8
/** Letters stand out from the picture in one of these ways. */
const INKS: ((r: number, g: number, b: number) => boolean)[] = [
  (r, g, b) => Math.min(r, g, b) >= 215,
  (r, g, b) => Math.max(r, g, b) <= 80,
  (r, g, b) => Math.max(r, g, b) - Math.min(r, g, b) >= 110,
]

/**
 * Reads single letters of `alphabet` (upper case; lower case is read as the same) anywhere in a picture, by matching
 * connected ink of letter size with the glyphs of common fonts. Ink with other ink of its size right beside it is part
 * of a word and no panel letter.
 */
export function readLetters(pixels: Pixels, alphabet: ReadonlySet<string>): ReadLetter[] {
  const found: ReadLetter[] = []
  for (const ink of INKS) {
    const blobs = blobsOf(pixels, ink)
    for (const blob of blobs) {
      if (!isLone(blob, blobs)) continue
      const best = bestGlyph(pixels, blob, ink, alphabet)
      if (best) found.push(best)
    }
  }
  return found.sort((a, b) => b.score - a.score)
}

interface Blob {
  box: Box
  pixels: number
}

/** Connected ink of letter size; larger things are walked over but not kept. */
function blobsOf({ data, width, height }: Pixels, ink: (r: number, g: number, b: number) => boolean): Blob[] {
  const mask = new Uint8Array(width * height)
  for (let i = 0, j = 0; i < mask.length; i++, j += 3)
    if (ink(data[j]!, data[j + 1]!, data[j + 2]!)) mask[i] = 1
  const tallest = Math.max(16, TALLEST * Math.min(width, height))
  const blobs: Blob[] = []
  // Every pixel is put on the stack once at most.
  const stack = new Int32Array(mask.length)
  for (let start = mask.indexOf(1); start >= 0; start = mask.indexOf(1, start + 1)) {
    let x0 = width
    let y0 = height
    let x1 = 0
    let y1 = 0
    let count = 0
    mask[start] = 2
    stack[0] = start
    let top = 1
    while (top > 0) {
      const at = stack[--top]!
      const x = at % width
      const y = (at - x) / width
      count++
      if (x < x0) x0 = x
      if (x >= x1) x1 = x + 1
      if (y < y0) y0 = y
      if (y >= y1) y1 = y + 1
      const left = x > 0 ? -1 : 0
      const right = x < width - 1 ? 1 : 0
      for (let ny = y > 0 ? y - 1 : y; ny <= y + 1 && ny < height; ny++)
        for (let to = ny * width + x + left, end = ny * width + x + right; to <= end; to++) {
          if (mask[to] !== 1) continue
          mask[to] = 2
          stack[top++] = to
        }
    }
    const w = x1 - x0
    const h = y1 - y0
    if (h >= LEAST_PIXELS && h <= tallest && w >= 2 && w <= 1.5 * h && count > 0.12 * w * h)
      blobs.push({ box: [x0, y0, x1, y1], pixels: count })
  }
  return blobs
}

/** No other ink of like height within a letter's width on its line; brackets around it are allowed. */
function isLone({ box }: Blob, blobs: Blob[]): boolean {
  const [x0, y0, x1, y1] = box
  const h = y1 - y0
  let beside = 0
  for (const { box: b } of blobs) {
    if (b === box) continue
    const bh = b[3] - b[1]
    const shared = Math.min(y1, b[3]) - Math.max(y0, b[1])
    if (bh < 0.5 * h || bh > 2 * h || shared < 0.5 * Math.min(h, bh)) continue
    const gap = Math.max(b[0] - x1, x0 - b[2])
    if (gap > 0.7 * h || gap < -0.2 * h) continue
    const bracket = b[2] - b[0] < 0.45 * bh && bh > 1.1 * h
    if (!bracket) beside++
  }
  return beside === 0
}

function bestGlyph(
  { data, width }: Pixels,
  { box }: Blob,
  ink: (r: number, g: number, b: number) => boolean,
  alphabet: ReadonlySet<string>,
): ReadLetter | undefined {
  const [x0, y0, x1, y1] = box
  const w = x1 - x0
  const h = y1 - y0
  const { values, norm } = centred(
    softened(
      resampled(w, h, (x, y) => {
        const p = ((y0 + y) * width + x0 + x) * 3
        return ink(data[p]!, data[p + 1]!, data[p + 2]!) ? 1 : 0
      }),
    ),
  )
  if (norm === 0) return undefined
  const aspect = w / h
  let best: ReadLetter | undefined
  let rival = 0
  for (const glyph of glyphs) {
    const ratio = aspect / glyph.aspect
    if (ratio > 1.45 || ratio < 0.69) continue
    let dot = 0
    for (let i = 0; i < values.length; i++) dot += values[i]! * glyph.values[i]!
    const score = dot / (norm * glyph.norm) - 0.15 * Math.abs(Math.log(ratio))
    const letter = glyph.letter.toUpperCase()
    if (!best || score > best.score) {
      if (best && best.letter !== letter) rival = Math.max(rival, best.score)
      best = { letter, box, score }
    } else if (letter !== best.letter) rival = Math.max(rival, score)
  }
  if (!best || best.score < TAKEN_FROM || !alphabet.has(best.letter) || best.score - rival < 0.01)
    return undefined
  return best
}

/** A shape of w × h pixels at SIDE × SIDE: each value is the share of ink in the area that it covers. */
function resampled(w: number, h: number, inkAt: (x: number, y: number) => number): Float64Array {
  const out = new Float64Array(SIDE * SIDE)
  const covers = (cell: number, length: number): [number, number][] => {
    const [from, to] = [(cell * length) / SIDE, ((cell + 1) * length) / SIDE]
    const parts: [number, number][] = []
    for (let at = Math.floor(from); at < to; at++) parts.push([at, Math.min(at + 1, to) - Math.max(at, from)])
    return parts
  }
  const columns = Array.from({ length: SIDE }, (_, i) => covers(i, w))
  for (let j = 0; j < SIDE; j++)
    for (const [y, part] of covers(j, h))
      for (let i = 0; i < SIDE; i++)
        for (const [x, share] of columns[i]!)
          if (x < w && y < h) out[j * SIDE + i]! += part * share * inkAt(x, y)
  const whole = (w * h) / (SIDE * SIDE)
  return out.map(value => value / whole)
}

/** Blurred by a pixel, so that strokes a little thinner or beside each other still match. */
function softened(shades: Float64Array): Float64Array {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : shades[y * SIDE + x]!)
  return shades.map((_, i) => {
    const x = i % SIDE
    const y = (i - x) / SIDE
    let sum = 0
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) sum += at(x + dx, y + dy) * (2 - Math.abs(dx)) * (2 - Math.abs(dy))
    return sum / 16
  })
}

function centred(shades: Float64Array): { values: Float64Array; norm: number } {
  const mean = shades.reduce((sum, value) => sum + value, 0) / shades.length
  const values = shades.map(value => value - mean)
  return { values, norm: Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) }
}
