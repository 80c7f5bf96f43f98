import { describe, expect, it } from 'vitest'
import { cohenKappa, fleissKappa } from '../../../data/statistics/kappa.ts'
import { kappaByGroup } from '../../../data/statistics/kappa-by-group.ts'

/** Two clinicians diagnosing 100 people, in the textbook's table: Fleiss, Levin and Paik 2003, table 18.1. */
const TABLE = [
  [75, 1, 4],
  [5, 4, 1],
  [0, 0, 10],
]
const pairs = TABLE.flatMap((row, one) => row.flatMap((count, other) => Array(count).fill([one, other])))

/** Fourteen raters of ten items into five categories: Fleiss 1971's worked example as Wikipedia gives it. */
const COUNTS = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
]
const items = COUNTS.map(row => row.flatMap((count, category) => Array(count).fill(category)))
const alone = (rows: readonly unknown[]) => rows.map((_, at) => at)

describe('kappa with an interval over groups', () => {
  it("is Cohen's for two readers, as the textbook has it: 0.68", () => {
    const { value, items: n, observed } = kappaByGroup(pairs, alone(pairs))
    expect(value).toBeCloseTo(0.6765, 3)
    expect([n, observed]).toEqual([100, 0.89])
    expect(value).toBeCloseTo(
      cohenKappa(
        pairs.map(pair => pair[0]),
        pairs.map(pair => pair[1]),
      ).value!,
      12,
    )
  })

  it("is Fleiss' for more readers, as in the worked example: 0.210", () => {
    expect(kappaByGroup(items, alone(items)).value).toBeCloseTo(0.2099, 4)
    expect(kappaByGroup(items, alone(items)).value).toBeCloseTo(fleissKappa(items).value!, 12)
  })

  it('has about the large-sample interval where each item is a group of its own', () => {
    const { low, high } = kappaByGroup(pairs, alone(pairs), { samples: 4000 })
    // 0.6765 with the standard error 0.088 of the textbook.
    expect(low).toBeGreaterThan(0.44)
    expect(low).toBeLessThan(0.56)
    expect(high).toBeGreaterThan(0.79)
    expect(high).toBeLessThan(0.88)
  })

  it('has a wider one where few groups hold many items', () => {
    const single = kappaByGroup(pairs, alone(pairs))
    const grouped = kappaByGroup(
      pairs,
      pairs.map((_, at) => Math.floor(at / 10)),
    )
    expect(grouped.groups).toBe(10)
    expect(grouped.high! - grouped.low!).toBeGreaterThan(single.high! - single.low!)
  })

  it('is the same for the same seed', () => {
    expect(kappaByGroup(items, alone(items), { seed: 3 })).toEqual(
      kappaByGroup(items, alone(items), { seed: 3 }),
    )
  })

  it('leaves out what only one has rated, and has no value where all is one category or nothing is there', () => {
    expect(
      kappaByGroup(
        [
          ['a', null],
          ['a', 'b'],
          ['b', 'b'],
        ],
        [1, 2, 3],
      ).items,
    ).toBe(2)
    expect(
      kappaByGroup(
        [
          ['a', 'a'],
          ['a', 'a'],
        ],
        [1, 2],
      ),
    ).toMatchObject({ value: null, low: null, observed: 1 })
    expect(kappaByGroup([], [])).toEqual({
      value: null,
      low: null,
      high: null,
      items: 0,
      groups: 0,
      observed: null,
    })
  })
})
