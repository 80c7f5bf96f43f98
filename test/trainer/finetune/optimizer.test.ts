import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import {
  followAverage,
  newOptimizerState,
  optimize,
  type Tensors,
} from '../../../trainer/finetune/optimizer.ts'

/**
 * Five steps on sum(w³) + sum(sin 3w) + t · sum(b²), with decay 0.1 of w and none of b, by torch.optim of PyTorch 2.15 in
 * float64: AdamW(lr 0.01), SGD(lr 0.05, momentum 0.9) with and without nesterov.
 */
const TORCH = {
  adamw: {
    w: [0.447421194, -1.042639739, 1.940175925, 0.049575794, 0.149046013, -0.348279118],
    b: [0.351302156, -0.551366116],
  },
  nesterov: {
    w: [-0.918315546, -0.875164641, -2.795408934, -1.17596235, -1.189658163, -0.893283858],
    b: [-0.105831749, 0.158747623],
  },
  momentum: {
    w: [-0.598718558, -0.926619191, -1.883435758, -1.265753111, -1.228907692, -1.007463219],
    b: [-0.22248, 0.33372],
  },
}
const START = { w: [0.5, -1, 2, 0.1, 0.2, -0.3], b: [0.4, -0.6] }

beforeAll(async () => {
  await chooseBackend('cpu')
})

const begin = (): Tensors =>
  new Map<string, tf.Tensor>([
    ['w', tf.tensor2d(START.w, [2, 3])],
    ['b', tf.tensor1d(START.b)],
  ])

function fiveSteps(
  settings: { optimizer: 'adamw' | 'sgd'; momentum: number; nesterov: boolean; weightDecay: number },
  rate: number,
) {
  const parameters = begin()
  const state = newOptimizerState()
  for (let t = 1; t <= 5; t++) {
    const [w, b] = [parameters.get('w')!, parameters.get('b')!]
    const gradients = new Map<string, tf.Tensor>([
      ['w', tf.add(tf.mul(tf.square(w), 3), tf.mul(tf.cos(tf.mul(w, 3)), 3))],
      ['b', tf.mul(b, 2 * t)],
    ])
    optimize(parameters, gradients, state, settings, () => rate, null)
  }
  return parameters
}

const settings = { optimizer: 'adamw' as const, momentum: 0.9, nesterov: true, weightDecay: 0.1 }
const expectNear = (parameters: Tensors, wanted: { w: number[]; b: number[] }) => {
  for (const name of ['w', 'b'] as const)
    parameters
      .get(name)!
      .dataSync()
      .forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[name][at]!, 4)
      })
}

describe('an optimizer', () => {
  it('AdamW steps as torch does, biases without decay', () => {
    expectNear(fiveSteps(settings, 0.01), TORCH.adamw)
  })

  it('SGD with nesterov steps as torch does', () => {
    expectNear(fiveSteps({ ...settings, optimizer: 'sgd' }, 0.05), TORCH.nesterov)
  })

  it('SGD with plain momentum steps as torch does', () => {
    expectNear(fiveSteps({ ...settings, optimizer: 'sgd', nesterov: false }, 0.05), TORCH.momentum)
  })

  it('begins the moments of a parameter at its own first step', () => {
    const parameters = begin()
    const state = newOptimizerState()
    const step = (...names: string[]) =>
      optimize(
        parameters,
        new Map(names.map(name => [name, tf.onesLike(parameters.get(name)!)])),
        state,
        { ...settings, weightDecay: 0 },
        () => 0.1,
        null,
      )
    step('b')
    step('b', 'w')
    expect(state.steps).toEqual(
      new Map([
        ['b', 2],
        ['w', 1],
      ]),
    )
    // The first step of Adam is as long as the rate.
    parameters
      .get('w')!
      .dataSync()
      .forEach((value, at) => {
        expect(value).toBeCloseTo(START.w[at]! - 0.1, 4)
      })
  })

  it('multiplies gradients by the scale of clipping', () => {
    const parameters = begin()
    const sgd = { ...settings, optimizer: 'sgd' as const, momentum: 0, nesterov: false, weightDecay: 0 }
    const gradients = new Map([['b', tf.tensor1d([1, 1])]])
    optimize(parameters, gradients, newOptimizerState(), sgd, () => 1, tf.scalar(0.25))
    expect([...parameters.get('b')!.dataSync()].map(value => Math.round(100 * value))).toEqual([15, -85])
  })

  it('leaves no tensor behind but the parameters and its moments', () => {
    const before = tf.memory().numTensors
    const parameters = begin()
    const state = newOptimizerState()
    for (let step = 0; step < 3; step++) {
      const gradients = new Map([...parameters].map(([name, value]) => [name, tf.onesLike(value)]))
      optimize(parameters, gradients, state, settings, () => 0.01, null)
      for (const gradient of gradients.values()) gradient.dispose()
    }
    expect(tf.memory().numTensors - before).toBe(2 + 2 + 2)
  })
})

describe('the running average', () => {
  it('follows closely at first and by its share later', () => {
    const average: Tensors = new Map([['a', tf.scalar(0)]])
    const parameters: Tensors = new Map([['a', tf.scalar(1)]])
    followAverage(average, parameters, ['a'], 0.99, 1)
    expect(average.get('a')!.dataSync()[0]).toBeCloseTo(1 - 2 / 11, 5)
    followAverage(average, parameters, ['a'], 0.99, 10_000)
    expect(average.get('a')!.dataSync()[0]).toBeCloseTo(1 - (2 / 11) * 0.99, 5)
  })
})
