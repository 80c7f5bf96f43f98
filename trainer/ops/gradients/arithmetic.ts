import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule, unbroadcast } from './rule.ts'

const BOTH = { inputs: ['a', 'b'] } as const

/** Of two operands that may be stretched to each other's shape. Ties of maximum and minimum share the gradient, as in torch. */
export const ARITHMETIC: readonly Rule[] = [
  rule(tf.Add, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(dy, a!.shape),
    b: () => unbroadcast(dy, b!.shape),
  })),
  rule(tf.Sub, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(dy, a!.shape),
    b: () => tf.neg(unbroadcast(dy, b!.shape)),
  })),
  rule(tf.Multiply, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(tf.mul(dy, float(b!)), a!.shape),
    b: () => unbroadcast(tf.mul(dy, float(a!)), b!.shape),
  })),
  rule(tf.RealDiv, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(tf.div(dy, float(b!)), a!.shape),
    b: () => {
      const divisor = float(b!)
      return tf.neg(unbroadcast(tf.mul(dy, tf.div(tf.div(float(a!), divisor), divisor)), b!.shape))
    },
  })),
  rule(tf.SquaredDifference, BOTH, ({ dy, saved: [a, b] }) => {
    const half = () => tf.mul(dy, tf.mul(2, tf.sub(a!, b!)))
    return { a: () => unbroadcast(half(), a!.shape), b: () => tf.neg(unbroadcast(half(), b!.shape)) }
  }),
  // aᵇ: the gradient by the exponent is aᵇ · ln a, and nought where the base is not above nought.
  rule(tf.Pow, { ...BOTH, output: true }, ({ dy, saved: [a, b, y] }) => ({
    a: () => {
      const exponent = float(b!)
      return unbroadcast(tf.mul(dy, tf.mul(exponent, tf.pow(a!, tf.sub(exponent, 1)))), a!.shape)
    },
    b: () => {
      const positive = tf.greater(a!, 0)
      const log = tf.where(positive, tf.log(tf.where(positive, a!, tf.onesLike(a!))), tf.zerosLike(a!))
      return unbroadcast(tf.mul(dy, tf.mul(y!, log)), b!.shape)
    },
  })),
  rule(tf.Maximum, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(tf.mul(dy, winner(a!, b!)), a!.shape),
    b: () => unbroadcast(tf.mul(dy, winner(b!, a!)), b!.shape),
  })),
  rule(tf.Minimum, BOTH, ({ dy, saved: [a, b] }) => ({
    a: () => unbroadcast(tf.mul(dy, winner(b!, a!)), a!.shape),
    b: () => unbroadcast(tf.mul(dy, winner(a!, b!)), b!.shape),
  })),
  rule(tf.AddN, { list: true }, ({ dy, saved }) => each(saved, () => tf.clone(dy))),
]

const float = (x: tf.Tensor) => tf.cast(x, 'float32')

/** 1 where a > b, ½ where they are equal, else 0. */
const winner = (a: tf.Tensor, b: tf.Tensor) =>
  tf.mul(tf.add(tf.cast(tf.greater(a, b), 'float32'), tf.cast(tf.greaterEqual(a, b), 'float32')), 0.5)

/** The gradients of a list of inputs, which TensorFlow.js names by their places. */
export const each = (inputs: readonly tf.Tensor[], gradient: (at: number) => tf.Tensor) =>
  Object.fromEntries(inputs.map((_, at) => [at, () => gradient(at)]))
