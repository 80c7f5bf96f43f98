import * as tf from '@tensorflow/tfjs-core'
import { fusedMaxPool, hasFusedMaxPool } from '../backend/native-kernels/max-pool.ts'

/** Highest of every window; `pad` zeros on each side count as −∞, as in torch. */
export function maxPool(x: tf.Tensor4D, size: number, stride: number, pad = 0): tf.Tensor4D {
  const sides: [number, number] = [pad, pad]
  const padded = pad > 0 ? tf.pad(x, [[0, 0], sides, sides, [0, 0]], LOWEST) : x
  return hasFusedMaxPool()
    ? fusedMaxPool(padded, { size, stride })
    : tf.maxPool(padded, size, stride, 'valid')
}

/** Below every activation, and finite, so that a gradient through it stays finite. */
const LOWEST = -3.4e38

/** Mean of every window. */
export const averagePool = (x: tf.Tensor4D, size: number, stride: number): tf.Tensor4D =>
  tf.avgPool(x, size, stride, 'valid')

/** Mean over height and width: [B, h, w, c] → [B, c]. */
export const globalMean = (x: tf.Tensor4D): tf.Tensor2D => tf.mean(x, [1, 2])

/** [B, h, w, cᵢ] side by side → [B, h, w, Σcᵢ] */
export const concatenate = (parts: tf.Tensor4D[]): tf.Tensor4D => tf.concat(parts, 3)
