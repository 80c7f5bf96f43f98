import * as tf from '@tensorflow/tfjs-core'
import type { Random } from '../../data/statistics/random.ts'

/** x [B, in] · weight [in, out] + bias [out] */
export const dense = (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weight), bias)

/** Dropout (Srivastava et al. 2014): each value nought with probability `rate`, the rest scaled up. Off without `random`. */
export function dropout(x: tf.Tensor2D, rate: number, random?: Random): tf.Tensor2D {
  if (!random || rate === 0) return x
  return tf.mul(x, tf.tensor2d(draws(x.size, rate, random), x.shape))
}

/** Stochastic depth (Huang et al. 2016): a whole row's branch nought with probability `rate`. Off without `random`. */
export function stochasticDepth(branch: tf.Tensor4D, rate: number, random?: Random): tf.Tensor4D {
  if (!random || rate === 0) return branch
  return tf.mul(branch, tf.tensor4d(draws(branch.shape[0], rate, random), [branch.shape[0], 1, 1, 1]))
}

const draws = (count: number, rate: number, random: Random) =>
  Float32Array.from({ length: count }, () => (random.next() < rate ? 0 : 1 / (1 - rate)))
