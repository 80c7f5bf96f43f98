import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { type Nd, wave } from './plain.ts'

/** One function said twice: with tensors, and in plain float64. */
export interface Case {
  name: string
  inputs: Nd[]
  /** Places of inputs that have no gradient (indices, conditions). */
  fixed?: number[]
  tensors: (...inputs: tf.Tensor[]) => tf.Tensor
  plain: (...inputs: Nd[]) => Nd
  /** Relative error allowed, of the largest value. */
  within?: number
}

const STEP = 1e-5

export const toTensor = (x: Nd): tf.Tensor => tf.tensor(Float32Array.from(x.data), x.shape)

/** Values agree with the plain loops, all of them. */
export function valuesAgree({ inputs, tensors, plain, within = 2e-5 }: Case): void {
  const [shape, values] = tf.tidy(() => {
    const y = tensors(...inputs.map(toTensor))
    return [y.shape, y.dataSync()]
  })
  const expected = plain(...inputs)
  expect(shape).toEqual(expected.shape)
  close(values, expected.data, within)
}

/** The gradient by every element of every input agrees with central differences of the plain loops in float64. */
export function gradientsAgree(one: Case): void {
  const { inputs, fixed = [], tensors, plain, within = 1e-4 } = one
  const weights = wave(plain(...inputs).shape, 7)
  const learned = inputs.map((_, at) => at).filter(at => !fixed.includes(at))
  const gradients = tf.tidy(() => {
    const all = inputs.map(toTensor)
    const weigh = toTensor(weights)
    const loss = (...xs: tf.Tensor[]) => {
      const given = all.map((x, at) => (learned.includes(at) ? xs[learned.indexOf(at)]! : x))
      return tf.sum(tf.mul(tensors(...given), weigh)) as tf.Scalar
    }
    return tf
      .grads(loss)(learned.map(at => all[at]!))
      .map(gradient => gradient.dataSync())
  })
  const expected = DIFFERENCES.get(one) ?? learned.map(place => differences(one, place, weights))
  DIFFERENCES.set(one, expected)
  expected.forEach((numeric, at) => {
    close(gradients[at]!, numeric, within)
  })
}

/** What the plain loops say of a case is the same whatever backend is held against it, and slow: said once. */
const DIFFERENCES = new WeakMap<Case, number[][]>()

/** Central differences by each element of one input, of the weighted sum of what comes out. */
function differences({ inputs, plain }: Case, place: number, weights: Nd): number[] {
  const data = inputs[place]!.data.slice()
  const given = inputs.map((x, other) => (other === place ? { ...x, data } : x))
  const score = () => plain(...given).data.reduce((sum, y, at) => sum + y * weights.data[at]!, 0)
  return Array.from(inputs[place]!.data, (value, element) => {
    data[element] = value + STEP
    const above = score()
    data[element] = value - STEP
    const below = score()
    data[element] = value
    return (above - below) / (2 * STEP)
  })
}

export function close(actual: ArrayLike<number>, expected: ArrayLike<number>, within: number): void {
  expect(actual.length).toBe(expected.length)
  const largest = Math.max(1e-3, ...Array.from(expected, Math.abs))
  for (let at = 0; at < expected.length; at++) {
    const off = Math.abs(actual[at]! - expected[at]!)
    if (!(off <= within * largest))
      expect.fail(`element ${at}: ${actual[at]}: expected ${expected[at]} within ${within * largest}`)
  }
}
