import { type GreyPicture, reduced } from './perceptual-hash.ts'
import type { ShareBox } from './windows.ts'

/** A picture small enough to be compared fast: grey, its longer side at most `LOOK_SIDE`. */
const LOOK_SIDE = 192

/** Brings a picture to the size that comparisons look at. */
export function look(grey: GreyPicture): GreyPicture {
  const scale = Math.min(1, LOOK_SIDE / Math.max(grey.width, grey.height))
  const [width, height] = [grey.width, grey.height].map(side => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ]
  return { data: reduced(grey, width, height), width, height }
}

/** How two pictures agree once one is laid over the other. */
export interface Likeness {
  /** Part of the first picture that the second shows. */
  box: ShareBox
  /** Normalised cross-correlation of the two as wholes, −1…1. */
  whole: number
  /** Share of the tiles with structure of their own that agree in their fine detail, 0…1. */
  tiles: number
  /** Correlation of the fine detail in the tile at the lower quartile, −1…1. */
  detail: number
}

/** Sides of the squares that are compared: coarse while the box is sought, the first steps more so; fine for the verdict. */
const FIRST = 20
const COARSE = 40
const FINE = 96
/** Tiles a side of the fine square. */
const TILES = 8
/** The box's edges move by these shares of the picture, from coarse to fine. */
const STEPS = [0.05, 0.025, 0.0125, 0.006, 0.003]
const FIRST_STEPS = 2
/** What correlates less where the search starts, and less after its first steps, is no double: not worth the rest. */
const HOPELESS = [0.5, 0.75, 0.88, 0.94]
/** A tile says something from this deviation of its fine detail on, in grey levels; it agrees from this correlation on. */
const STRUCTURE = 4
const AGREES = 0.7

/**
 * Lays the second picture over the part of the first that it may show, moves the part's edges until the two correlate
 * best, and says how they agree; null where they plainly don't. Fine detail (what is left after a blur) tells a slice from the next one of the scan:
 * both have the same body, but not the same vessels.
 */
export function likeness(first: GreyPicture, second: GreyPicture, start: ShareBox): Likeness | null {
  let side = FIRST
  let coarse = squareOf(second, side)
  let box = start
  let whole = correlation(sampled(first, box, side), coarse)
  for (const [at, step] of STEPS.entries()) {
    if (at === FIRST_STEPS) {
      side = COARSE
      coarse = squareOf(second, side)
      whole = correlation(sampled(first, box, side), coarse)
    }
    if (whole < (HOPELESS[at] ?? 0)) return null
    for (let improved = true, rounds = 0; improved && rounds < 6; rounds++) {
      improved = false
      for (const move of MOVES) {
        const moved = shifted(box, move, step)
        if (!moved) continue
        const value = correlation(sampled(first, moved, side), coarse)
        if (value > whole + 1e-5) {
          whole = value
          box = moved
          improved = true
        }
      }
    }
  }
  const [one, other] = [detailOf(sampled(first, box, FINE)), detailOf(reduced(second, FINE, FINE))]
  return { box, whole, ...agreement(one, other) }
}

type Move = readonly [left: number, top: number, right: number, bottom: number]
/** Each edge alone, the box as a whole, and the box about its middle. */
const MOVES: readonly Move[] = [
  [1, 0, 1, 0],
  [0, 1, 0, 1],
  [1, 1, -1, -1],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
].flatMap(move => [move as unknown as Move, move.map(part => -part) as unknown as Move])

function shifted(box: ShareBox, [left, top, right, bottom]: Move, step: number): ShareBox | undefined {
  const moved = {
    left: Math.max(0, box.left + left * step),
    top: Math.max(0, box.top + top * step),
    right: Math.min(1, box.right + right * step),
    bottom: Math.min(1, box.bottom + bottom * step),
  }
  const isUsable = moved.right - moved.left > 0.4 && moved.bottom - moved.top > 0.4
  return isUsable ? moved : undefined
}

/** Squares that the search takes of the same picture again and again. */
const squares = new WeakMap<GreyPicture, Map<number, Float32Array>>()

/** A whole picture as a square of means, kept as long as the picture is. */
function squareOf(grey: GreyPicture, side: number): Float32Array {
  const kept = squares.get(grey) ?? new Map<number, Float32Array>()
  squares.set(grey, kept)
  const square = kept.get(side) ?? reduced(grey, side, side)
  kept.set(side, square)
  return square
}

