import * as tf from '@tensorflow/tfjs-core'

/** The kernel of `batch-norm.ts`; the rule for its gradient is in `trainer/ops/gradients/normalisation.ts`. */
export const BATCH_NORM = 'LesionloopWasmBatchNorm'
export const BATCH_NORM_GRADIENT = 'LesionloopWasmBatchNormGrad'

/** Whether the running backend has batch norm in training as one kernel of ours. */
export const hasWasmBatchNorm = (): boolean => tf.getKernel(BATCH_NORM, tf.getBackend()) !== undefined

/**
 * Batch norm in training, x [B, h, w, c], the rest [c] each, in one kernel. The new running statistics come with it; the
 * variance among them is the unbiased one, as torch's.
 */
export function wasmBatchNorm(
  x: tf.Tensor4D,
  statistics: Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor1D>,
  { epsilon, momentum }: { epsilon: number; momentum: number },
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const [y, mean, variance, ...saved] = tf
    .engine()
    .runKernel(BATCH_NORM, { x, ...statistics }, { epsilon, momentum }) as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
    ...tf.Tensor[],
  ]
  // The tape keeps its own.
  tf.dispose(saved)
  return { y, mean, variance }
}
