import * as tf from '@tensorflow/tfjs-core'
import { softplus } from '../../../data/statistics/logit.ts'
import { HEAD_COUNT } from '../la-dnn.ts'

/**
 * What a loss asks of a set of examples, [n, 6] each. The loss of the set is the mean over its examples of
 * Σ weight · softplus(z) − wanted · z: weighted binary cross-entropy of the logits z, with `wanted` = weight · target.
 * Because it is linear in both, label smoothing and mixup are plain sums of tables.
 */
export interface LossTable {
  /** How much each head of each example counts; 0 where it is masked. */
  weights: Float32Array
  /** Weight times the value wanted (0…1). */
  wanted: Float32Array
}

/**
 * Makes a table of values 0 or 1 and raw weights: the flag's weights are brought to a mean of 1 an example, the
 * lesions' together to a mean of `lambda` an example, so that λ means the same whatever is masked.
 */
export function lossTable(values: ArrayLike<number>, raw: ArrayLike<number>, lambda: number): LossTable {
  const n = raw.length / HEAD_COUNT
  let flag = 0
  let lesions = 0
  for (let at = 0; at < raw.length; at++) {
    if (at % HEAD_COUNT === 0) flag += raw[at]!
    else lesions += raw[at]!
  }
  const weights = Float32Array.from(raw, (weight, at) =>
    at % HEAD_COUNT === 0 ? share(weight * n, flag) : share(lambda * weight * n, lesions),
  )
  return { weights, wanted: weights.map((weight, at) => weight * values[at]!) }
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

/** Draws the targets in towards ½ (Szegedy et al. 2016): 1 becomes 1 − s/2, 0 becomes s/2. */
export function smoothed({ weights, wanted }: LossTable, smoothing: number): LossTable {
  return {
    weights,
    wanted: wanted.map((want, at) => want * (1 - smoothing) + (weights[at]! * smoothing) / 2),
  }
}

/** The rows of some examples, in the order asked for. */
export function tableRows({ weights, wanted }: LossTable, rows: ArrayLike<number>): LossTable {
  const take = (all: Float32Array) => {
    const part = new Float32Array(rows.length * HEAD_COUNT)
    for (let at = 0; at < rows.length; at++)
      part.set(all.subarray(rows[at]! * HEAD_COUNT, (rows[at]! + 1) * HEAD_COUNT), at * HEAD_COUNT)
    return part
  }
  return { weights: take(weights), wanted: take(wanted) }
}

/** share · one + (1 − share) · other: what mixup asks of mixed pictures (Zhang et al. 2018). */
export function mixedTable(one: LossTable, other: LossTable, share: number): LossTable {
  const mix = (a: Float32Array, b: Float32Array) => a.map((value, at) => share * value + (1 - share) * b[at]!)
  return { weights: mix(one.weights, other.weights), wanted: mix(one.wanted, other.wanted) }
}

/** The loss of logits [n·6] and its two parts, in float64. */
export function lossOf(logits: ArrayLike<number>, { weights, wanted }: LossTable) {
  const n = Math.max(1, weights.length / HEAD_COUNT)
  let flag = 0
  let lesions = 0
  for (let at = 0; at < weights.length; at++) {
    const z = logits[at]!
    const term = weights[at]! * softplus(z) - wanted[at]! * z
    if (at % HEAD_COUNT === 0) flag += term
    else lesions += term
  }
  return { total: (flag + lesions) / n, flag: flag / n, lesions: lesions / n }
}

/** The loss of logits [B, 6] as a differentiable scalar. Its gradient, (weight · σ(z) − wanted) / B, is written out. */
export function lossTensor(logits: tf.Tensor2D, { weights, wanted }: LossTable): tf.Scalar {
  const [rows] = logits.shape
  const table = (values: Float32Array) => tf.tensor2d(values, [rows, HEAD_COUNT])
  const loss = tf.customGrad((...inputs: unknown[]) => {
    const [z, save] = inputs as [tf.Tensor2D, (tensors: tf.Tensor[]) => void]
    save([z])
    // max(z, 0) + log(1 + e^−|z|): finite for every z.
    const plus = tf.add(tf.relu(z), tf.log1p(tf.exp(tf.neg(tf.abs(z)))))
    const value = tf.div(tf.sum(tf.sub(tf.mul(table(weights), plus), tf.mul(table(wanted), z))), rows)
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.mul(tf.div(tf.sub(tf.mul(table(weights), tf.sigmoid(saved[0]!)), table(wanted)), rows), dy)
    return { value: value as tf.Scalar, gradFunc }
  })
  return loss(logits) as tf.Scalar
}
