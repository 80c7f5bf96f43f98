import { lumaOf } from '../../data/pictures/borders.ts'
import type { Pixels } from '../../data/workspace/images.ts'

/** The air beside the body is the edge's commonest grey, where that is dark and common enough. */
const DARK = 110
const AIR_SPREAD = 14
const EDGE_SHARE = 0.4
/** What is this much brighter than the air is body or mark. */
const ABOVE_AIR = 60
/** The body is the largest part; its hull covers at least this share of the picture, else there is no whole slice. */
const LEAST_HULL = 0.4
/** A mark is bright somewhere and small: shares of the picture's area, height and width. Rulers are tall and thin. */
const BRIGHT = 150
const LARGEST = 0.02
const TALLEST = 0.12
const THINNEST = 0.05
/** Share of a mark that must lie outside the body's hull. */
const OUTSIDE = 0.9
/** More than this share of the picture in marks is no burnt-in text: nothing is painted out then. */
const MOST = 0.06

/**
 * Paints out burnt-in text and scale bars beside the body with the air's grey: small bright parts outside the convex hull
 * of the largest part. What lies over the body stays; so does everything where the picture shows no whole slice with air
 * around it (a cut-out of the lung, a chart).
 */
export function withoutMarks(pixels: Pixels): Pixels {
  const { width, height } = pixels
  const luma = lumaOf(pixels)
  const air = airGrey(luma, width, height)
  if (air === null) return pixels
  const parts = brightParts(luma, air + ABOVE_AIR, width)
  const body = parts.reduce(
    (largest, part) => (part.length > largest.length ? part : largest),
    [] as number[],
  )
  const hull = hullSpans(body, width, height)
  const covered = hull.reduce((sum, [left, right]) => sum + Math.max(0, right - left + 1), 0)
  if (covered < LEAST_HULL * luma.length) return pixels
  const marks = parts.filter(part => part !== body && isMark(part, luma, width, height, hull))
  const painted = marks.reduce((sum, part) => sum + part.length, 0)
  if (painted === 0 || painted > MOST * luma.length) return pixels
  const data = pixels.data.slice()
  for (const part of marks)
    for (const at of part) {
      // The pixels around too: letters have soft edges.
      const [x, y] = [at % width, Math.floor(at / width)]
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        const from = row * width + Math.max(0, x - 1)
        data.fill(air, 3 * from, 3 * (row * width + Math.min(width - 1, x + 1)) + 3)
      }
    }
  return { data, width, height }
}

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

/** Joined parts (eight neighbours) of what is brighter than a grey. */
function brightParts(luma: Uint8Array, above: number, width: number): number[][] {
  const height = luma.length / width
  const open = Uint8Array.from(luma, grey => Number(grey > above))
  const parts: number[][] = []
  for (let start = 0; start < open.length; start++) {
    if (open[start] === 0) continue
    const part = [start]
    open[start] = 0
    for (let next = 0; next < part.length; next++) {
      const [x, y] = [part[next]! % width, Math.floor(part[next]! / width)]
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const neighbour = row * width + column
          if (open[neighbour] === 0) continue
          open[neighbour] = 0
          part.push(neighbour)
        }
    }
    parts.push(part)
  }
  return parts
}

type Point = readonly [x: number, y: number]

/** For each row the first and last column of a part's convex hull; first after last where the hull has none. */
function hullSpans(part: readonly number[], width: number, height: number): [number, number][] {
  const spans = Array.from({ length: height }, (): [number, number] => [width, -1])
  for (const at of part) {
    const span = spans[Math.floor(at / width)]!
    span[0] = Math.min(span[0], at % width)
    span[1] = Math.max(span[1], at % width)
  }
  const rows = spans.flatMap(([left, right], y) => (right < left ? [] : [[left, right, y] as const]))
  const sides = [0, 1].map(side =>
    chain(
      rows.map((row): Point => [row[side]!, row[2]]),
      side === 0 ? 1 : -1,
    ),
  )
  return spans.map((_, y) => {
    const [left, right] = sides.map(points => crossing(points, y))
    return left === null || right === null ? [width, -1] : [Math.floor(left!), Math.ceil(right!)]
  })
}

/** The hull's left (turn 1) or right (turn −1) side from top to bottom: Andrew's monotone chain. */
function chain(points: readonly Point[], turn: 1 | -1): Point[] {
  const kept: Point[] = []
  for (const point of points) {
    while (kept.length >= 2) {
      const [[ax, ay], [bx, by]] = [kept.at(-2)!, kept.at(-1)!]
      const bend = (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
      if (turn * bend < 0) break
      kept.pop()
    }
    kept.push(point)
  }
  return kept
}

function crossing(points: readonly Point[], y: number): number | null {
  const below = points.findIndex(point => point[1] >= y)
  if (below < 0 || points[0]![1] > y) return null
  const [bx, by] = points[below]!
  if (by === y) return bx
  const [ax, ay] = points[below - 1]!
  return ax + ((bx - ax) * (y - ay)) / (by - ay)
}

function isMark(
  part: readonly number[],
  luma: Uint8Array,
  width: number,
  height: number,
  hull: readonly [number, number][],
): boolean {
  if (part.length > LARGEST * luma.length) return false
  let [left, right, top, bottom, brightest, outside] = [width, 0, height, 0, 0, 0]
  for (const at of part) {
    const [x, y] = [at % width, Math.floor(at / width)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
    brightest = Math.max(brightest, luma[at]!)
    const [from, to] = hull[y]!
    if (x < from || x > to) outside++
  }
  const low = bottom - top < TALLEST * height
  const thin = right - left < THINNEST * width
  return brightest >= BRIGHT && (low || thin) && outside >= OUTSIDE * part.length
}
