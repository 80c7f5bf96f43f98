import { describe, expect, test } from 'vitest'
import { greyLevels } from '../../../data/statistics/grey-levels.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { auc } from '../../../data/statistics/roc.ts'
import { SHORTCUT_FEATURES, shortcutControl, shortcutFeatures } from '../../../data/statistics/shortcut.ts'

const grey = { mean: 100, deviation: 50, black: 0.2, white: 0.01, coloured: 0, border: 30 }

describe('grey levels', () => {
  test('of a half black, half white picture', () => {
    expect(greyLevels({ data: [0, 0, 0, 255, 255, 255], width: 2, height: 1 })).toMatchObject({
      mean: 127.5,
      deviation: 127.5,
      black: 0.5,
      white: 0.5,
      coloured: 0,
    })
  })
  test('the border is the outermost rows and columns', () => {
    const data = Array.from({ length: 9 }, (_, at) => (at === 4 ? 200 : 10)).flatMap(grey => [
      grey,
      grey,
      grey,
    ])
    expect(greyLevels({ data, width: 3, height: 3 }).border).toBeCloseTo(10, 9)
  })
  test('a red pixel counts as coloured', () => {
    expect(greyLevels({ data: [255, 0, 0, 9, 9, 9], width: 1, height: 2 }).coloured).toBe(0.5)
  })
  test('no pixels are an error', () => {
    expect(() => greyLevels({ data: [], width: 0, height: 0 })).toThrow('at least one pixel')
  })
})

describe('shortcut control', () => {
  test('takes ten numbers, none of them of what the picture shows', () => {
    const numbers = shortcutFeatures({ format: 'jpeg', width: 400, height: 300, bytes: 12_000, grey })
    expect(numbers).toHaveLength(10)
    expect(SHORTCUT_FEATURES).toHaveLength(10)
    expect(numbers.every(Number.isFinite)).toBe(true)
    expect(numbers[0]).toBe(1)
    expect(shortcutFeatures({ format: 'png', width: 4, height: 3, bytes: 12, grey })[0]).toBe(0)
  })
  test('finds a set whose controls are JPEG, and nothing in a fair one', () => {
    const random = seededRandom(1)
    const facts = (format: string) =>
      shortcutFeatures({
        format,
        width: 300 + random.integer(200),
        height: 200 + random.integer(200),
        bytes: 50_000 + random.integer(50_000),
        grey: { ...grey, mean: 100 + 20 * random.normal() },
      })
    const labels = Array.from({ length: 400 }, (_, at) => at % 2)
    const unfair = labels.map(label => facts(label ? 'png' : 'jpeg'))
    const fair = labels.map(() => facts('png'))
    const judge = (rows: number[][]) =>
      auc(shortcutControl(rows.slice(0, 200), labels.slice(0, 200), rows.slice(200)), labels.slice(200))!
    expect(judge(unfair)).toBe(1)
    expect(Math.abs(judge(fair) - 0.5)).toBeLessThan(0.12)
  })
})
