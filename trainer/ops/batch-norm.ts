import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../backbones/backbone.ts'
import { fusedBatchNorm, hasFusedBatchNorm } from '../backend/native-kernels/batch-norm.ts'
import type { Mode } from './mode.ts'

export interface BatchNormOptions {
  /** 1e-5 in torch, 1e-3 in TensorFlow's EfficientNets. */
  epsilon?: number
  /** Share of the new statistics in the running ones, as torch counts: 0.1. */
  momentum?: number
}

/**
 * Batch norm (Ioffe and Szegedy 2015) of x [B, h, w, c], parameters `${name}.weight`, `.bias`, `.running_mean`,
 * `.running_var`, [c] each. In training by the batch's statistics; the running variance takes the unbiased one, as
 * torch's does. Frozen norms (`mode.frozen`) run as in evaluation.
 */
export function batchNorm(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  mode: Mode,
  { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
): tf.Tensor4D {
  const of = (part: string) => p.get(`${name}.${part}`) as tf.Tensor1D
  if (!mode.training || mode.frozen?.(`${name}.weight`)) {
    return tf.batchNorm4d(x, of('running_mean'), of('running_var'), of('bias'), of('weight'), epsilon)
  }
  if (hasFusedBatchNorm()) {
    const { y, mean, variance } = fusedBatchNorm(
      x,
      { scale: of('weight'), offset: of('bias'), mean: of('running_mean'), variance: of('running_var') },
      { epsilon, momentum },
    )
    mode.running?.set(`${name}.running_mean`, tf.keep(mean))
    mode.running?.set(`${name}.running_var`, tf.keep(variance))
    return y
  }
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  const y = tf.add(
    tf.mul(tf.sub(x, mean), tf.mul(of('weight'), tf.rsqrt(tf.add(variance, epsilon)))),
    of('bias'),
  ) as tf.Tensor4D
  if (mode.running) {
    const count = x.size / x.shape[3]
    const blend = (old: tf.Tensor1D, fresh: tf.Tensor) =>
      tf.keep(tf.tidy(() => tf.add(tf.mul(old, 1 - momentum), tf.mul(fresh, momentum)) as tf.Tensor1D))
    mode.running.set(`${name}.running_mean`, blend(of('running_mean'), mean))
    mode.running.set(
      `${name}.running_var`,
      blend(of('running_var'), tf.mul(variance, count / Math.max(1, count - 1))),
    )
  }
  return y
}
