import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../backbones/backbone.ts'
import {
  fusedBatchNorm,
  hasFusedBatchNorm,
  hasFusedBatchNormRelu,
} from '../backend/native-kernels/batch-norm.ts'
import { hasFusedInference, normRelu } from '../backend/native-kernels/inference.ts'
import { hasWasmBatchNorm, wasmBatchNorm } from '../backend/wasm-kernels/trained-batch-norm.ts'
import { relu } from './activation.ts'
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
  if (hasFusedBatchNorm() || hasWasmBatchNorm())
    return fused(p, name, x, mode, { epsilon, momentum, relu: false })
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

/** `batchNorm` with relu behind it: in training one kernel where the backend has it. */
export function batchNormRelu(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  mode: Mode,
  options: BatchNormOptions = {},
): tf.Tensor4D {
  const learns = mode.training && !mode.frozen?.(`${name}.weight`)
  if (!learns && hasFusedInference()) {
    const of = (part: string) => p.get(`${name}.${part}`) as tf.Tensor1D
    const [scale, offset, mean] = [of('weight'), of('bias'), of('running_mean')]
    return normRelu(x, { scale, offset, mean, variance: of('running_var') }, options.epsilon ?? 1e-5)
  }
  if (!learns || !hasFusedBatchNormRelu()) return tf.tidy(() => relu(batchNorm(p, name, x, mode, options)))
  return fused(p, name, x, mode, { epsilon: 1e-5, momentum: 0.1, ...options, relu: true })
}

function fused(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  { running }: Mode,
  settings: Required<BatchNormOptions> & { relu: boolean },
): tf.Tensor4D {
  const of = (part: string) => p.get(`${name}.${part}`) as tf.Tensor1D
  const [scale, offset, before] = [of('weight'), of('bias'), of('running_mean')]
  const parts = { scale, offset, mean: before, variance: of('running_var') }
  const norm = hasFusedBatchNorm() ? fusedBatchNorm : wasmBatchNorm
  const { y, mean, variance } = norm(x, parts, settings)
  if (running) {
    running.set(`${name}.running_mean`, tf.keep(mean))
    running.set(`${name}.running_var`, tf.keep(variance))
  } else tf.dispose([mean, variance])
  return y
}
