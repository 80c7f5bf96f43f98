import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { relu, silu } from '../../../trainer/ops/activation.ts'
import { batchNorm } from '../../../trainer/ops/batch-norm.ts'
import { convolution, depthwise } from '../../../trainer/ops/convolution.ts'
import { dense } from '../../../trainer/ops/dense.ts'
import type { Mode } from '../../../trainer/ops/mode.ts'
import { concatenate, globalMean, maxPool } from '../../../trainer/ops/pooling.ts'
import { close, toTensor } from './agree.ts'
import { backendsHere } from './backends.ts'
import { map, type Nd, statistics, wave } from './plain.ts'

/** A network of one layer of each kind, with what each of them may leave behind. */
const PARAMETERS: Record<string, Nd> = {
  kernel: wave([3, 3, 3, 6], 1, 0.4),
  deep: wave([3, 3, 6, 1], 2, 0.4),
  'n.weight': map(wave([6], 3, 0.1), value => Math.fround(value + 1)),
  'n.bias': wave([6], 4, 0.1),
  dense: wave([12, 2], 5, 0.4),
  bias: wave([2], 6, 0.1),
}
const RUNNING = {
  'n.running_mean': wave([6], 7, 0.1),
  'n.running_var': map(wave([6], 8), value => Math.fround(2 + value)),
}
const PICTURES = wave([2, 9, 8, 3], 9)

function loss(p: Map<string, tf.Tensor>, x: tf.Tensor4D, mode: Mode): tf.Scalar {
  const four = (name: string) => p.get(name) as tf.Tensor4D
  const wide = batchNorm(p, 'n', convolution(x, four('kernel'), { stride: 2, pad: 1 }), mode)
  const joined = concatenate([relu(wide), silu(depthwise(wide, four('deep'), { pad: 1 }))])
  const logits = dense(
    globalMean(maxPool(joined, 3, 2, 1)),
    p.get('dense') as tf.Tensor2D,
    p.get('bias') as tf.Tensor1D,
  )
  return tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, 0.9)))
}

const backends = await backendsHere()

describe.each(backends)('a training step on %s', backend => {
  let p: Map<string, tf.Tensor>
  let x: tf.Tensor4D
  const learned = () => Object.keys(PARAMETERS).map(name => p.get(name) as tf.Variable)

  beforeAll(async () => {
    await chooseBackend(backend)
    p = new Map<string, tf.Tensor>(
      Object.entries(PARAMETERS).map(([name, one]) => [name, tf.variable(toTensor(one))]),
    )
    for (const [name, one] of Object.entries(RUNNING)) p.set(name, toTensor(one))
    x = toTensor(PICTURES) as tf.Tensor4D
  })

  const step = (rate: number, mode: Mode = { training: true }): number => {
    const { value, grads } = tf.variableGrads(() => loss(p, x, mode), learned())
    for (const variable of learned())
      tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, rate))))
    const score = value.dataSync()[0]!
    tf.dispose([value, grads as never])
    return score
  }

  it('leaves no tensor behind, forward, backward and update', () => {
    step(0)
    const before = tf.memory().numTensors
    for (let at = 0; at < 3; at++) step(0)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves nothing but the running statistics where they are asked for', () => {
    const running = new Map<string, tf.Tensor1D>()
    const before = tf.memory().numTensors
    step(0, { training: true, running })
    expect([...running.keys()].sort()).toEqual(['n.running_mean', 'n.running_var'])
    expect(tf.memory().numTensors).toBe(before + 2)
    tf.dispose([...running.values()])
  })

  it('takes the mean and the unbiased variance (Bessel) into the running statistics, as torch does', () => {
    const running = new Map<string, tf.Tensor1D>()
    const input = wave([2, 3, 2, 6], 10)
    tf.tidy(() =>
      batchNorm(p, 'n', toTensor(input) as tf.Tensor4D, { training: true, running }, { momentum: 0.3 }),
    )
    const { mean, variance, count } = statistics(input)
    const blend = (old: Nd, fresh: number[]) => fresh.map((value, c) => 0.7 * old.data[c]! + 0.3 * value)
    close(running.get('n.running_mean')!.dataSync(), blend(RUNNING['n.running_mean'], mean), 1e-5)
    const unbiased = variance.map(value => (value * count) / (count - 1))
    close(running.get('n.running_var')!.dataSync(), blend(RUNNING['n.running_var'], unbiased), 1e-5)
    tf.dispose([...running.values()])
  })

  it('leaves frozen norms as in evaluation, in training too', () => {
    const running = new Map<string, tf.Tensor1D>()
    const run = (mode: Mode) =>
      tf.tidy(() => batchNorm(p, 'n', toTensor(wave([1, 2, 2, 6])) as tf.Tensor4D, mode).dataSync())
    expect(run({ training: true, running, frozen: () => true })).toEqual(run({ training: false }))
    expect(running.size).toBe(0)
  })

  it('gives the same numbers when it is run again', () => {
    const gradients = () => {
      const { value, grads } = tf.variableGrads(() => loss(p, x, { training: true }), learned())
      const values = Object.values(grads).map(gradient => [...gradient.dataSync()])
      tf.dispose([value, grads as never])
      return values
    }
    expect(gradients()).toEqual(gradients())
  })

  it('learns: the loss falls', () => {
    const first = step(0.2)
    for (let at = 0; at < 8; at++) step(0.2)
    expect(step(0)).toBeLessThan(first - 0.01)
  })
})
