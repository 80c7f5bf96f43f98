import { describe, expect, test } from 'vitest'
import { binaryEntropy, entropy } from '../../../data/statistics/entropy.ts'
import { cohenKappa, fleissKappa } from '../../../data/statistics/kappa.ts'
import { logisticProbabilities, logisticRegression } from '../../../data/statistics/logistic-regression.ts'
import { quantileNormal } from '../../../data/statistics/normal.ts'
import { clopperPearson } from '../../../data/statistics/proportion.ts'
import { quantileSorted } from '../../../data/statistics/quantile.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { NINE, reference } from './reference.ts'

const close = (got: number | null | undefined, wanted: number) => expect(got).toBeCloseTo(wanted, NINE)

describe('kappa', () => {
  test.each(reference.cohen.map((row, at) => ({ at, row })))(
    'of two readers, vector $at, agrees with statsmodels in value, error and interval',
    ({ row }) => {
      const got = cohenKappa(row.one, row.other)
      close(got.value, row.kappa)
      close(got.standardError, row.error)
      close(got.low, row.low)
      close(got.high, Math.min(1, row.high))
    },
  )
  test.each(reference.fleiss.map((row, at) => ({ at, row })))(
    'of many readers, vector $at, agrees with irrCAC, missing ratings and all',
    ({ row }) => {
      const got = fleissKappa(row.ratings)
      expect(got.value).toBeCloseTo(row.kappa, 4)
      expect(got.standardError).toBeCloseTo(row.error, 4)
      expect(got.observed).toBeCloseTo(row.observed, 4)
    },
  )
  test('of readers who always agree on two categories is 1', () => {
    expect(cohenKappa(['a', 'b', 'a'], ['a', 'b', 'a']).value).toBe(1)
    expect(
      fleissKappa([
        ['a', 'a'],
        ['b', 'b'],
      ]).value,
    ).toBe(1)
  })
  test('where there is one category only can not be had, and says how many items agree', () => {
    expect(cohenKappa(['a', 'a'], ['a', 'a'])).toMatchObject({ value: null, items: 2, observed: 1 })
    expect(fleissKappa([['a', 'a']])).toMatchObject({ value: null, observed: 1 })
  })
  test('leaves out what one of two readers did not rate', () => {
    expect(cohenKappa(['a', null, 'b'], ['a', 'b', undefined]).items).toBe(1)
    expect(cohenKappa([null], ['a']).value).toBeNull()
    expect(fleissKappa([['a'], ['b']]).value).toBeNull()
  })
})

describe('logistic regression', () => {
  test.each(reference.logistic.map((row, at) => ({ at, n: row.rows.length, d: row.rows[0]!.length, row })))(
    'of $n rows and $d features agrees with scikit-learn',
    ({ row }) => {
      const model = logisticRegression(row.rows, row.labels, {
        l2: row.l2,
        ...(row.balanced ? { classWeights: 'balanced' as const } : {}),
      })
      expect(model.converged).toBe(true)
      row.weights.forEach((weight, at) => {
        close(model.weights[at], weight)
      })
      close(model.intercept, row.intercept)
      logisticProbabilities(model, row.rows.slice(0, 10)).forEach((probability, at) => {
        close(probability, row.probabilities[at]!)
      })
    },
  )
  test('is the same every time, to the last bit', () => {
    const row = reference.logistic[2]!
    const once = logisticRegression(row.rows, row.labels)
    const again = logisticRegression(row.rows, row.labels)
    expect([...again.weights]).toEqual([...once.weights])
  })
  test('a row of weight 2 counts as that row twice', () => {
    const { rows, labels } = reference.logistic[0]!
    const options = { standardise: false, l2: 0.5 }
    const twice = logisticRegression([...rows, rows[0]!], [...labels, labels[0]!], options)
    const rowWeights = rows.map((_, at) => (at === 0 ? 2 : 1))
    const weighted = logisticRegression(rows, labels, { ...options, rowWeights })
    close(weighted.intercept, twice.intercept)
    close(weighted.weights[0], twice.weights[0]!)
  })
  test('a constant feature gets weight 0 and does no harm', () => {
    const rows = reference.logistic[0]!.rows.map(row => [...row, 7])
    const model = logisticRegression(rows, reference.logistic[0]!.labels)
    expect(model.weights.at(-1)).toBe(0)
  })
  test('separable classes come to rest by the penalty', () => {
    const model = logisticRegression([[-2], [-1], [1], [2]], [0, 0, 1, 1])
    expect(model.converged).toBe(true)
    expect(logisticProbabilities(model, [[3]])[0]).toBeGreaterThan(0.8)
  })
  test('one class, ragged rows and missing values are errors that say so', () => {
    expect(() => logisticRegression([[1], [2]], [1, 1])).toThrow('expected both classes')
    expect(() => logisticRegression([[1], [2, 3]], [0, 1])).toThrow('row 1: 2 features')
    expect(() => logisticRegression([[1], [Number.NaN]], [0, 1])).toThrow('row 1, feature 0: NaN')
  })
})

