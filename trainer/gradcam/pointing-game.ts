import type { HeatMap } from './heat-map.ts'
import { resizeMap } from './resize-map.ts'

export interface Size {
  width: number
  height: number
}

/** A place in a picture, in pixels from the top left. */
export interface Point {
  x: number
  y: number
}

/** The hottest pixel of a map laid over its picture; null where the map is empty. Of equal ones the first. */
export function hottestPoint({ values, peak, ...from }: HeatMap, { width, height }: Size): Point | null {
  if (peak <= 0) return null
  const over = resizeMap(values, from, { width, height })
  let best = 0
  for (let at = 1; at < over.length; at++) if (over[at]! > over[best]!) best = at
  return { x: best % width, y: Math.floor(best / width) }
}

/** The pointing game (Zhang et al. 2018): whether a point lies in the mask; no tolerance around it. */
export const pointsInto = (mask: ArrayLike<number>, { x, y }: Point, { width }: Size): boolean =>
  mask[y * width + x] === 1

/**
 * The control: the middle of each lung, the mean of its pixels left and right of the picture's middle line. Lesions
 * are in lungs, so that a map is worth something only where it points better than this.
 */
export function lungCentres(lung: ArrayLike<number>, { width, height }: Size): Point[] {
  const sides = [
    { x: 0, y: 0, n: 0 },
    { x: 0, y: 0, n: 0 },
  ]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (lung[y * width + x] !== 1) continue
      const side = sides[x < width / 2 ? 0 : 1]!
      side.x += x
      side.y += y
      side.n++
    }
  return sides.flatMap(({ x, y, n }) => (n > 0 ? [{ x: Math.round(x / n), y: Math.round(y / n) }] : []))
}

/** One picture of the game: the masks of its lung and of what a head looks for. */
export interface Target extends Size {
  mask: ArrayLike<number>
  lung: ArrayLike<number>
}

export interface PointingScore {
  /** Pictures played on, and those whose map pointed into the mask (an empty map points nowhere: a miss). */
  n: number
  hits: number
  /** Hits to be expected of the lung's middle (either lung, by the toss of a coin), and of any pixel of the lungs. */
  lungCentre: number
  anyLungPixel: number
}

/** Plays the pointing game on pictures whose masks are known. */
export function pointingGame(rounds: readonly { map: HeatMap; target: Target }[]): PointingScore {
  const score: PointingScore = { n: rounds.length, hits: 0, lungCentre: 0, anyLungPixel: 0 }
  for (const { map, target } of rounds) {
    const { mask, lung } = target
    const point = hottestPoint(map, target)
    if (point && pointsInto(mask, point, target)) score.hits++
    const centres = lungCentres(lung, target)
    const middle = centres.filter(centre => pointsInto(mask, centre, target)).length
    score.lungCentre += centres.length > 0 ? middle / centres.length : 0
    let inside = 0
    let lungPixels = 0
    for (let at = 0; at < lung.length; at++) {
      if (lung[at] !== 1) continue
      lungPixels++
      if (mask[at] === 1) inside++
    }
    score.anyLungPixel += lungPixels > 0 ? inside / lungPixels : 0
  }
  return score
}
