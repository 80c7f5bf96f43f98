import * as tf from '@tensorflow/tfjs-core'
import { convolutionBias, hasFusedInference } from '../backend/native-kernels/inference.ts'
import { relu, relu6, silu } from '../ops/activation.ts'
import { batchNorm, batchNormRelu } from '../ops/batch-norm.ts'
import { convolution, depthwise } from '../ops/convolution.ts'
import type { Mode } from '../ops/mode.ts'
import type { Parameters } from './backbone.ts'

export interface ConvNormOptions {
  stride?: 1 | 2
  /** Rows and columns of zeros on each side, as torch counts, or TensorFlow's `same`. */
  pad?: number | 'same'
  /** One kernel for each channel. */
  depthwise?: boolean
  activation?: keyof typeof ACTIVATIONS
  /** Of the batch norm: 1e-5 in torch, 1e-3 in TensorFlow's EfficientNets. */
  epsilon?: number
}

const ACTIVATIONS = { relu, relu6, silu }

/**
 * Convolution (parameter `${conv}.weight`), batch norm (`${norm}.…`), activation: the brick of every network here.
 * x [B, h, w, in] → [B, h', w', out]. Where `foldNorms` took the norm into the convolution, all three are one kernel.
 */
export function convNorm(
  p: Parameters,
  conv: string,
  norm: string,
  x: tf.Tensor4D,
  mode: Mode,
  options: ConvNormOptions = {},
): tf.Tensor4D {
  const kernel = p.get(`${conv}.weight`) as tf.Tensor4D
  const { activation, epsilon } = options
  if (!p.has(`${norm}.running_mean`))
    return convBias(x, kernel, p.get(`${norm}.bias`) as tf.Tensor1D, options)
  return tf.tidy(() => {
    const y = options.depthwise ? depthwise(x, kernel, options) : convolution(x, kernel, options)
    const settings = epsilon === undefined ? {} : { epsilon }
    if (activation === 'relu') return batchNormRelu(p, norm, y, mode, settings)
    const z = batchNorm(p, norm, y, mode, settings)
    return activation ? ACTIVATIONS[activation](z) : z
  })
}

/**
 * Convolution, bias and activation in one kernel: three to four times as fast on wasm as one after the other. For
 * frozen networks: where a gradient is asked for, TensorFlow.js goes the long way.
 */
export function convBias(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  { stride = 1, pad = 0, depthwise: perChannel = false, activation }: ConvNormOptions = {},
): tf.Tensor4D {
  const padding = zeros(pad, filter.shape[0], stride)
  if (!perChannel && typeof padding === 'string' && hasFusedInference())
    return tf.tidy(() => {
      const y = convolutionBias(x, filter, bias, stride, padding)
      return activation ? ACTIVATIONS[activation](y) : y
    })
  const layer = {
    x,
    filter,
    bias,
    strides: stride,
    pad: padding,
    ...(activation === 'relu' || activation === 'relu6' ? { activation } : {}),
  }
  const y = perChannel ? tf.fused.depthwiseConv2d(layer) : tf.fused.conv2d(layer)
  return activation === 'silu' ? silu(y) : y
}

/** Padding as every backend takes it: by name where there is one for it, else explicit. */
function zeros(pad: number | 'same', size: number, stride: number): 'same' | 'valid' | number {
  if (pad === 'same' || (stride === 1 && size === 2 * pad + 1)) return 'same'
  // The fused kernels take the four sides too, though their types do not say so.
  const sides = [pad, pad]
  return pad === 0 ? 'valid' : ([[0, 0], sides, sides, [0, 0]] as unknown as number)
}
