import * as tf from '@tensorflow/tfjs-core'

export interface ConvolutionOptions {
  stride?: 1 | 2
  /** A number: so many rows and columns of zeros on each side, as torch does. `same`: TensorFlow's, which pads more behind than before. */
  pad?: number | 'same'
}

/** Convolution without bias: x [B, h, w, in], kernel [kh, kw, in, out] → [B, h', w', out]. */
export function convolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  options: ConvolutionOptions = {},
): tf.Tensor4D {
  const { padded, pad } = padding(x, kernel, options)
  return tf.conv2d(padded, kernel, options.stride ?? 1, pad)
}

/** One kernel for each channel: x [B, h, w, c], kernel [kh, kw, c, 1] → [B, h', w', c]. */
export function depthwise(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  options: ConvolutionOptions = {},
): tf.Tensor4D {
  const { padded, pad } = padding(x, kernel, options)
  return tf.depthwiseConv2d(padded, kernel, options.stride ?? 1, pad)
}

/**
 * Backends know `same` and `valid` with gradients; explicit padding has none everywhere. With stride 1 and an odd
 * kernel torch's padding of half a kernel is `same`; else the zeros are put there first.
 */
function padding(x: tf.Tensor4D, kernel: tf.Tensor4D, { stride = 1, pad = 0 }: ConvolutionOptions) {
  if (pad === 'same') return { padded: x, pad: 'same' as const }
  if (pad === 0) return { padded: x, pad: 'valid' as const }
  const [height, width] = kernel.shape
  if (stride === 1 && height === 2 * pad + 1 && width === 2 * pad + 1)
    return { padded: x, pad: 'same' as const }
  const sides: [number, number] = [pad, pad]
  return { padded: tf.pad(x, [[0, 0], sides, sides, [0, 0]]), pad: 'valid' as const }
}
