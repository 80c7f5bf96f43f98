import { describe, expect, test } from 'vitest'
import { bootstrap, bootstrapDifference, bootstrapEach } from '../../../data/statistics/bootstrap.ts'
import { headMeasures } from '../../../data/statistics/measures.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { aucOf } from '../../../data/statistics/roc.ts'
import { NINE, reference } from './reference.ts'

const each = (n: number) => Array.from({ length: n }, (_, at) => at)
const meanOf = (values: number[]) => (weights: Float64Array) => {
  let sum = 0
  let total = 0
  values.forEach((value, at) => {
    sum += value * weights[at]!
    total += weights[at]!
  })
  return sum / total
}

describe('bootstrap', () => {
  test('asked for no resamples it gives the value without an interval', () => {
    const found = bootstrap(each(3), meanOf([1, 2, 3]), { samples: 0 })
    expect(found).toMatchObject({ value: 2, low: null, high: null, samples: 0 })
  })

  const row = reference.twoClass[2]!
  test('the interval of a mean is that of theory, mean ± 1.96 standard errors', () => {
    const random = seededRandom(9)
    const values = each(400).map(() => random.normal(10, 2))
    const got = bootstrap(each(400), meanOf(values), { samples: 4000 })
    expect(got.value! - got.low!).toBeCloseTo(0.196, 1)
    expect(got.high! - got.value!).toBeCloseTo(0.196, 1)
  })
  test('the same seed gives the same interval to the last bit, another seed another', () => {
    const statistic = aucOf(row.scores, row.labels)
    const once = bootstrap(each(203), statistic, { seed: 5, samples: 200 })
    expect(bootstrap(each(203), statistic, { seed: 5, samples: 200 })).toEqual(once)
    expect(bootstrap(each(203), statistic, { seed: 6, samples: 200 }).low).not.toBe(once.low)
  })
  test('the value is that of the data themselves, and the interval holds it', () => {
    const got = bootstrap(each(203), aucOf(row.scores, row.labels))
    expect(got.value).toBeCloseTo(row.auc, NINE)
    expect(got.low!).toBeLessThan(got.value!)
    expect(got.high!).toBeGreaterThan(got.value!)
    expect(got.samples).toBe(2000)
  })
  test('groups that repeat each other widen the interval, single images would hide it', () => {
    const random = seededRandom(2)
    const values = each(20).flatMap(() => new Array<number>(10).fill(random.normal()))
    const byImage = bootstrap(each(200), meanOf(values), { samples: 500 })
    const byGroup = bootstrap(
      each(200).map(at => Math.floor(at / 10)),
      meanOf(values),
      { samples: 500 },
    )
    expect((byGroup.high! - byGroup.low!) / (byImage.high! - byImage.low!)).toBeGreaterThan(2)
  })
  test('resamples of one class only are left out and counted', () => {
    const scores = [0.1, 0.2, 0.3, 0.4, 0.9]
    const got = bootstrap(each(5), aucOf(scores, [0, 0, 0, 0, 1]), { samples: 500 })
    expect(got.skipped).toBeGreaterThan(100)
    expect(got.samples + got.skipped).toBe(500)
    expect(got.value).toBe(1)
  })
  test('one group, or none, gives no interval', () => {
    expect(bootstrap([1, 1, 1], meanOf([1, 2, 3]))).toMatchObject({ value: 2, low: null, high: null })
    expect(bootstrap([], () => 1)).toMatchObject({ value: null, low: null, high: null })
  })
  test('a wider level gives a wider interval', () => {
    const statistic = aucOf(row.scores, row.labels)
    const narrow = bootstrap(each(203), statistic, { level: 0.5, samples: 500 })
    const wide = bootstrap(each(203), statistic, { level: 0.99, samples: 500 })
    expect(wide.low!).toBeLessThan(narrow.low!)
    expect(wide.high!).toBeGreaterThan(narrow.high!)
  })
  test('a score better by little on every case has a difference wholly above 0 though the intervals overlap', () => {
    const random = seededRandom(4)
    const worse = each(100).map(() => random.normal())
    const better = worse.map(value => value + 0.1 + 0.01 * random.normal())
    const both = bootstrapEach(each(100), { worse: meanOf(worse), better: meanOf(better) }, { samples: 500 })
    const difference = bootstrapDifference(each(100), meanOf(better), meanOf(worse), { samples: 500 })
    expect(both.worse.high!).toBeGreaterThan(both.better.low!)
    expect(difference.low!).toBeGreaterThan(0.09)
    expect(difference.high!).toBeLessThan(0.11)
  })
})

describe('measures of a head', () => {
  const row = reference.twoClass[2]!
  test('hold value, interval, cases and positives', () => {
    const got = headMeasures(row.scores, row.labels, each(203), 0.5, { samples: 200 })
    expect(got.auc.value).toBeCloseTo(row.auc, NINE)
    expect(got.f1.value).toBeCloseTo(row.f1, NINE)
    expect(got.auc.n).toBe(203)
    expect(got.auc.positives).toBe(row.labels.filter(label => label === 1).length)
    expect(got.auc.low!).toBeLessThan(row.auc)
    expect(got.auc.na).toBeUndefined()
  })
  test('without a positive are n/a with the reason, never 0 or 1', () => {
    const got = headMeasures([0.1, 0.6, 0.3], [0, 0, 0], ['a', 'b', 'c'], 0.5, { samples: 50 })
    for (const name of ['auc', 'ap', 'f1', 'sensitivity'] as const) {
      expect(got[name].value).toBeNull()
      expect(got[name].na).toBe('no positive')
    }
    expect(got.specificity.value).toBeCloseTo(2 / 3, NINE)
    expect(got.accuracy.value).toBeCloseTo(2 / 3, NINE)
  })
  test('without a case or a threshold say so', () => {
    expect(headMeasures([], [], [], 0.5).auc).toMatchObject({ value: null, na: 'no case', n: 0 })
    const got = headMeasures([0.1, 0.9], [0, 1], ['a', 'b'], null, { samples: 50 })
    expect(got.auc.value).toBe(1)
    expect(got.accuracy.na).toContain('no threshold')
  })
})
