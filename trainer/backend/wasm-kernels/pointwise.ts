import type * as tf from '@tensorflow/tfjs-core'
import type { KernelHost } from './kernel-host.ts'

/** Values of a chunk: enough that waking a thread costs less than the work. */
const SIZE = 32_768

/** Gradients of activations {dy, y} → dx, under the names that `trainer/ops/gradients` looks for. */
export const pointwiseKernels = (host: KernelHost) => {
  const kernel =
    (name: string) =>
    ({ dy, y }: Record<string, tf.TensorInfo>) => {
      const dx = host.output(dy!.shape)
      const size = dy!.shape.reduce((product, length) => product * length, 1)
      host.run(name, [...[dy!, y!, dx].map(host.address), size, SIZE], Math.ceil(size / SIZE))
      return dx
    }
  return {
    ReluGrad: kernel('relu_back'),
    Relu6Grad: kernel('relu6_back'),
    SigmoidGrad: kernel('sigmoid_back'),
    TanhGrad: kernel('tanh_back'),
  }
}
