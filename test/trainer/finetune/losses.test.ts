import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../data/statistics/random.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import type { HeadTruth } from '../../../trainer/fit/targets.ts'
import {
  lossOf,
  lossTable,
  lossTensor,
  mixedTable,
  smoothed,
  tableRows,
} from '../../../trainer/model/losses/loss-table.ts'
import { LOSS_NAMES, LOSSES } from '../../../trainer/model/losses/losses.ts'

/** "1 0 ? …": positive, negative, masked; the flag first. */
const lesson = (text: string, source: HeadTruth['source'] = 'published'): HeadTruth[] =>
  text
    .split(' ')
    .map(one => (one === '?' ? { value: null, source: null } : { value: one === '1' ? 1 : 0, source }))

const LESSONS = [
  lesson('1 1 0 0 0 0'),
  lesson('1 0 0 0 0 0'),
  lesson('1 ? 1 0 1 ?'),
  lesson('0 ? ? ? ? ?'),
  lesson('0 ? ? ? ? ?'),
  lesson('? 1 ? ? ? ?'),
]
const WIDTH = 6
const weightsOf = (name: (typeof LOSS_NAMES)[number], lambda = 0.5) =>
  LOSSES[name].table(LESSONS, { lambda }).weights
const column = (all: Float32Array, head: number) => LESSONS.map((_, row) => all[row * WIDTH + head]!)
const near = (values: number[], wanted: number[]) =>
  values.forEach((value, at) => {
    expect(value).toBeCloseTo(wanted[at]!, 5)
  })

beforeAll(async () => {
  await chooseBackend('cpu')
})

describe('what each loss counts', () => {
  it.each(LOSS_NAMES)('%s gives the flag a mean weight of 1 and the lesions one of λ', name => {
    const weights = weightsOf(name, 0.7)
    const sums = [0, 0]
    weights.forEach((weight, at) => {
      sums[at % WIDTH === 0 ? 0 : 1]! += weight
    })
    expect(sums[0]! / LESSONS.length).toBeCloseTo(1, 5)
    expect(sums[1]! / LESSONS.length).toBeCloseTo(name === 'flag-only' ? 0 : 0.7, 5)
  })

  it('flag-only counts no lesion', () => {
    for (let head = 1; head < WIDTH; head++) near(column(weightsOf('flag-only'), head), [0, 0, 0, 0, 0, 0])
  })

  it('lesion-attention masks what nobody assessed and the lesions of controls', () => {
    const weights = weightsOf('lesion-attention')
    expect(column(weights, 1).map(weight => weight > 0)).toEqual([true, true, false, false, false, true])
    expect(column(weights, 0)[5]).toBe(0)
  })

  it('lesion-attention counts an expert’s reading of a control', () => {
    const read = [...LESSONS, lesson('0 0 0 0 0 0', 'expert')]
    const { weights } = LOSSES['lesion-attention'].table(read, { lambda: 1 })
    for (let head = 1; head < WIDTH; head++) expect(weights[6 * WIDTH + head]).toBeGreaterThan(0)
  })

  it('lesion-attention lets positives of a head weigh as much as its negatives', () => {
    const flags = column(weightsOf('lesion-attention'), 0)
    expect(flags[0]! + flags[1]! + flags[2]!).toBeCloseTo(flags[3]! + flags[4]!, 5)
  })

  it('lesion-attention never lets one value weigh more than eight average ones', () => {
    const rare = Array.from({ length: 200 }, (_, at) => lesson(`1 ${at === 0 ? 1 : 0} ? ? ? ?`))
    const { weights } = LOSSES['lesion-attention'].table([...rare, lesson('0 ? ? ? ? ?')], { lambda: 1 })
    const common = weights[1 * WIDTH + 1]!
    expect(weights[1]! / common).toBeLessThan(17)
    expect(weights[1]! / common).toBeGreaterThan(8)
  })

  it('paper counts all five lesions of COVID images, those unmentioned as absent, and none of controls', () => {
    const { weights, wanted } = LOSSES.paper.table(LESSONS, { lambda: 1 })
    for (let head = 1; head < WIDTH; head++)
      expect(column(weights, head).map(weight => weight > 0)).toEqual([true, true, true, false, false, false])
    expect(column(wanted, 1).map(value => value > 0)).toEqual([true, false, false, false, false, false])
    expect(new Set(column(weights, 2).filter(weight => weight > 0)).size).toBe(1)
  })

  it('paper-code counts lesions only where one of the three living heads has a positive', () => {
    const { weights } = LOSSES['paper-code'].table([...LESSONS, lesson('1 0 0 0 1 1')], { lambda: 1 })
    const counted = Array.from({ length: 7 }, (_, row) => weights[row * WIDTH + 1]! > 0)
    expect(counted).toEqual([true, false, true, false, false, true, false])
  })

  it('paper-code never asks its two dead heads for a positive', () => {
    const { wanted } = LOSSES['paper-code'].table([lesson('1 1 0 0 1 1'), lesson('0 ? ? ? ? ?')], {
      lambda: 1,
    })
    expect([wanted[4], wanted[5]]).toEqual([0, 0])
    expect(wanted[1]).toBeGreaterThan(0)
  })
})

