import * as tf from '@tensorflow/tfjs-core'
import { BATCH_NORM, BATCH_NORM_GRADIENT } from '../../backend/wasm-kernels/trained-batch-norm.ts'
import { type Rule, rule } from './rule.ts'

export const NORMALISATION: readonly Rule[] = [
  // By given statistics, as in evaluation: y = (x − mean) / √(variance + ε) · scale + offset, each by its channel.
  rule<{ varianceEpsilon: number }>(
    tf.FusedBatchNorm,
    { inputs: ['x', 'mean', 'variance', 'scale'] },
    ({ dy, saved: [x, mean, variance, scale], attrs: { varianceEpsilon } }) => {
      const deviation = () => tf.rsqrt(tf.add(variance!, varianceEpsilon))
      const factor = () => (scale ? tf.mul(scale, deviation()) : deviation())
      const aligned = () => tf.mul(dy, tf.sub(x!, mean!))
      return {
        x: () => tf.mul(dy, factor()),
        mean: () => tf.neg(tf.mul(overRows(dy, mean!), factor())),
        variance: () =>
          tf.mul(
            overRows(aligned(), variance!),
            tf.mul(factor(), tf.div(-0.5, tf.add(variance!, varianceEpsilon))),
          ),
        scale: () => tf.mul(overRows(aligned(), mean!), deviation()),
        offset: () => overRows(dy, mean!),
      }
    },
  ),
  // By the batch's statistics, in one kernel of ours on wasm. What it gives after the running statistics is for this.
  rule<{ epsilon: number }>(
    BATCH_NORM,
    { inputs: ['x', 'scale'], output: [false, false, false, true, true] },
    ({ dy, saved: [x, scale, mean, deviation], attrs: { epsilon } }) => {
      const [dys] = dy as unknown as tf.Tensor[]
      const inputs = {
        dy: dys!,
        x: x!,
        scale: scale!,
        mean: mean!,
        deviation: deviation!,
      }
      const [dx, byScale, byOffset] = tf
        .engine()
        .runKernel(BATCH_NORM_GRADIENT, inputs, { epsilon }) as tf.Tensor[]
      // The old running statistics only go into the new ones.
      const none = () => tf.zeros(scale!.shape)
      return { x: () => dx!, scale: () => byScale!, offset: () => byOffset!, mean: none, variance: none }
    },
  ),
  rule<{ dim: number }>(tf.Softmax, { output: true }, ({ dy, saved: [y], attrs: { dim } }) => ({
    logits: () => {
      const weighted = tf.mul(dy, y!)
      return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y!))
    },
  })),
  rule<{ axis: number }>(tf.LogSoftmax, { output: true }, ({ dy, saved: [y], attrs: { axis } }) => ({
    logits: () => tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.exp(y!))),
  })),
]

/** Sum over all but the last axis, in the shape of a statistic [c]. */
function overRows(x: tf.Tensor, statistic: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1)!
  if (statistic.size !== channels)
    throw new Error(
      `gradient: batch norm: statistics [${statistic.shape}]: one for each of ${channels} channels was expected`,
    )
  return tf.reshape(tf.sum(tf.reshape(x, [-1, channels]), 0), statistic.shape)
}
