import type { Pixels } from '../../data/workspace/images.ts'
import { lumaOf } from './borders.ts'

/** The air beside the body: its grey lies this close to the edge's commonest grey. */
const AIR_SPREAD = 14
/** That grey is dark, and takes this share of the picture's edge; else there is no air to see marks in. */
const DARK = 110
const EDGE_SHARE = 0.4
/** Marks are bright somewhere, and small: share of the picture's area, and of its height. */
const BRIGHT = 150
const LARGEST = 0.02
const TALLEST = 0.12
/** More than this share of the picture in marks is no burnt-in text: nothing is painted out then. */
const MOST = 0.06

/**
 * Paints out burnt-in text and scale bars that stand in the air beside the body: small parts with something bright in
 * them, all around surrounded by the air that reaches the picture's edge. A letter that lies over the body is part of it
 * and stays; so does everything where the picture shows no air (a cut-out of the lung).
 */
export function withoutMarks(pixels: Pixels): Pixels {
  const { width, height } = pixels
  const luma = lumaOf(pixels)
  const air = airGrey(luma, width, height)
  if (air === null) return pixels
  const outside = flood(luma, width, height, air)
  const marks = smallParts(luma, outside, width, height)
  const painted = marks.reduce((sum, part) => sum + part.length, 0)
  if (painted === 0 || painted > MOST * width * height) return pixels
  const data = pixels.data.slice()
  for (const part of marks) for (const at of part) data.fill(air, 3 * at, 3 * at + 3)
  return { data, width, height }
}

/** The commonest grey along the edge, where it is dark and common enough. */
function airGrey(luma: Uint8Array, width: number, height: number): number | null {
  const counts = new Uint32Array(256)
  for (let x = 0; x < width; x++) {
    counts[luma[x]!]!++
    counts[luma[(height - 1) * width + x]!]!++
  }
  for (let y = 0; y < height; y++) {
    counts[luma[y * width]!]!++
    counts[luma[y * width + width - 1]!]!++
  }
  const mode = counts.indexOf(Math.max(...counts))
  let near = 0
  for (let grey = Math.max(0, mode - AIR_SPREAD); grey <= Math.min(255, mode + AIR_SPREAD); grey++)
    near += counts[grey]!
  return mode <= DARK && near >= EDGE_SHARE * 2 * (width + height) ? mode : null
}

/** Pixels of the air that are joined to the picture's edge through air: 1. */
function flood(luma: Uint8Array, width: number, height: number, air: number): Uint8Array {
  const outside = new Uint8Array(luma.length)
  const stack: number[] = []
  const visit = (at: number) => {
    if (outside[at] === 0 && Math.abs(luma[at]! - air) <= AIR_SPREAD) {
      outside[at] = 1
      stack.push(at)
    }
  }
  for (let x = 0; x < width; x++) {
    visit(x)
    visit((height - 1) * width + x)
  }
  for (let y = 0; y < height; y++) {
    visit(y * width)
    visit(y * width + width - 1)
  }
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width
    if (x > 0) visit(at - 1)
    if (x + 1 < width) visit(at + 1)
    if (at >= width) visit(at - width)
    if (at + width < luma.length) visit(at + width)
  }
  return outside
}

/** Joined parts (eight neighbours) of what is not air, where small, low and bright. */
function smallParts(luma: Uint8Array, outside: Uint8Array, width: number, height: number): number[][] {
  const seen = outside.slice()
  const largest = LARGEST * luma.length
  const found: number[][] = []
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] !== 0) continue
    const part = [start]
    seen[start] = 1
    let [top, bottom, brightest] = [height, 0, 0]
    for (let next = 0; next < part.length; next++) {
      const at = part[next]!
      const [x, y] = [at % width, Math.floor(at / width)]
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
      brightest = Math.max(brightest, luma[at]!)
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++)
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const neighbour = ny * width + nx
          if (seen[neighbour] === 0) {
            seen[neighbour] = 1
            part.push(neighbour)
          }
        }
    }
    if (part.length <= largest && bottom - top < TALLEST * height && brightest >= BRIGHT) found.push(part)
  }
  return found
}