describe('the loss of a table', () => {
  const random = seededRandom(3)
  const logits = Float32Array.from({ length: LESSONS.length * WIDTH }, () => random.normal(0, 3))

  it('is the weighted binary cross-entropy, by its definition', () => {
    const { weights, wanted } = LOSSES['lesion-attention'].table(LESSONS, { lambda: 0.5 })
    let sum = 0
    logits.forEach((z, at) => {
      if (weights[at] === 0) return
      const p = 1 / (1 + Math.exp(-z))
      const y = wanted[at]! / weights[at]!
      sum -= weights[at]! * (y * Math.log(p) + (1 - y) * Math.log(1 - p))
    })
    expect(lossOf(logits, { weights, wanted }).total).toBeCloseTo(sum / LESSONS.length, 5)
  })

  it.each(LOSS_NAMES)(
    '%s has the value of its float64 form on the backend, and its finite differences',
    name => {
      const table = LOSSES[name].table(LESSONS, { lambda: 0.5 })
      const z = tf.tensor2d(logits, [LESSONS.length, WIDTH])
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => lossTensor(x as tf.Tensor2D, table))(z)
      expect(value.dataSync()[0]).toBeCloseTo(lossOf(logits, table).total, 5)
      const step = 1e-4
      const gradient = grad.dataSync()
      logits.forEach((_, at) => {
        const moved = (by: number) => {
          const other = Float64Array.from(logits)
          other[at]! += by
          return lossOf(other, table).total
        }
        expect(gradient[at]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4)
      })
    },
  )

  it('stays finite for logits far out', () => {
    const table = lossTable([1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], 1)
    const far = [-1e4, 1e4, 0, 0, 0, 0]
    expect(Number.isFinite(lossOf(far, table).total)).toBe(true)
    const value = lossTensor(tf.tensor2d(far, [1, 6]), table).dataSync()[0]
    expect(value).toBeCloseTo(2e4, -1)
  })

  it('mixes linearly: half of each loss is the loss of the half mix', () => {
    const table = LOSSES.paper.table(LESSONS, { lambda: 0.5 })
    const turned = tableRows(table, [5, 4, 3, 2, 1, 0])
    const mixed = lossOf(logits, mixedTable(table, turned, 0.25)).total
    const parts = 0.25 * lossOf(logits, table).total + 0.75 * lossOf(logits, turned).total
    expect(mixed).toBeCloseTo(parts, 5)
  })

  it('draws targets in towards one half by label smoothing, weights unchanged', () => {
    const table = lossTable([1, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], 1)
    const { weights, wanted } = smoothed(table, 0.1)
    expect(weights).toEqual(table.weights)
    expect(wanted[0]! / weights[0]!).toBeCloseTo(0.95, 5)
    expect(wanted[1]! / weights[1]!).toBeCloseTo(0.05, 5)
    expect(wanted[3]).toBe(0)
  })
})
