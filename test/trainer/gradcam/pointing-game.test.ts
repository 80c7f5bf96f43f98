import { describe, expect, it } from 'vitest'
import { hottestPoint, lungCentres, pointingGame } from '../../../trainer/gradcam/pointing-game.ts'

const map = (values: number[], height: number, width: number) => ({
  height,
  width,
  values: Float32Array.from(values),
  peak: Math.max(...values),
})

describe('the pointing game', () => {
  it('points at the hottest pixel of the map laid over the picture', () => {
    const point = hottestPoint(map([0, 0, 1, 0], 2, 2), { width: 8, height: 6 })!
    expect(point.x).toBeLessThan(4)
    expect(point.y).toBeGreaterThanOrEqual(3)
  })
  it('points nowhere with an empty map', () => {
    expect(hottestPoint(map([0, 0, 0, 0], 2, 2), { width: 8, height: 6 })).toBeNull()
  })
  it('takes the middle of each lung for the control', () => {
    // prettier-ignore
    const lung = [1, 1, 1, 0, 0, 0, 0, 1]
    expect(lungCentres(lung, { width: 8, height: 1 })).toEqual([
      { x: 1, y: 0 },
      { x: 7, y: 0 },
    ])
  })
  it('counts hits, and what chance would give: one lung of two, and the share of the lungs that is ill', () => {
    const lung = [1, 1, 1, 1, 0, 0, 1, 1, 1, 1]
    const mask = [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    const target = { width: 10, height: 1, mask, lung }
    const hit = { map: map([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1, 10), target }
    const miss = { map: map([0, 0, 0, 0, 0, 0, 0, 0, 1, 0], 1, 10), target }
    const empty = { map: map([0, 0], 1, 2), target }
    expect(pointingGame([hit, miss, empty])).toEqual({ n: 3, hits: 1, lungCentre: 1.5, anyLungPixel: 0.75 })
  })
})
