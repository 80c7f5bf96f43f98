import * as tf from '@tensorflow/tfjs-core'
import type { Shape4D } from './convolution.ts'
import type { KernelHost } from './kernel-host.ts'
import type { Fallback } from './register.ts'

interface Attributes {
  strides: number | [number, number]
  pad: 'valid' | 'same' | number
  dilations?: number | [number, number]
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

type Inputs = Record<string, tf.TensorInfo>

/** Channels of a chunk of the weights' gradient, as in `depthwise.c`. */
const LANES = 16

function struct(x: Shape4D, filter: Shape4D, attrs: Attributes, addresses: readonly number[]) {
  const info = tf.backend_util.computeConv2DInfo(
    x,
    filter,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  )
  const lengths = [info.batchSize, info.inHeight, info.inWidth, info.inChannels]
  const outputs = [info.outHeight, info.outWidth, filter[3]]
  const kernel = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth]
  const values = [...addresses, ...lengths, ...outputs, ...kernel, info.padInfo.top, info.padInfo.left]
  return { info, values }
}

/**
 * Depthwise convolution's gradients by TensorFlow.js' names; and depthwise convolution itself where the window is no
 * square, since with a stride its own is wrong there (1 × N).
 */
export const depthwiseKernels = (host: KernelHost) => ({
  [tf.DepthwiseConv2dNative]: ({ x, filter }: Inputs, attrs: Attributes, own: Fallback) => {
    const [height, width] = filter!.shape
    const dilated = [attrs.dilations ?? 1].flat().some(dilation => dilation !== 1)
    if (height === width || dilated) return own()
    const { info } = struct(x!.shape as Shape4D, filter!.shape as Shape4D, attrs, [])
    const y = host.output(info.outShape)
    const addresses = [x!, y, filter!].map(host.address)
    const { values } = struct(x!.shape as Shape4D, filter!.shape as Shape4D, attrs, addresses)
    host.run('depthwise', values, info.batchSize * info.outHeight)
    return y
  },
  [tf.DepthwiseConv2dNativeBackpropInput]: (
    { dy, filter }: Inputs,
    attrs: Attributes & { inputShape: Shape4D },
  ) => {
    const dx = host.output(attrs.inputShape)
    const addresses = [dx, dy!, filter!].map(host.address)
    const { info, values } = struct(attrs.inputShape, filter!.shape as Shape4D, attrs, addresses)
    host.run('depthwise_back', values, info.batchSize * info.inHeight)
    return dx
  },
  [tf.DepthwiseConv2dNativeBackpropFilter]: (
    { x, dy }: Inputs,
    attrs: Attributes & { filterShape: Shape4D },
  ) => {
    const dw = host.output(attrs.filterShape)
    const addresses = [x!, dy!, dw].map(host.address)
    const { info, values } = struct(x!.shape as Shape4D, attrs.filterShape, attrs, addresses)
    host.run('depthwise_weights', values, Math.ceil(info.inChannels / LANES))
    return dw
  },
})
