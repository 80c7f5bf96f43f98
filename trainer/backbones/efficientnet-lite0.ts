import * as tf from '@tensorflow/tfjs-core'
import { dense, stochasticDepth } from '../ops/dense.ts'
import { EVALUATION, type Mode } from '../ops/mode.ts'
import { globalMean } from '../ops/pooling.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { type ConvNormOptions, convNorm } from './conv-norm.ts'
import { HEAD, LAST_STAGE, type MobileBlock, mobileBlocks, STEM } from './efficientnet-stages.ts'
import { foldNorms } from './fold-norms.ts'
import { isCounter } from './imagenet-backbone.ts'
import { arrange, restore } from './layout.ts'
import { TorchShapes } from './torch-shapes.ts'

/**
 * EfficientNet-Lite0 (Tan and Le 2019; the "lite" variant of tensorflow/tpu: no squeeze-and-excite, relu6), under the
 * parameter names of timm's `tf_efficientnet_lite0`: TensorFlow's "same" padding, batch norm with eps 1e-3.
 */
const EPSILON = 1e-3
const BLOCKS = mobileBlocks(1).map(block => ({ ...block, name: `blocks.${block.stage}.${block.at}` }))
type Block = (typeof BLOCKS)[number]

/** Blocks (from 0) whose outputs make the frozen features: the last of 14 × 14 and the last of all. */
const TAPS = [10, 15] as const

/** Outputs of every block, [B, h, w, c]. Input [B, 224, 224, 3], scaled to −1…1. */
export function lite0Blocks(p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D[] {
  let x = layer(p, 'conv_stem', 'bn1', input, mode, { stride: 2, activation: 'relu6' }) // [B, 112, 112, 32]
  return BLOCKS.map(block => {
    x = tf.tidy(() => {
      const branch = block.expand === 1 ? separable(p, block, x, mode) : inverted(p, block, x, mode)
      return block.residual ? tf.add(x, stochasticDepth(branch, block.drop, mode.random)) : branch
    })
    return x
  })
}

/** The maps whose means are the frozen features: [B, 14, 14, 112] and [B, 7, 7, 320]. */
function taps(p: Parameters, input: tf.Tensor4D): tf.Tensor4D[] {
  const blocks = lite0Blocks(p, input, EVALUATION)
  return TAPS.map(tap => blocks[tap]!)
}

/** The last feature map, [B, 7, 7, 1280]. */
function maps(p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  return layer(p, 'conv_head', 'bn2', lite0Blocks(p, input, mode).at(-1)!, mode, { activation: 'relu6' })
}

const layer = (
  p: Parameters,
  conv: string,
  norm: string,
  x: tf.Tensor4D,
  mode: Mode,
  options: ConvNormOptions = {},
) => convNorm(p, conv, norm, x, mode, { pad: 'same', epsilon: EPSILON, ...options })

/** Depthwise, then pointwise: the first block. */
function separable(p: Parameters, { name, stride }: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const y = layer(p, `${name}.conv_dw`, `${name}.bn1`, x, mode, {
    stride,
    depthwise: true,
    activation: 'relu6',
  })
  return layer(p, `${name}.conv_pw`, `${name}.bn2`, y, mode)
}

/** Inverted residual: widen six times, depthwise, narrow again. */
function inverted(p: Parameters, { name, stride }: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let y = layer(p, `${name}.conv_pw`, `${name}.bn1`, x, mode, { activation: 'relu6' })
  y = layer(p, `${name}.conv_dw`, `${name}.bn2`, y, mode, { stride, depthwise: true, activation: 'relu6' })
  return layer(p, `${name}.conv_pwl`, `${name}.bn3`, y, mode)
}

/** A block's convolutions in order: name, outputs, inputs of each, kernel; norm 1, 2, 3 follow them. */
function convolutions({ expand, inputs, out, kernel }: MobileBlock): [string, number, number, number][] {
  const wide = inputs * expand
  return expand === 1
    ? [
        ['conv_dw', wide, 1, kernel],
        ['conv_pw', out, wide, 1],
      ]
    : [
        ['conv_pw', wide, inputs, 1],
        ['conv_dw', wide, 1, kernel],
        ['conv_pwl', out, wide, 1],
      ]
}

const shapes = new TorchShapes().convolution('conv_stem', STEM, 3, 3).norm('bn1', STEM)
const norms: [conv: string, norm: string][] = [['conv_stem', 'bn1']]
for (const block of BLOCKS)
  for (const [at, [conv, out, inputs, size]] of convolutions(block).entries()) {
    const norm = `${block.name}.bn${at + 1}`
    shapes.convolution(`${block.name}.${conv}`, out, inputs, size).norm(norm, out)
    norms.push([`${block.name}.${conv}`, norm])
  }
shapes.convolution('conv_head', HEAD, LAST_STAGE, 1).norm('bn2', HEAD)
norms.push(['conv_head', 'bn2'])

export const lite0: Backbone = {
  name: 'efficientnet-lite0',
  about: 'EfficientNet-Lite0 with ImageNet weights: 3.4 M parameters; frozen: means of blocks 10 and 15',
  preprocessing: { size: 224, channels: 'rgb', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  shapes,
  classifier: new TorchShapes().linear('classifier', 1000, HEAD),
  ignored: isCounter,
  weights: 'timm/tf_efficientnet_lite0.in1k',
  features: TAPS.reduce((sum, tap) => sum + BLOCKS[tap]!.out, 0),
  prepare: parameters => foldNorms(parameters, norms, EPSILON),
  pooled: (p, input) => tf.tidy(() => tf.concat(taps(p, input).map(globalMean), 1)), // [B, 432]
  taps,
  trainable: {
    channels: HEAD,
    arrange,
    restore,
    maps,
    logits: (p, x) =>
      dense(
        globalMean(x),
        p.get('classifier.weight') as tf.Tensor2D,
        p.get('classifier.bias') as tf.Tensor1D,
      ),
    stages: [
      ['conv_stem.', 'bn1.', 'blocks.0.'],
      ['blocks.1.'],
      ['blocks.2.'],
      ['blocks.3.'],
      ['blocks.4.'],
      ['blocks.5.'],
      ['blocks.6.', 'conv_head.', 'bn2.'],
    ],
  },
}
