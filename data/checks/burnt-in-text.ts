import { lumaOf } from '../pictures/borders.ts'
import type { Pixels } from '../workspace/images.ts'

/** A line of characters in a picture, in pixels from its top left. What it says is not read. */
export interface BurntInLine {
  left: number
  top: number
  width: number
  height: number
  characters: number
}

/** Text is this much brighter (or darker) than what is around it. */
const CONTRAST = 70
const REACH = 6
/** Heights of characters: pixels, and share of the picture's height. */
const LEAST_HEIGHT = 5
const TALLEST = 0.08
/** From this many characters on it is a line: dates, numbers and names have more, panel letters fewer. */
const LEAST_CHARACTERS = 5
/** Scanners and viewers write at the edges: a line starts or ends in the outer part of the picture. */
const EDGE = 0.2
/** What lies just above and below the line is not itself in pieces: deviation of its grey, chosen by `bench:burnt-in`. */
const PLAIN = 80

interface Mark {
  left: number
  top: number
  right: number
  bottom: number
  pixels: number
}

/**
 * Lines of text-like marks at the edges of a picture: five or more small marks of one height, side by side, where scanners and viewers write names, numbers and dates. Single letters, arrows and scale bars are none.
 */
export function burntInText(pixels: Pixels): BurntInLine[] {
  const luma = lumaOf(pixels)
  const { width, height } = pixels
  const found: BurntInLine[] = []
  for (const sign of [1, -1]) {
    const marks = marksOf(inkOf(luma, width, height, sign), width, height)
    for (const line of linesOf(marks)) {
      const box = hullOf(line)
      const isAtEdge =
        box.top < EDGE * height ||
        box.bottom > (1 - EDGE) * height ||
        box.left < EDGE * width ||
        box.right > (1 - EDGE) * width
      if (!isAtEdge || !isOnPlainGround(luma, width, line, box)) continue
      found.push({
        left: box.left,
        top: box.top,
        width: box.right - box.left,
        height: box.bottom - box.top,
        characters: line.length,
      })
    }
  }
  return found.sort((a, b) => a.top - b.top || a.left - b.left)
}

/** Pixels that stand out from the mean of their neighbourhood (an integral picture gives it). */
function inkOf(luma: Uint8Array, width: number, height: number, sign: number): Uint8Array {
  const sums = new Float64Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y++) {
    let row = 0
    for (let x = 0; x < width; x++) {
      row += luma[y * width + x]!
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row
    }
  }
  const ink = new Uint8Array(luma.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [x0, x1] = [Math.max(0, x - REACH), Math.min(width, x + REACH + 1)]
      const [y0, y1] = [Math.max(0, y - REACH), Math.min(height, y + REACH + 1)]
      const sum =
        sums[y1 * (width + 1) + x1]! -
        sums[y0 * (width + 1) + x1]! -
        sums[y1 * (width + 1) + x0]! +
        sums[y0 * (width + 1) + x0]!
      const mean = sum / ((x1 - x0) * (y1 - y0))
      ink[y * width + x] = Number(sign * (luma[y * width + x]! - mean) >= CONTRAST)
    }
  return ink
}

/** Joined ink (eight neighbours) of the size of characters. */
function marksOf(ink: Uint8Array, width: number, height: number): Mark[] {
  const marks: Mark[] = []
  for (let start = 0; start < ink.length; start++) {
    if (ink[start] === 0) continue
    const part = [start]
    ink[start] = 0
    const mark: Mark = { left: width, top: height, right: 0, bottom: 0, pixels: 0 }
    for (let next = 0; next < part.length; next++) {
      const [x, y] = [part[next]! % width, Math.floor(part[next]! / width)]
      mark.left = Math.min(mark.left, x)
      mark.right = Math.max(mark.right, x + 1)
      mark.top = Math.min(mark.top, y)
      mark.bottom = Math.max(mark.bottom, y + 1)
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
          if (ink[row * width + column] === 1) {
            ink[row * width + column] = 0
            part.push(row * width + column)
          }
    }
    mark.pixels = part.length
    const [w, h] = [mark.right - mark.left, mark.bottom - mark.top]
    // Characters are about as wide as high, narrow at the least ("1", "I"), and neither dots nor solid blocks.
    if (h >= LEAST_HEIGHT && h <= Math.max(10, TALLEST * height) && w <= 1.6 * h && mark.pixels >= 4)
      marks.push(mark)
  }
  return marks
}

/** Marks of one height that stand side by side on one line. */
function linesOf(marks: readonly Mark[]): Mark[][] {
  const lines: Mark[][] = []
  for (const mark of marks.toSorted((a, b) => a.left - b.left)) {
    const height = mark.bottom - mark.top
    const line = lines.find(members => {
      const last = members.at(-1)!
      const other = last.bottom - last.top
      const gap = mark.left - last.right
      return (
        gap >= -1 &&
        gap <= 1.3 * Math.max(height, other) &&
        Math.max(height, other) <= 1.35 * Math.min(height, other) + 1 &&
        Math.abs(mark.bottom - last.bottom) <= 0.2 * other + 1
      )
    })
    if (line) line.push(mark)
    else lines.push([mark])
  }
  return lines.filter(line => line.length >= LEAST_CHARACTERS)
}

const hullOf = (line: readonly Mark[]) => ({
  left: Math.min(...line.map(({ left }) => left)),
  top: Math.min(...line.map(({ top }) => top)),
  right: Math.max(...line.map(({ right }) => right)),
  bottom: Math.max(...line.map(({ bottom }) => bottom)),
})

/** Vessels in a lung make rows of marks too, but on uneven ground: what lies just above and below the line tells. */
function isOnPlainGround(
  luma: Uint8Array,
  width: number,
  line: readonly Mark[],
  box: { left: number; top: number; right: number; bottom: number },
): boolean {
  const height = luma.length / width
  const values: number[] = []
  for (const y of [box.top - 2, box.top - 3, box.bottom + 1, box.bottom + 2])
    if (y >= 0 && y < height) for (let x = box.left; x < box.right; x++) values.push(luma[y * width + x]!)
  if (values.length === 0) return false
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  const inked = line.reduce((sum, { pixels }) => sum + pixels, 0)
  return deviation <= PLAIN && inked <= 0.7 * (box.right - box.left) * (box.bottom - box.top)
}
