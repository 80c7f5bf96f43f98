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
const SIDE = 32
/** The lowest 64 frequencies but the mean, in the order of rising frequency. */
const FREQUENCIES = Array.from({ length: 12 * 12 }, (_, at) => [at % 12, Math.floor(at / 12)] as const)
  .filter(([u, v]) => u + v > 0)
  .sort(([u, v], [s, t]) => u + v - (s + t) || u - s)
  .slice(0, 64)
const COSINES = Array.from({ length: 12 }, (_, u) =>
  Float64Array.from({ length: SIDE }, (__, x) => Math.cos((Math.PI * u * (2 * x + 1)) / (2 * SIDE))),
)

/**
 * A picture's perceptual hash: the signs of its 64 lowest frequencies against their median (Zauner 2010, "Implementation
 * and benchmarking of perceptual image hash functions", DCT hash). Pictures that were rescaled, encoded again or changed
 * in brightness keep it within a few bits; a crop does not.
 */
export function perceptualHash(grey: GreyPicture): PerceptualHash {
  const small = reduced(grey, SIDE, SIDE)
  const rows = COSINES.map(cosine => {
    const row = new Float64Array(SIDE)
    for (let y = 0; y < SIDE; y++) {
      let sum = 0
      for (let x = 0; x < SIDE; x++) sum += cosine[x]! * small[y * SIDE + x]!
      row[y] = sum
    }
    return row
  })
  const strengths = FREQUENCIES.map(([u, v]) => {
    const [row, cosine] = [rows[u]!, COSINES[v]!]
    let sum = 0
    for (let y = 0; y < SIDE; y++) sum += row[y]! * cosine[y]!
    return sum
  })
  const median = strengths.toSorted((one, other) => one - other)[31]!
  let hash = ''
  for (let at = 0; at < 64; at += 4) {
    const digit = [0, 1, 2, 3].reduce((sum, bit) => 2 * sum + Number(strengths[at + bit]! > median), 0)
    hash += digit.toString(16)
  }
  return hash
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
  const { data } = grey
  const across = new Float32Array(width * grey.height)
  const columns = spread(grey.width, width)
  for (let y = 0; y < grey.height; y++)
    for (let at = 0; at < columns.share.length; at++)
      across[y * width + columns.to[at]!]! += columns.share[at]! * data[y * grey.width + columns.from[at]!]!
  const small = new Float32Array(width * height)
  const rows = spread(grey.height, height)
  for (let at = 0; at < rows.share.length; at++) {
    const [to, from, share] = [rows.to[at]! * width, rows.from[at]! * width, rows.share[at]!]
    for (let x = 0; x < width; x++) small[to + x]! += share * across[from + x]!
  }
  return small
}

interface Spread {
  from: Int32Array
  to: Int32Array
  share: Float64Array
}
const spreads = new Map<string, Spread>()

/** How much of each of `count` cells falls to each of `target` cells; the shares of a target cell add up to 1. */
function spread(count: number, target: number): Spread {
  const known = spreads.get(`${count} ${target}`)
  if (known) return known
  const parts: [from: number, to: number, share: number][] = []
  const step = count / target
  for (let to = 0; to < target; to++) {
    const [start, end] = [to * step, (to + 1) * step]
    for (let from = Math.floor(start); from < Math.min(count, Math.ceil(end)); from++)
      parts.push([from, to, (Math.min(end, from + 1) - Math.max(start, from)) / step])
  }
  const made = {
    from: Int32Array.from(parts, part => part[0]),
    to: Int32Array.from(parts, part => part[1]),
    share: Float64Array.from(parts, part => part[2]),
  }
  // Windows come in few sizes, pictures in any number.
  if (spreads.size > 1000) spreads.clear()
  spreads.set(`${count} ${target}`, made)
  return made
}
