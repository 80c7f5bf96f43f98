import type { Region } from '../../data/records/document.ts'

/** A PDF matrix [a, b, c, d, e, f]: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = [number, number, number, number, number, number]

export const width = (r: Region) => r[2] - r[0]
export const height = (r: Region) => r[3] - r[1]
export const area = (r: Region) => Math.max(0, width(r)) * Math.max(0, height(r))

/** The smallest region around all of them; undefined where there is none. */
export function union(regions: Iterable<Region>): Region | undefined {
  let all: Region | undefined
  for (const [x0, y0, x1, y1] of regions)
    all = all
      ? [Math.min(all[0], x0), Math.min(all[1], y0), Math.max(all[2], x1), Math.max(all[3], y1)]
      : [x0, y0, x1, y1]
  return all
}

/** What two regions share; undefined where they share nothing. */
export function intersection(a: Region, b: Region): Region | undefined {
  const shared: Region = [
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]
  return shared[2] > shared[0] && shared[3] > shared[1] ? shared : undefined
}

/** Share of `inner` that lies in `outer`, 0…1. */
export function shareInside(inner: Region, outer: Region): number {
  const shared = intersection(inner, outer)
  return shared ? area(shared) / Math.max(area(inner), 1e-9) : 0
}

/** Length that two intervals share; negative: the gap between them. */
export const overlap = (a0: number, a1: number, b0: number, b1: number) => Math.min(a1, b1) - Math.max(a0, b0)
export const overlapX = (a: Region, b: Region) => overlap(a[0], a[2], b[0], b[2])
export const overlapY = (a: Region, b: Region) => overlap(a[1], a[3], b[1], b[3])

export const grow = (r: Region, by: number): Region => [r[0] - by, r[1] - by, r[2] + by, r[3] + by]

/** Rounded to a hundredth of a point, so that printed regions are short and stable. */
export const rounded = (r: Region) => r.map(value => Math.round(value * 100) / 100) as Region

/** `first`, then `then`. */
export function chain(first: Matrix, then: Matrix): Matrix {
  const [a, b, c, d, e, f] = first
  const [A, B, C, D, E, F] = then
  return [A * a + C * b, B * a + D * b, A * c + C * d, B * c + D * d, A * e + C * f + E, B * e + D * f + F]
}

/** The upright region around a transformed box. */
export function transformed([x0, y0, x1, y1]: Region, [a, b, c, d, e, f]: Matrix): Region {
  const xs = [a * x0 + c * y0, a * x1 + c * y0, a * x0 + c * y1, a * x1 + c * y1]
  const ys = [b * x0 + d * y0, b * x1 + d * y0, b * x0 + d * y1, b * x1 + d * y1]
  return [Math.min(...xs) + e, Math.min(...ys) + f, Math.max(...xs) + e, Math.max(...ys) + f]
}
