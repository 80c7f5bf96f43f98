import * as tf from '@tensorflow/tfjs-core'
import { each } from './arithmetic.ts'
import { type Rule, rule, unbroadcast } from './rule.ts'
import { stridedSliceBack } from './strided-slice.ts'

const X = { inputs: ['x'] } as const

/** Kernels that only move values: the gradient moves back. */
export const ARRANGEMENT: readonly Rule[] = [
  rule(tf.Identity, {}, ({ dy }) => ({ x: () => tf.clone(dy) })),
  rule(tf.Cast, {}, ({ dy }) => ({ x: () => tf.cast(dy, 'float32') })),
  rule(tf.Reshape, X, ({ dy, saved: [x] }) => ({ x: () => tf.reshape(dy, x!.shape) })),
  rule(tf.ExpandDims, { inputs: ['input'] }, ({ dy, saved: [x] }) => ({
    input: () => tf.reshape(dy, x!.shape),
  })),
  rule(tf.BroadcastTo, X, ({ dy, saved: [x] }) => ({ x: () => unbroadcast(dy, x!.shape) })),
  rule<{ perm: number[] }>(tf.Transpose, {}, ({ dy, attrs: { perm } }) => ({
    x: () =>
      tf.transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
  })),
  rule<{ dims: number | number[] }>(tf.Reverse, {}, ({ dy, attrs: { dims } }) => ({
    x: () => tf.reverse(dy, dims),
  })),
  rule<{ paddings: [number, number][] }>(tf.PadV2, X, ({ dy, saved: [x], attrs: { paddings } }) => ({
    x: () =>
      tf.slice(
        dy,
        paddings.map(([before]) => before),
        x!.shape,
      ),
  })),
  rule<{ begin: number | number[]; size: number | number[] }>(
    tf.Slice,
    X,
    ({ dy, saved: [x], attrs: { begin } }) => ({
      x: () => {
        const starts = [begin].flat()
        return tf.pad(
          dy,
          x!.shape.map((length, axis) => {
            const before = starts[axis] ?? 0
            return [before, length - before - dy.shape[axis]!]
          }) as [number, number][],
        )
      },
    }),
  ),
  rule(tf.StridedSlice, X, ({ dy, saved: [x], attrs }) => ({
    x: () => stridedSliceBack(dy, x!.shape, attrs as never),
  })),
  rule<{ reps: number[] }>(tf.Tile, X, ({ dy, saved: [x], attrs: { reps } }) => ({
    x: () => untile(dy, x!.shape, reps),
  })),
  rule<{ axis: number }>(tf.Concat, { list: true }, ({ dy, saved, attrs: { axis } }) => {
    const along = tf.util.parseAxisParam(axis, saved[0]!.shape)[0]!
    return each(saved, at => {
      const start = saved.slice(0, at).reduce((sum, part) => sum + part.shape[along]!, 0)
      const begin = dy.shape.map((_, d) => (d === along ? start : 0))
      return tf.slice(dy, begin, saved[at]!.shape)
    })
  }),
  rule<{ axis: number }>(tf.Pack, { list: true }, ({ dy, saved, attrs: { axis } }) => {
    const along = axis < 0 ? axis + dy.shape.length : axis
    return each(saved, at => {
      const begin = dy.shape.map((_, d) => (d === along ? at : 0))
      const size = dy.shape.map((length, d) => (d === along ? 1 : length))
      return tf.reshape(tf.slice(dy, begin, size), saved[at]!.shape)
    })
  }),
]

/** Kernels with several outputs, whose gradients come as a list. */
export const DIVISION: readonly Rule[] = [
  rule<{ axis: number }>(tf.SplitV, {}, ({ dy, attrs: { axis } }) => ({
    x: () => tf.concat(dy as unknown as tf.Tensor[], axis),
  })),
  rule<{ axis: number }>(tf.Unpack, {}, ({ dy, attrs: { axis } }) => ({
    value: () => tf.stack(dy as unknown as tf.Tensor[], axis),
  })),
]

/** The repeats added up, an axis at a time. */
function untile(dy: tf.Tensor, shape: readonly number[], reps: readonly number[]): tf.Tensor {
  return shape.reduce((gradient, length, axis) => {
    const times = reps[axis] ?? 1
    if (times === 1) return gradient
    const before = gradient.shape.slice(0, axis)
    const after = gradient.shape.slice(axis + 1)
    const summed = tf.sum(tf.reshape(gradient, [size(before), times, length * size(after)]), 1)
    return tf.reshape(summed, [...before, length, ...after])
  }, dy)
}

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)
