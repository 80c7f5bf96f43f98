import * as tf from '@tensorflow/tfjs-core'
import type { Backbone, Parameters } from './backbone.ts'
import { foldedLayer, foldNorms, type Layer, plainLayer } from './conv-norm.ts'

/**
 * EfficientNet-Lite0 (Tan and Le 2019; the "lite" variant of tensorflow/tpu: no squeeze-and-excite, relu6), under the
 * parameter names of timm's `tf_efficientnet_lite0`: TensorFlow's "same" padding, batch norm with eps 1e-3.
 */
const HEAD = 1280

interface Stage {
  blocks: number
  kernel: 3 | 5
  stride: 1 | 2
  expand: 1 | 6
  out: number
}

const STAGES: readonly Stage[] = [
  { blocks: 1, kernel: 3, stride: 1, expand: 1, out: 16 }, // [B, 112, 112, 16]
  { blocks: 2, kernel: 3, stride: 2, expand: 6, out: 24 }, // [B, 56, 56, 24]
  { blocks: 2, kernel: 5, stride: 2, expand: 6, out: 40 }, // [B, 28, 28, 40]
  { blocks: 3, kernel: 3, stride: 2, expand: 6, out: 80 }, // [B, 14, 14, 80]
  { blocks: 3, kernel: 5, stride: 1, expand: 6, out: 112 }, // [B, 14, 14, 112]
  { blocks: 4, kernel: 5, stride: 2, expand: 6, out: 192 }, // [B, 7, 7, 192]
  { blocks: 1, kernel: 3, stride: 1, expand: 6, out: 320 }, // [B, 7, 7, 320]
]

/** Every block in order: its name, its stage's settings, the stride and channels it has itself. */
const BLOCKS = STAGES.flatMap((stage, s) =>
  Array.from({ length: stage.blocks }, (_, b) => ({
    ...stage,
    name: `blocks.${s}.${b}`,
    stride: b === 0 ? stage.stride : 1,
    in: b > 0 ? stage.out : (STAGES[s - 1]?.out ?? 32),
  })),
)

/** Blocks (from 0) whose outputs make the frozen features: the last of 14 × 14 and the last of all. */
const TAPS = [10, 15] as const

/** Which batch norm follows which convolution. */
const NORMS: [conv: string, norm: string][] = [
  ['conv_stem', 'bn1'],
  ...BLOCKS.flatMap(({ name, expand }): [string, string][] =>
    (expand === 1 ? ['conv_dw', 'conv_pw'] : ['conv_pw', 'conv_dw', 'conv_pwl']).map((conv, at) => [
      `${name}.${conv}`,
      `${name}.bn${at + 1}`,
    ]),
  ),
  ['conv_head', 'bn2'],
]

export interface Lite0Outputs {
  /** Output of every block, [B, h, w, c]. */
  blocks: tf.Tensor4D[]
  /** After the last convolution, [B, 7, 7, 1280]. */
  features: tf.Tensor4D
  /** Its mean over height and width, [B, 1280]. */
  pooled: tf.Tensor2D
}

/** The network in evaluation mode. Input [B, 224, 224, 3], scaled to −1…1. `layer`: with parameters as they are in the file, or folded. */
export function efficientnetLite0(
  p: Parameters,
  input: tf.Tensor4D,
  layer: Layer = plainLayer,
): Lite0Outputs {
  let x = layer(p, 'conv_stem', 'bn1', input, { stride: 2, relu6: true }) // [B, 112, 112, 32]
  const blocks = BLOCKS.map(block => {
    x = block.expand === 1 ? separable(p, block, x, layer) : inverted(p, block, x, layer)
    return x
  })
  const features = layer(p, 'conv_head', 'bn2', x, { relu6: true }) // [B, 7, 7, 1280]
  return { blocks, features, pooled: tf.mean(features, [1, 2]) }
}

/** The ImageNet classes: [B, 1280] → [B, 1000]. */
export function lite0Logits(p: Parameters, pooled: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.matMul(pooled, p.get('classifier.weight') as tf.Tensor2D), p.get('classifier.bias')!)
}

type Block = (typeof BLOCKS)[number]

/** Depthwise, then pointwise: the first block. */
function separable(p: Parameters, { name, stride }: Block, x: tf.Tensor4D, layer: Layer): tf.Tensor4D {
  const y = layer(p, `${name}.conv_dw`, `${name}.bn1`, x, { stride, depthwise: true, relu6: true })
  return layer(p, `${name}.conv_pw`, `${name}.bn2`, y, {})
}

/** Inverted residual: widen six times, depthwise, narrow again; added to its input where the shapes allow. */
function inverted(p: Parameters, block: Block, x: tf.Tensor4D, layer: Layer): tf.Tensor4D {
  const { name, stride } = block
  let y = layer(p, `${name}.conv_pw`, `${name}.bn1`, x, { relu6: true })
  y = layer(p, `${name}.conv_dw`, `${name}.bn2`, y, { stride, depthwise: true, relu6: true })
  y = layer(p, `${name}.conv_pwl`, `${name}.bn3`, y, {})
  return stride === 1 && block.in === block.out ? tf.add(x, y) : y
}

/** Torch's layouts: convolutions [out, in, h, w], linear layers [out, in]. */
function shapes(): Map<string, number[]> {
  const all = new Map<string, number[]>()
  const bn = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      all.set(`${name}.${part}`, [channels])
  }
  all.set('conv_stem.weight', [32, 3, 3, 3])
  bn('bn1', 32)
  for (const { name, kernel, expand, in: inputs, out } of BLOCKS) {
    const wide = inputs * expand
    all.set(`${name}.conv_dw.weight`, [wide, 1, kernel, kernel])
    if (expand === 1) {
      all.set(`${name}.conv_pw.weight`, [out, wide, 1, 1])
      bn(`${name}.bn1`, wide)
      bn(`${name}.bn2`, out)
    } else {
      all.set(`${name}.conv_pw.weight`, [wide, inputs, 1, 1])
      all.set(`${name}.conv_pwl.weight`, [out, wide, 1, 1])
      bn(`${name}.bn1`, wide)
      bn(`${name}.bn2`, wide)
      bn(`${name}.bn3`, out)
    }
  }
  all.set('conv_head.weight', [HEAD, 320, 1, 1])
  bn('bn2', HEAD)
  all.set('classifier.weight', [1000, HEAD])
  all.set('classifier.bias', [1000])
  return all
}

export const lite0: Backbone = {
  name: 'efficientnet-lite0',
  about: 'EfficientNet-Lite0 with ImageNet weights, frozen: means of blocks 10 and 15',
  preprocessing: { size: 224, channels: 'rgb', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  shapes: shapes(),
  ignored: name => name.endsWith('.num_batches_tracked'),
  weights: 'timm/tf_efficientnet_lite0.in1k',
  features: TAPS.reduce((sum, tap) => sum + BLOCKS[tap]!.out, 0),
  prepare: parameters => foldNorms(parameters, NORMS),
  pooled: (p, input) =>
    tf.tidy(() => {
      const { blocks } = efficientnetLite0(p, input, foldedLayer)
      return tf.concat(
        TAPS.map(tap => tf.mean<tf.Tensor2D>(blocks[tap]!, [1, 2])),
        1,
      ) // [B, 432]
    }),
}
