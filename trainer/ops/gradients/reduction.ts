import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule } from './rule.ts'

/** `y` of a reduction with its lost axes back, as ones. */
function regained(y: tf.Tensor, shape: readonly number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, [...shape])
  return tf.reshape(
    y,
    shape.map((length, at) => (axes.includes(at) ? 1 : length)),
  )
}

const share = (shape: readonly number[], axis: number | number[]) =>
  tf.util.parseAxisParam(axis, [...shape]).reduce((product, at) => product * (shape[at] ?? 1), 1)

/** Of equal extremes each takes its share of the gradient, as in torch's amax and amin. */
const extreme = (kernel: string): Rule =>
  rule<{ reductionIndices?: number | number[]; axis?: number | number[] }>(
    kernel,
    { inputs: ['x'], output: true },
    ({ dy, saved: [x, y], attrs }) => ({
      x: () => {
        const axis = (attrs.reductionIndices ?? attrs.axis) as number | number[]
        const hit = tf.cast(tf.equal(x!, regained(y!, x!.shape, axis)), 'float32')
        return tf.mul(hit, tf.div(regained(dy, x!.shape, axis), tf.sum(hit, axis, true)))
      },
    }),
  )

export const REDUCTION: readonly Rule[] = [
  rule<{ axis: number | number[] }>(tf.Sum, { inputs: ['x'] }, ({ dy, saved: [x], attrs: { axis } }) => ({
    x: () => tf.mul(regained(dy, x!.shape, axis), tf.ones(x!.shape)),
  })),
  rule<{ axis: number | number[] }>(tf.Mean, { inputs: ['x'] }, ({ dy, saved: [x], attrs: { axis } }) => ({
    x: () => {
      const shared = tf.div(regained(dy, x!.shape, axis), share(x!.shape, axis))
      return tf.mul(shared, tf.ones(x!.shape))
    },
  })),
  extreme(tf.Max),
  extreme(tf.Min),
  rule<{ axis: number; exclusive: boolean; reverse: boolean }>(
    tf.Cumsum,
    {},
    ({ dy, attrs: { axis, exclusive, reverse } }) => ({ x: () => tf.cumsum(dy, axis, exclusive, !reverse) }),
  ),
]
