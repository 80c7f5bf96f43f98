import * as tf from '@tensorflow/tfjs-core'
import { float32, type KernelHost } from './kernel-host.ts'
import type { Fallback } from './register.ts'

interface Attributes {
  axis: number | number[]
  keepDims: boolean
}

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)

/**
 * Sum and mean of floats over neighbouring axes, read where they lie; TensorFlow.js would transpose the tensor first.
 * The rest is left to its own kernels.
 */
export const sumKernels = (host: KernelHost) => {
  const kernel =
    (mean: boolean) =>
    ({ x }: Record<string, tf.TensorInfo>, attrs: Attributes, own: Fallback) => {
      const { shape, dtype } = x!
      const axes = [...new Set(tf.util.parseAxisParam(attrs.axis, shape))].sort((a, b) => a - b)
      const first = axes[0] ?? 0
      const together = axes.every((axis, at) => axis === first + at)
      if (dtype !== 'float32' || axes.length === 0 || !together || size(shape) === 0) return own()
      const [outer, middle, inner] = [
        size(shape.slice(0, first)),
        size(shape.slice(first, first + axes.length)),
        size(shape.slice(first + axes.length)),
      ]
      const left = attrs.keepDims
        ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
        : shape.filter((_, axis) => !axes.includes(axis))
      const y = host.output(left)
      const factor = float32(mean ? 1 / middle : 1)
      const chunks = outer * Math.ceil(inner / 16)
      const struct = [host.address(x!), host.address(y), outer, middle, inner, factor]
      host.run('sum_middle', struct, chunks)
      return y
    }
  return { [tf.Sum]: kernel(false), [tf.Mean]: kernel(true) }
}
