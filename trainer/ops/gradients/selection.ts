import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule } from './rule.ts'

/** Kernels that choose among values: the gradient goes to the chosen. */
export const SELECTION: readonly Rule[] = [
  rule(tf.Select, { inputs: ['condition', 't', 'e'] }, ({ dy, saved: [condition, t, e] }) => ({
    condition: () => tf.zeros(condition!.shape),
    t: () => tf.where(condition!, dy, tf.zeros(t!.shape)),
    e: () => tf.where(condition!, tf.zeros(e!.shape), dy),
  })),
  rule<{ axis: number; batchDims: number }>(
    tf.GatherV2,
    { inputs: ['x', 'indices'] },
    ({ dy, saved: [x, indices], attrs: { axis, batchDims } }) => ({
      x: () => {
        if (batchDims)
          throw new Error('gradient: gather: with batch dimensions there is none; gather row by row')
        const { shape } = x!
        const along = tf.util.parseAxisParam(axis, shape)[0]!
        const [before, count, after] = [
          size(shape.slice(0, along)),
          indices!.size,
          size(shape.slice(along + 1)),
        ]
        // The gathered axis first, its rows added up by index, and the axis back in its place.
        const rows = tf.transpose(tf.reshape(dy, [before, count, after]), [1, 0, 2])
        const summed = tf.unsortedSegmentSum(
          rows,
          tf.cast(tf.reshape(indices!, [count]), 'int32'),
          shape[along]!,
        )
        return tf.reshape(tf.transpose(summed, [1, 0, 2]), shape)
      },
      indices: () => tf.zeros(indices!.shape),
    }),
  ),
]

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)