describe('intervals of proportions', () => {
  test.each(reference.proportions)('$hits of $trials at $level agree with SciPy’s beta distribution', row => {
    const got = clopperPearson(row.hits, row.trials, row.level)
    close(got.low, row.low)
    close(got.high, row.high)
  })
  test('more hits than trials are refused', () => {
    expect(() => clopperPearson(3, 2)).toThrow('3 of 2')
    expect(() => clopperPearson(0, 0)).toThrow('0 of 0')
  })
})

describe('quantiles and entropy', () => {
  test.each(reference.normal)('the normal quantile at %f is SciPy’s', (share, wanted) => {
    close(quantileNormal(share), wanted)
  })
  test('quantiles interpolate as NumPy does', () => {
    for (const [share, wanted] of reference.quantiles.at)
      close(quantileSorted(reference.quantiles.values, share), wanted)
    expect(() => quantileSorted([], 0.5)).toThrow('no values')
  })
  test('entropies in bits are SciPy’s', () => {
    reference.entropy.p.forEach((p, at) => {
      close(binaryEntropy(p), reference.entropy.binary[at]!)
    })
    close(entropy(reference.entropy.p), reference.entropy.whole)
  })
  test('entropy is 0 where sure, 1 bit at one half, and refuses what is no probability', () => {
    expect([binaryEntropy(0), binaryEntropy(1), binaryEntropy(0.5)]).toEqual([0, 0, 1])
    expect(() => binaryEntropy(1.2)).toThrow('1.2')
    expect(() => entropy([0, 0])).toThrow('all zero')
  })
})

describe('seeded random', () => {
  const many = (seed: number | string, n: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: n }, () => random.next())
  }
  test('the same seed gives the same numbers, another seed others', () => {
    expect(many(1, 50)).toEqual(many(1, 50))
    expect(many(1, 5)).not.toEqual(many(2, 5))
    expect(many('a', 5)).not.toEqual(many('b', 5))
    expect(many(2 ** 32, 5)).not.toEqual(many(0, 5))
  })
  test('its first numbers never change, since files of old depend on them', () => {
    const random = seededRandom(42)
    expect(Array.from({ length: 4 }, () => random.integer(1_000_000))).toMatchInlineSnapshot(`
      [
        153771,
        18084,
        534890,
        727247,
      ]
    `)
  })
  test('numbers lie in [0, 1) with mean one half and even tenths', () => {
    const values = many(7, 20_000)
    const tenths = new Array<number>(10).fill(0)
    for (const value of values) tenths[Math.floor(value * 10)]!++
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })
  test('normal numbers have mean 0, deviation 1 and thin tails', () => {
    const random = seededRandom(3)
    const values = Array.from({ length: 20_000 }, () => random.normal())
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.04)
    expect(values.filter(value => Math.abs(value) > 1.96).length / values.length).toBeCloseTo(0.05, 2)
  })
  test('a shuffle keeps every item and leaves the list given as it was', () => {
    const items = Array.from({ length: 100 }, (_, at) => at)
    const shuffled = seededRandom(1).shuffle(items)
    expect(items[5]).toBe(5)
    expect(shuffled).not.toEqual(items)
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
  })
  test('a sample holds different items, at most as many as there are', () => {
    const random = seededRandom(5)
    expect(new Set(random.sample([1, 2, 3, 4], 3)).size).toBe(3)
    expect(random.sample([1, 2], 5)).toHaveLength(2)
    expect(() => random.choice([])).toThrow('no items')
  })
  test('a fork is a stream of its own that draws of its parent do not move', () => {
    const one = seededRandom(1)
    const other = seededRandom(1)
    other.next()
    expect(one.fork('noise').next()).toBe(other.fork('noise').next())
    expect(one.fork('noise').next()).not.toBe(one.fork('vessels').next())
  })
})
