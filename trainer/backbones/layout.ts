import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from './backbone.ts'

/**
 * Torch's layouts and those of tfjs. A convolution's kernel [out, in, h, w] is [h, w, in, out] there, one with a kernel
 * for each channel [c, 1, h, w] is [h, w, c, 1], a linear layer's weight [out, in] is [in, out]; vectors are the same.
 * A kernel with one input channel is taken for the second kind: no network here reads pictures of one channel.
 */
export function toTensorflow(value: tf.Tensor): tf.Tensor {
  if (value.rank === 4) return tf.transpose(value, value.shape[1] === 1 ? [2, 3, 0, 1] : [2, 3, 1, 0])
  return value.rank === 2 ? tf.transpose(value) : tf.clone(value)
}

/** The way back of `toTensorflow`. */
export function toTorch(value: tf.Tensor): tf.Tensor {
  if (value.rank === 4) return tf.transpose(value, value.shape[3] === 1 ? [2, 3, 0, 1] : [3, 2, 0, 1])
  return value.rank === 2 ? tf.transpose(value) : tf.clone(value)
}

/** All parameters from torch's layout to that of tfjs: new tensors. */
export const arrange = (parameters: Parameters): Map<string, tf.Tensor> => each(parameters, toTensorflow)

/** And back, for checkpoints that PyTorch opens: new tensors. */
export const restore = (parameters: Parameters): Map<string, tf.Tensor> => each(parameters, toTorch)

const each = (parameters: Parameters, turn: (value: tf.Tensor) => tf.Tensor) =>
  new Map([...parameters].map(([name, value]) => [name, turn(value)]))
