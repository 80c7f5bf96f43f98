import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../../data/workspace/images.ts'
import { FEATURES, kindFeatures } from '../../../extractor/kinds/features.ts'
import { kindOf } from '../../../extractor/kinds/kind.ts'

function painted(
  width: number,
  height: number,
  shade: (x: number, y: number) => [number, number, number],
): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(shade(x, y), (y * width + x) * 3)
  return { data, width, height }
}
const chart = painted(400, 300, (x, y) => {
  if (x === 40 || y === 260 || (x > 40 && Math.abs(y - (260 - (x - 40) / 2)) < 1.5)) return [0, 0, 0]
  if (x > 60 && x < 90 && y > 120 && y < 260) return [60, 90, 200]
  return [255, 255, 255]
})

describe('the kind of a picture', () => {
  it('is chart for axes, a line and a bar on white', () =>
    expect(['chart', 'diagram']).toContain(kindOf(chart).kind))

  it('comes with a score of 0 to 1', () => {
    const { score } = kindOf(chart)
    expect(score).toBeGreaterThan(0.2)
    expect(score).toBeLessThanOrEqual(1)
  })

  it('is judged from finite numbers, one a feature, even of a single pixel', () => {
    for (const picture of [chart, painted(1, 1, () => [7, 7, 7]), painted(3000, 2, () => [255, 0, 0])]) {
      const features = kindFeatures(picture)
      expect(features).toHaveLength(FEATURES.length)
      expect(features.every(Number.isFinite)).toBe(true)
    }
  })

  it('changes little when the picture is scaled', () => {
    const half = painted(
      200,
      150,
      (x, y) =>
        [...chart.data.subarray((2 * y * 400 + 2 * x) * 3, (2 * y * 400 + 2 * x) * 3 + 3)] as [
          number,
          number,
          number,
        ],
    )
    expect(kindOf(half).kind).toBe(kindOf(chart).kind)
  })
})
