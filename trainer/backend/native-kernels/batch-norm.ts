import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute, TENSORFLOW } from './execute.ts'

/** Batch norm by the batch's statistics: {x, scale, offset, mean, variance} → [y, new mean, new variance, …]. */
const BATCH_NORM = 'LesionloopBatchNorm'

/** Whether the running backend has it; else the plain way is taken. */
export const hasFusedBatchNorm = () => tf.getKernel(BATCH_NORM, tf.getBackend()) !== undefined

interface Settings {
  epsilon: number
  /** Share of the batch's statistics in the new running ones. */
  momentum: number
}

/**
 * Batch norm in training, x [B, h, w, c], the rest [c] each, in one operation of libtensorflow (FusedBatchNormV3), as its
 * gradient is. The new running statistics come with it; the variance among them is the unbiased one, as torch's.
 */
export function fusedBatchNorm(
  x: tf.Tensor4D,
  { scale, offset, mean, variance }: Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor1D>,
  settings: Settings,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const [y, newMean, newVariance, ...saved] = tf
    .engine()
    .runKernel(BATCH_NORM, { x, scale, offset, mean, variance }, { ...settings }) as tf.Tensor[]
  // The tape keeps its own.
  tf.dispose(saved)
  return { y: y as tf.Tensor4D, mean: newMean as tf.Tensor1D, variance: newVariance as tf.Tensor1D }
}

const forward = remembered((epsilon, momentum) => ({
  floats: ['U'],
  float: { epsilon, exponential_avg_factor: momentum },
  string: { data_format: 'NHWC' },
  bool: { is_training: true },
}))

const backward = remembered(epsilon => ({
  floats: ['U'],
  float: { epsilon },
  string: { data_format: 'NHWC' },
  bool: { is_training: true },
}))

/** One object of attributes for the same numbers, so that what is prepared of it is prepared once. */
function remembered(make: (...numbers: number[]) => Attributes): (...numbers: number[]) => Attributes {
  const known = new Map<string, Attributes>()
  return (...numbers) => {
    const key = numbers.join(' ')
    const attributes = known.get(key) ?? make(...numbers)
    known.set(key, attributes)
    return attributes
  }
}

export function registerBatchNorm(): void {
  tf.registerKernel({
    kernelName: BATCH_NORM,
    backendName: TENSORFLOW,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, scale, offset, mean, variance } = inputs as Record<string, tf.TensorInfo>
      const { epsilon, momentum } = attrs as unknown as Settings
      return execute(
        'FusedBatchNormV3',
        [x!, scale!, offset!, mean!, variance!],
        forward(epsilon, momentum),
        6,
      )
    },
  })
  // The rule in trainer/ops/gradients runs this one.
  tf.registerKernel({
    kernelName: `${BATCH_NORM}Grad`,
    backendName: TENSORFLOW,
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, x, scale, mean, deviation, rest } = inputs as Record<string, tf.TensorInfo>
      const { epsilon } = attrs as unknown as Settings
      const [dx, byScale, byOffset, ...unused] = execute(
        'FusedBatchNormGradV3',
        [dy!, x!, scale!, mean!, deviation!, rest!],
        backward(epsilon),
        5,
      )
      tf.dispose(unused)
      return [dx!, byScale!, byOffset!]
    },
  })
}
