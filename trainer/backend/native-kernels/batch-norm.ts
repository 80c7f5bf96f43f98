import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute, onTensorflow, TENSORFLOW } from './execute.ts'
import { hasOneDnn, ONEDNN } from './onednn.ts'

/** Kernels {x, scale, offset, mean, variance} → [y, new mean, new variance, …]. The second saves its output too. */
const BATCH_NORM = 'LesionloopBatchNorm'
const BATCH_NORM_RELU = 'LesionloopBatchNormRelu'

/** Whether the running backend has batch norm in training as one kernel; else the plain way is taken. */
export const hasFusedBatchNorm = onTensorflow
/** Whether it has it with relu behind it. */
export const hasFusedBatchNormRelu = hasOneDnn

interface Settings {
  epsilon: number
  /** Share of the batch's statistics in the new running ones. */
  momentum: number
}

/**
 * Batch norm in training, x [B, h, w, c], the rest [c] each, in one operation of libtensorflow (FusedBatchNormV3), as its
 * gradient is. The new running statistics come with it; the variance among them is the unbiased one, as torch's.
 * @param relu with max(0, ·) behind it; only where `hasFusedBatchNormRelu`.
 */
export function fusedBatchNorm(
  x: tf.Tensor4D,
  { scale, offset, mean, variance }: Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor1D>,
  { relu, ...settings }: Settings & { relu: boolean },
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const [y, newMean, newVariance, ...saved] = tf
    .engine()
    .runKernel(
      relu ? BATCH_NORM_RELU : BATCH_NORM,
      { x, scale, offset, mean, variance },
      { ...settings },
    ) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, ...tf.Tensor[]]
  // The tape keeps its own.
  tf.dispose(saved)
  return { y, mean: newMean, variance: newVariance }
}

const common = { floats: ['U'], string: { data_format: 'NHWC' }, bool: { is_training: true } }

const forward = remembered((epsilon, momentum) => ({
  ...common,
  float: { epsilon, exponential_avg_factor: momentum },
}))

const forwardRelu = remembered((epsilon, momentum) => ({
  ...common,
  float: { epsilon, exponential_avg_factor: momentum },
  int: { num_side_inputs: 0 },
  string: { ...common.string, activation_mode: 'Relu', ...ONEDNN },
}))

const backward = remembered(epsilon => ({ ...common, float: { epsilon } }))

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
  register(BATCH_NORM, 'FusedBatchNormV3', forward, false)
  register(BATCH_NORM_RELU, '_MklNativeFusedBatchNormEx', forwardRelu, true)
}

function register(kernelName: string, operation: string, attributes: typeof forward, relu: boolean) {
  tf.registerKernel({
    kernelName,
    backendName: TENSORFLOW,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, scale, offset, mean, variance } = inputs as Record<string, tf.TensorInfo>
      const { epsilon, momentum } = attrs as unknown as Settings
      return execute(operation, [x!, scale!, offset!, mean!, variance!], attributes(epsilon, momentum), 6)
    },
  })
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x', 'scale'],
    // The batch's mean and variance, and a place that cuDNN writes into; after them the norm of oneDNN has its own there.
    outputsToSave: [relu, false, false, true, true, !relu],
    gradFunc: (dys, saved, attrs) => {
      const [x, scale, ...outputs] = saved as tf.Tensor[]
      const y = relu ? outputs.shift() : undefined
      const [mean, variance, reserved] = outputs
      const { epsilon } = attrs as unknown as Settings
      const dy = (dys as tf.Tensor[])[0]!
      const masked = y ? execute('ReluGrad', [dy, y])[0]! : dy
      const [dx, dScale, dOffset, ...unused] = execute(
        'FusedBatchNormGradV3',
        [masked, x!, scale!, mean!, variance!, reserved ?? mean!],
        backward(epsilon),
        5,
      )
      tf.dispose(y ? [...unused, masked] : unused)
      // The running statistics before have no part in y.
      const nought = () => tf.zerosLike(mean!)
      return {
        x: () => dx!,
        scale: () => dScale!,
        offset: () => dOffset!,
        mean: nought,
        variance: nought,
      }
    },
  })
}
