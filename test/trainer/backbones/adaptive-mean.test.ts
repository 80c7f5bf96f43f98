import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { adaptiveMean } from '../../../trainer/backbones/adaptive-mean.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { noise } from './noise.ts'

beforeAll(() => chooseBackend('cpu'), 300_000)

it.each([
  [3, 5],
  [8, 7],
  [10, 9],
  [1, 2],
  [14, 21],
])(
  'the means of 7 × 7 windows of %i × %i maps are those of the rows and columns torch gives each',
  (height, width) => {
    const [batch, channels] = [2, 3]
    const values = noise(batch * height * width * channels, 1)
    const found = tf.tidy(() =>
      adaptiveMean(tf.tensor4d(values, [batch, height, width, channels]), 7).arraySync(),
    )
    const range = (at: number, size: number) => {
      const from = Math.floor((at * size) / 7)
      return Array.from({ length: Math.ceil(((at + 1) * size) / 7) - from }, (_, step) => from + step)
    }
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < 7; i++)
        for (let j = 0; j < 7; j++)
          for (let c = 0; c < channels; c++) {
            const seen = range(i, height).flatMap(y =>
              range(j, width).map(x => values[((b * height + y) * width + x) * channels + c]!),
            )
            const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
            expect(found[b]![i]![j]![c]).toBeCloseTo(mean, 5)
          }
  },
)

it('a map of that size is left as it is', () => {
  const map = tf.zeros<tf.Rank.R4>([1, 7, 7, 2])
  expect(adaptiveMean(map, 7)).toBe(map)
  map.dispose()
})
