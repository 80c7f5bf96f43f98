import { lumaOf, withoutBorders } from '../pictures/borders.ts'
import type { Pixels } from '../workspace/images.ts'

/** Grey pixels, a byte each, row by row. */
export interface GreyPicture {
  data: ArrayLike<number> // [height, width]
  width: number
  height: number
}

/** 64 bits as 16 hexadecimal digits. */
export type PerceptualHash = string

/** Side of the small picture whose frequencies are taken. */
export const HASH_SIDE = 32
/** The lowest 64 frequencies but the mean, in the order of rising frequency. */
const FREQUENCIES = Array.from({ length: 12 * 12 }, (_, at) => [at % 12, Math.floor(at / 12)] as const)
  .filter(([u, v]) => u + v > 0)
  .sort(([u, v], [s, t]) => u + v - (s + t) || u - s)
  .slice(0, 64)
const COSINES = Array.from({ length: 12 }, (_, u) =>
  Float64Array.from({ length: HASH_SIDE }, (__, x) =>
    Math.cos((Math.PI * u * (2 * x + 1)) / (2 * HASH_SIDE)),
  ),
)

/**
 * A picture's perceptual hash: the signs of its 64 lowest frequencies against their median (Zauner 2010, "Implementation
 * and benchmarking of perceptual image hash functions", DCT hash). Pictures that were rescaled, encoded again or changed
 * in brightness keep it within a few bits; a crop does not.
 */
export function perceptualHash(grey: GreyPicture): PerceptualHash {
  return [...hashHalves(reduced(grey, HASH_SIDE, HASH_SIDE))]
    .map(half => half.toString(16).padStart(8, '0'))
    .join('')
}

/** The hash of a picture brought to `HASH_SIDE` by `HASH_SIDE`, as two 32-bit halves. */
export function hashHalves(small: Float32Array): Uint32Array {
  const rows = COSINES.map(cosine => {
    const row = new Float64Array(HASH_SIDE)
    for (let y = 0; y < HASH_SIDE; y++) {
      let sum = 0
      for (let x = 0; x < HASH_SIDE; x++) sum += cosine[x]! * small[y * HASH_SIDE + x]!
      row[y] = sum
    }
    return row
  })
  const strengths = Float64Array.from(FREQUENCIES, ([u, v]) => {
    const [row, cosine] = [rows[u]!, COSINES[v]!]
    let sum = 0
    for (let y = 0; y < HASH_SIDE; y++) sum += row[y]! * cosine[y]!
    return sum
  })
  const median = strengths.toSorted()[31]!
  const halves = new Uint32Array(2)
  for (let at = 0; at < 64; at++) if (strengths[at]! > median) halves[at >> 5]! |= 1 << (31 - (at & 31))
  return halves
}

/** The hash of a decoded picture without its black and white frames, which tell nothing of what it shows. */
export function pictureHash(pixels: Pixels): PerceptualHash {
  return perceptualHash(framedGrey(pixels))
}

/** A picture's grey levels without its black and white frames. */
export function framedGrey(pixels: Pixels): GreyPicture {
  const luma = lumaOf(pixels)
  const { left, top, width, height } = withoutBorders(pixels)
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = (top + y) * pixels.width + left
    data.set(luma.subarray(from, from + width), y * width)
  }
  return { data, width, height }
}

/** Bits in which two hashes differ, 0…64; about 32 for pictures that have nothing in common. */
export function hashDistance(one: PerceptualHash, other: PerceptualHash): number {
  return (
    bitsOf(Number.parseInt(one.slice(0, 8), 16) ^ Number.parseInt(other.slice(0, 8), 16)) +
    bitsOf(Number.parseInt(one.slice(8), 16) ^ Number.parseInt(other.slice(8), 16))
  )
}

/** Set bits of a 32-bit number. */
export function bitsOf(number: number): number {
  let n = number - ((number >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** A picture brought to another size, each pixel the mean of the area it stands for. */
export function reduced(grey: GreyPicture, width: number, height: number): Float32Array {
  return shortened(narrowed(grey, 0, grey.width, width), width, height)
}

/** Columns from `start` to `end` of a picture brought to another width, each line for itself. [height, width] */
export function narrowed(grey: GreyPicture, start: number, end: number, width: number): Float32Array {
  // One type of pixels, so that the innermost loop is compiled for that alone.
  const data = grey.data instanceof Float32Array ? grey.data : new Float32Array(grey.data)
  const { starts, from, share } = spread(end - start, width)
  const lines = new Float32Array(width * grey.height)
  for (let y = 0, line = start; y < grey.height; y++, line += grey.width)
    for (let to = 0; to < width; to++) {
      let sum = 0
      for (let at = starts[to]!; at < starts[to + 1]!; at++)
        sum = Math.fround(sum + share[at]! * data[line + from[at]!]!)
      lines[y * width + to] = sum
    }
  return lines
}

/** Lines brought to another number, each the mean of those it stands for. @param lines [any, width] */
export function shortened(lines: Float32Array, width: number, height: number): Float32Array {
  const small = new Float32Array(width * height)
  const { starts, from, share } = spread(lines.length / width, height)
  for (let to = 0; to < height; to++)
    for (let at = starts[to]!; at < starts[to + 1]!; at++) {
      const [line, part] = [from[at]! * width, share[at]!]
      for (let x = 0; x < width; x++) small[to * width + x]! += part * lines[line + x]!
    }
  return small
}

interface Spread {
  /** The parts of target cell t stand from starts[t] to starts[t + 1]. */
  starts: Int32Array
  from: Int32Array
  share: Float64Array
}
const spreads = new Map<string, Spread>()

/** How much of each of `count` cells falls to each of `target` cells; the shares of a target cell add up to 1. */
function spread(count: number, target: number): Spread {
  const known = spreads.get(`${count} ${target}`)
  if (known) return known
  const parts: [from: number, share: number][] = []
  const starts = new Int32Array(target + 1)
  const step = count / target
  for (let to = 0; to < target; to++) {
    const [start, end] = [to * step, (to + 1) * step]
    for (let from = Math.floor(start); from < Math.min(count, Math.ceil(end)); from++)
      parts.push([from, (Math.min(end, from + 1) - Math.max(start, from)) / step])
    starts[to + 1] = parts.length
  }
  const made = {
    starts,
    from: Int32Array.from(parts, part => part[0]),
    share: Float64Array.from(parts, part => part[1]),
  }
  // Windows come in few sizes, pictures in any number.
  if (spreads.size > 1000) spreads.clear()
  spreads.set(`${count} ${target}`, made)
  return made
}
