import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule, runKernel } from './rule.ts'

interface Convolution {
  strides: number | [number, number]
  pad: 'valid' | 'same' | number
  dataFormat?: string
  dilations?: number | [number, number]
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

const BOTH = { inputs: ['x', 'filter'] } as const

/** Convolutions over [B, h, w, c] with padding `same` or `valid`; the work is done by each backend's own kernels. */
export const CONVOLUTION: readonly Rule[] = [
  rule<Convolution>(tf.Conv2D, BOTH, ({ dy, saved: [x, filter], attrs }) => ({
    x: () =>
      runKernel(tf.Conv2DBackpropInput, { dy, filter: filter! }, { ...plain(attrs), inputShape: x!.shape }),
    filter: () =>
      runKernel(tf.Conv2DBackpropFilter, { x: x!, dy }, { ...plain(attrs), filterShape: filter!.shape }),
  })),
  rule<Convolution>(
    tf.Conv2DBackpropInput,
    { inputs: ['dy', 'filter'] },
    ({ dy, saved: [given, filter], attrs }) => ({
      dy: () => runKernel(tf.Conv2D, { x: dy, filter: filter! }, { ...plain(attrs), dilations: 1 }),
      filter: () =>
        runKernel(
          tf.Conv2DBackpropFilter,
          { x: dy, dy: given! },
          { ...plain(attrs), filterShape: filter!.shape },
        ),
    }),
  ),
  rule<Convolution>(tf.DepthwiseConv2dNative, BOTH, ({ dy, saved: [x, filter], attrs }) => ({
    x: () =>
      runKernel(
        tf.DepthwiseConv2dNativeBackpropInput,
        { dy, filter: filter! },
        { ...plain(attrs), dilations: [1, 1], inputShape: x!.shape },
      ),
    filter: () =>
      runKernel(
        tf.DepthwiseConv2dNativeBackpropFilter,
        { x: x!, dy },
        { ...plain(attrs), dilations: [1, 1], filterShape: filter!.shape },
      ),
  })),
]

/** The attributes that all these kernels know; what they don't know back is refused here, not computed wrong. */
function plain({ strides, pad, dataFormat = 'NHWC', dilations = 1, dimRoundingMode }: Convolution) {
  if (dataFormat !== 'NHWC') throw new Error(`gradient: convolution: ${dataFormat}: expected NHWC`)
  if ([dilations].flat().some(dilation => dilation !== 1))
    throw new Error(`gradient: convolution: dilation ${dilations}: there is a gradient for 1 only`)
  if (typeof pad !== 'string' && pad !== 0)
    throw new Error(`gradient: convolution: explicit padding: put the zeros there first, with tf.pad`)
  return { strides, pad: pad === 0 ? ('valid' as const) : pad, dataFormat, dimRoundingMode }
}
