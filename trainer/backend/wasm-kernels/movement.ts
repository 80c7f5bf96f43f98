import * as tf from '@tensorflow/tfjs-core'
import type { KernelHost } from './kernel-host.ts'
import type { Fallback } from './register.ts'

type Inputs = Record<string, tf.TensorInfo>

/** Values of a chunk: enough that waking a thread costs less than the work. */
const CHUNK_VALUES = 32_768

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)

/**
 * Tensors put side by side and cut apart again, along any axis, and rows added up by their numbers: {x [n, …],
 * segmentIds [n]} → [numSegments, …], which the backend lacks. Its own concat and slice copy row by row in JavaScript.
 */
export const movementKernels = (host: KernelHost) => {
  const move = (from: number, to: number, rows: number, width: number, fromStep: number, toStep: number) => {
    const rowsAChunk = Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, width)))
    host.run('move_rows', [from, to, rows, width, fromStep, toStep, rowsAChunk], Math.ceil(rows / rowsAChunk))
  }
  return {
    [tf.Concat]: (inputs: Inputs, { axis }: { axis: number }, own: Fallback) => {
      const parts = (Object.values(inputs) as tf.TensorInfo[]).filter(part => size(part.shape) > 0)
      const { shape, dtype } = parts[0] ?? Object.values(inputs)[0]!
      if (parts.length < 2 || parts.some(part => part.dtype !== 'float32') || dtype !== 'float32')
        return own()
      const along = tf.util.parseAxisParam(axis, shape)[0]!
      const length = parts.reduce((sum, part) => sum + part.shape[along]!, 0)
      const y = host.output(shape.map((old, at) => (at === along ? length : old)))
      const [rows, step] = [size(shape.slice(0, along)), length * size(shape.slice(along + 1))]
      let to = host.address(y)
      for (const part of parts) {
        const width = size(part.shape.slice(along))
        move(host.address(part), to, rows, width, width, step)
        to += 4 * width
      }
      return y
    },
    [tf.Slice]: ({ x }: Inputs, attrs: { begin: number[]; size: number[] }, own: Fallback) => {
      const { shape, dtype } = x!
      const [begin, lengths] = tf.slice_util.parseSliceParams(x! as tf.Tensor, attrs.begin, attrs.size) as [
        number[],
        number[],
      ]
      const cut = shape.flatMap((length, axis) => (lengths[axis] === length ? [] : [axis]))
      if (dtype !== 'float32' || cut.length !== 1 || size(lengths) === 0) return own()
      const along = cut[0]!
      const inner = size(shape.slice(along + 1))
      const y = host.output(lengths)
      const [width, step] = [lengths[along]! * inner, shape[along]! * inner]
      move(
        host.address(x!) + 4 * begin[along]! * inner,
        host.address(y),
        size(shape.slice(0, along)),
        width,
        step,
        width,
      )
      return y
    },
    [tf.UnsortedSegmentSum]: ({ x, segmentIds }: Inputs, { numSegments }: { numSegments: number }) => {
      const [rows = 1, ...rest] = x!.shape
      const y = host.output([numSegments, ...rest])
      host.run('segment_sum', [...[x!, segmentIds!, y].map(host.address), rows, size(rest), numSegments], 1)
      return y
    },
  }
}
