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
    for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) row[y]! += cosine[x]! * small[y * SIDE + x]!
    return row
  })
  const strengths = FREQUENCIES.map(([u, v]) =>
    rows[u]!.reduce((sum, value, y) => sum + value * COSINES[v]![y]!, 0),
  )
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
  const across = new Float32Array(width * grey.height)
  spread(grey.width, width, (from, to, share) => {
    for (let y = 0; y < grey.height; y++) across[y * width + to]! += share * grey.data[y * grey.width + from]!
  })
  const small = new Float32Array(width * height)
  spread(grey.height, height, (from, to, share) => {
    for (let x = 0; x < width; x++) small[to * width + x]! += share * across[from * width + x]!
  })
  return small
}

/** How much of each of `count` cells falls to each of `target` cells; the shares of a target cell add up to 1. */
function spread(
  count: number,
  target: number,
  visit: (from: number, to: number, share: number) => void,
): void {
  const step = count / target
  for (let to = 0; to < target; to++) {
    const [start, end] = [to * step, (to + 1) * step]
    for (let from = Math.floor(start); from < Math.min(count, Math.ceil(end)); from++)
      visit(from, to, (Math.min(end, from + 1) - Math.max(start, from)) / step)
  }
}
