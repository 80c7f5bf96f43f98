import * as tf from '@tensorflow/tfjs-core'
import type { Shape4D } from './convolution.ts'
import type { KernelHost } from './kernel-host.ts'

interface Attributes {
  filterSize: number | [number, number]
  strides: number | [number, number]
  pad: 'valid' | 'same' | number
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Pooling's gradients by TensorFlow.js' names. Its own drop the gradient of windows that are all below nought. */
export const poolingKernels = (host: KernelHost) => {
  const kernel =
    (name: string) =>
    ({ dy, input }: Record<string, tf.TensorInfo>, attrs: Attributes) => {
      const shape = input!.shape as Shape4D
      const info = tf.backend_util.computePool2DInfo(
        shape,
        attrs.filterSize,
        attrs.strides,
        1,
        attrs.pad,
        attrs.dimRoundingMode,
      )
      const dx = host.output(shape)
      const outputs = [info.outHeight, info.outWidth]
      const window = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth]
      const pads = [info.padInfo.top, info.padInfo.left]
      host.run(
        name,
        [...[input!, dy!, dx].map(host.address), ...shape, ...outputs, ...window, ...pads],
        shape[0],
      )
      return dx
    }
  return { [tf.MaxPoolGrad]: kernel('max_pool_back'), [tf.AvgPoolGrad]: kernel('average_pool_back') }
}
