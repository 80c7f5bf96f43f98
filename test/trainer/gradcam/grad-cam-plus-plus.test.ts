import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../data/statistics/random.ts'
import { gradCamPlusPlus, signedGradCamPlusPlus } from '../../../trainer/gradcam/grad-cam-plus-plus.ts'
import { type HeadWeights, headGradient } from '../../../trainer/gradcam/head-gradient.ts'
import { spreadGradient } from '../../../trainer/gradcam/heat-map.ts'
import { resizeMap } from '../../../trainer/gradcam/resize-map.ts'

interface Reference {
  cases: {
    height: number
    width: number
    channels: number
    maps: number[]
    gradients: number[]
    raw: number[]
  }[]
}
const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'pytorch-grad-cam.json'), 'utf8'),
) as Reference

const draws = (seed: number, count: number) => {
  const random = seededRandom(seed)
  return Float64Array.from({ length: count }, () => random.normal())
}

/** Central differences of a score by every number of its input. */
function differences(score: (x: Float64Array) => number, x: Float64Array, step = 1e-5): Float64Array {
  return x.map((value, at) => {
    const moved = Float64Array.from(x)
    moved[at] = value + step
    const above = score(moved)
    moved[at] = value - step
    return (above - score(moved)) / (2 * step)
  })
}

describe('Grad-CAM++', () => {
  it.each(reference.cases.map((one, at) => [at, one] as const))(
    'agrees with pytorch-grad-cam on small net %i, its epsilon in place',
    (_, { maps, gradients, raw, ...shape }) => {
      const map = gradCamPlusPlus({ ...shape, data: maps }, gradients, { epsilon: 1e-6 })
      // The package holds its maps in float32.
      map.forEach((value, at) => {
        expect(Math.abs(value - raw[at]!)).toBeLessThan(1e-6 * (1 + Math.abs(raw[at]!)))
      })
    },
  )

  it('agrees with α = g² / (2g² + Σ A·g³), written out over finite differences in float64, on a small net', () => {
    const [height, width, channels] = [4, 5, 3]
    const places = height * width
    const maps = draws(1, places * channels).map(Math.abs)
    const first = draws(2, places * channels)
    const second = draws(3, places * channels)
    // A score that bends, so that the gradient differs from place to place.
    const score = (a: Float64Array) => {
      let one = 0
      let other = 0
      a.forEach((value, at) => {
        one += first[at]! * value
        other += second[at]! * value
      })
      return Math.tanh(0.3 * one) + Math.tanh(0.2 * other) ** 3
    }
    const g = differences(score, maps)
    const expected = new Float64Array(places)
    for (let channel = 0; channel < channels; channel++) {
      const of = (all: Float64Array) =>
        Array.from({ length: places }, (_, at) => all[at * channels + channel]!)
      const sum = of(maps).reduce((total, value) => total + value, 0)
      const weight = of(g)
        .map(one => (one ** 2 / (2 * one ** 2 + sum * one ** 3)) * Math.max(0, one))
        .reduce((total, value) => total + value, 0)
      of(maps).forEach((value, at) => {
        expected[at]! += weight * value
      })
    }
    const found = gradCamPlusPlus({ height, width, channels, data: maps }, g)
    expect(Math.max(...found)).toBeGreaterThan(0)
    found.forEach((value, at) => {
      expect(value).toBeCloseTo(Math.max(0, expected[at]!), 12)
    })
  })

  it('is nought where no channel speaks for the score', () => {
    const map = { height: 2, width: 2, channels: 1, data: [1, 2, 3, 4] }
    expect([...gradCamPlusPlus(map, [-1, -1, -1, -1])]).toEqual([0, 0, 0, 0])
    expect([...gradCamPlusPlus(map, [0, 0, 0, 0])]).toEqual([0, 0, 0, 0])
  })

  it('is finite where the sum of a map cancels the denominator', () => {
    // 2g² + ΣA·g³ = 0 for g = 1 and ΣA = −2.
    const map = signedGradCamPlusPlus({ height: 1, width: 2, channels: 1, data: [-3, 1] }, [1, 1])
    expect([...map].every(Number.isFinite)).toBe(true)
  })

  it('refuses maps and gradients of other sizes', () => {
    expect(() => gradCamPlusPlus({ height: 2, width: 2, channels: 1, data: [1, 2, 3, 4] }, [1])).toThrow(
      '4 activations and 1 gradients: expected 2 × 2 × 1',
    )
  })
})

describe('the gradient of a head', () => {
  const [d, hidden] = [7, 4]
  const weights: HeadWeights = {
    features: d,
    hidden,
    mean: Float32Array.from(draws(4, d)),
    deviation: Float32Array.from(draws(5, d), value => 0.5 + Math.abs(value)),
    direct: draws(6, d * 6),
    trunk: { weight: draws(7, d * hidden), bias: draws(8, hidden), heads: draws(9, hidden * 6) },
  }
  const logit = (of: HeadWeights, standardised: Float64Array, head: number) => {
    let z = 0
    standardised.forEach((value, at) => {
      z += value * of.direct[at * 6 + head]!
    })
    for (let unit = 0; of.trunk && unit < hidden; unit++) {
      let before = of.trunk.bias[unit]!
      standardised.forEach((value, at) => {
        before += value * of.trunk!.weight[at * hidden + unit]!
      })
      z += Math.max(0, before) * of.trunk.heads[unit * 6 + head]!
    }
    return z
  }
  const raw = draws(10, d)
  const standardised = raw.map((value, at) => (value - weights.mean[at]!) / weights.deviation[at]!)

  it.each(['with a trunk', 'straight'])('is that of finite differences, %s', kind => {
    const of = kind === 'straight' ? { ...weights, trunk: undefined as never } : weights
    for (let head = 0; head < 6; head++) {
      const expected = differences(x => logit(of, x, head), standardised)
      headGradient(of, raw, head).forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 7)
      })
    }
  })

  it('by a map of which the mean is read, is the same at every place', () => {
    const shape = { height: 2, width: 3, channels: 2 }
    const map = draws(11, 12)
    const score = (a: Float64Array) => {
      let z = 0
      a.forEach((value, at) => {
        z += (value / 6) * [0.7, -2][at % 2]!
      })
      return z
    }
    const spread = spreadGradient(shape, [0.7, -2])
    differences(score, map).forEach((value, at) => {
      expect(spread[at]).toBeCloseTo(value, 8)
    })
  })
})

describe('a map brought to another size', () => {
  it('keeps an even map even and its own size as it is', () => {
    expect([...resizeMap([2, 2, 2, 2], { height: 2, width: 2 }, { height: 5, width: 3 })]).toEqual(
      new Array(15).fill(2),
    )
    expect([...resizeMap([1, 2, 3, 4], { height: 2, width: 2 }, { height: 2, width: 2 })]).toEqual([
      1, 2, 3, 4,
    ])
  })
  it('takes places by their centres, the edge held', () => {
    // torch.nn.functional.interpolate([[0, 1]], size=4, mode='linear', align_corners=False)
    expect([...resizeMap([0, 1], { height: 1, width: 2 }, { height: 1, width: 4 })]).toEqual([
      0, 0.25, 0.75, 1,
    ])
  })
})
