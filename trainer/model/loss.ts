import * as tf from '@tensorflow/tfjs-core'
import { HEAD_COUNT } from './la-dnn.ts'

/**
 * LA-DNN's joint loss: cross-entropy of the flag + λ · cross-entropy of the lesions, each the weighted mean over what
 * is assessed. The paper gives no formula; this is a fair reading of its text, with masks.
 */
export interface LossTargets {
  /** 0 or 1, [1, n, 6]; anything where it is masked. */
  values: tf.Tensor3D
  /** The share of each value in its replica's loss, [R, n, 6]; 0 where it is masked. */
  shares: tf.Tensor3D
}

/**
 * Shares of the joint loss of one replica from how much each value counts, [n, 6]: the flag's add up to 1, the
 * lesions' together to λ (to 0 where nothing is assessed).
 */
export function lossShares(weights: Float32Array, lambda: number): Float32Array {
  let flag = 0
  let lesions = 0
  weights.forEach((weight, at) => {
    if (at % HEAD_COUNT === 0) flag += weight
    else lesions += weight
  })
  return weights.map((weight, at) =>
    at % HEAD_COUNT === 0 ? weight / Math.max(flag, 1e-12) : (lambda * weight) / Math.max(lesions, 1e-12),
  )
}

/** The joint loss of each replica, [R], of logits [R, n, 6]. */
export function jointLoss(logits: tf.Tensor3D, { values, shares }: LossTargets): tf.Tensor1D {
  // softplus(z) − y·z: binary cross-entropy of a logit, finite for every z.
  return tf.sum(tf.mul(tf.sub(tf.softplus(logits), tf.mul(values, logits)), shares), [1, 2])
}

/** Its gradient by the logits, [R, n, 6]. */
export function jointLossGradient(logits: tf.Tensor3D, { values, shares }: LossTargets): tf.Tensor3D {
  return tf.mul(tf.sub(tf.sigmoid(logits), values), shares)
}