/** Samples along an edge: the two pixels each lies between, and the share of the second. */
interface Taps {
  first: Int32Array
  second: Int32Array
  share: Float64Array
}
// A search samples some hundred squares a pair: they are written to the same memory.
const [ACROSS, DOWN] = [0, 1].map(() => ({
  first: new Int32Array(2 * FINE),
  second: new Int32Array(2 * FINE),
  share: new Float64Array(2 * FINE),
})) as [Taps, Taps]
const SQUARES = new Map([FIRST, COARSE, FINE].map(side => [side, new Float32Array(side * side)]))

/** A part of a picture as a square of means; it holds until the next of this side is sampled. */
function sampled(grey: GreyPicture, box: ShareBox, side: number): Float32Array {
  const values = SQUARES.get(side)!
  const [spanX, spanY] = [(box.right - box.left) * grey.width, (box.bottom - box.top) * grey.height]
  // Where a cell covers several pixels, two by two samples of it stand for its mean.
  const each = spanX > 1.5 * side || spanY > 1.5 * side ? 2 : 1
  setTaps(ACROSS, box.left * grey.width, spanX, side * each, grey.width)
  setTaps(DOWN, box.top * grey.height, spanY, side * each, grey.height)
  const { data, width } = grey
  const { first, second, share } = ACROSS
  const weight = 1 / each ** 2
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let sum = 0
      for (let line = y * each; line < (y + 1) * each; line++) {
        const fy = DOWN.share[line]!
        const top = DOWN.first[line]! * width
        const bottom = DOWN.second[line]! * width
        for (let at = x * each; at < (x + 1) * each; at++) {
          const fx = share[at]!
          const x0 = first[at]!
          const x1 = second[at]!
          const above = data[top + x0]! * (1 - fx) + data[top + x1]! * fx
          const below = data[bottom + x0]! * (1 - fx) + data[bottom + x1]! * fx
          sum = Math.fround(sum + weight * (above * (1 - fy) + below * fy))
        }
      }
      values[y * side + x] = sum
    }
  return values
}

function setTaps({ first, second, share }: Taps, from: number, span: number, count: number, length: number) {
  for (let at = 0; at < count; at++) {
    const place = from + ((at + 0.5) / count) * span - 0.5
    const pixel = Math.min(length - 1, Math.max(0, Math.floor(place)))
    first[at] = pixel
    second[at] = Math.min(length - 1, pixel + 1)
    share[at] = Math.min(1, Math.max(0, place - pixel))
  }
}

/** Normalised cross-correlation; 0 where one of the two is all of one grey. */
function correlation(one: Float32Array, other: Float32Array): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
  for (let at = 0; at < one.length; at++) {
    const [x, y] = [one[at]!, other[at]!]
    a += x
    b += y
    aa += x * x
    bb += y * y
    ab += x * y
  }
  const n = one.length
  const [va, vb] = [aa - (a * a) / n, bb - (b * b) / n]
  return va < 1e-3 * n || vb < 1e-3 * n ? 0 : (ab - (a * b) / n) / Math.sqrt(va * vb)
}

/** What is left of a square after its neighbourhood's mean (7 by 7) is taken away. */
function detailOf(square: Float32Array): Float32Array {
  const reach = 3
  const blurred = blur(blur(square, 1, FINE, reach), FINE, 1, reach)
  return square.map((value, at) => value - blurred[at]!)
}

function blur(square: Float32Array, step: number, stride: number, reach: number): Float32Array {
  const out = new Float32Array(square.length)
  for (let line = 0; line < FINE; line++)
    for (let at = 0; at < FINE; at++) {
      let [sum, count] = [0, 0]
      for (let near = Math.max(0, at - reach); near <= Math.min(FINE - 1, at + reach); near++) {
        sum += square[line * stride + near * step]!
        count++
      }
      out[line * stride + at * step] = sum / count
    }
  return out
}

function agreement(one: Float32Array, other: Float32Array): { tiles: number; detail: number } {
  const side = FINE / TILES
  const found: number[] = []
  for (let ty = 0; ty < TILES; ty++)
    for (let tx = 0; tx < TILES; tx++) {
      const [a, b] = [one, other].map(square => {
        const tile = new Float32Array(side * side)
        for (let y = 0; y < side; y++) {
          const from = (ty * side + y) * FINE + tx * side
          tile.set(square.subarray(from, from + side), y * side)
        }
        return tile
      }) as [Float32Array, Float32Array]
      if (Math.max(deviation(a), deviation(b)) >= STRUCTURE) found.push(correlation(a, b))
    }
  if (found.length === 0) return { tiles: 0, detail: 0 }
  const sorted = found.toSorted((x, y) => x - y)
  return {
    tiles: found.filter(value => value >= AGREES).length / found.length,
    detail: sorted[Math.floor(sorted.length / 4)]!,
  }
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
