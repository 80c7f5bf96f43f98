import * as tf from '@tensorflow/tfjs-core'
import { sigmoid, silu } from '../ops/activation.ts'
import { dense, stochasticDepth } from '../ops/dense.ts'
import { handedOn } from '../ops/early-release.ts'
import type { Mode } from '../ops/mode.ts'
import { globalMean } from '../ops/pooling.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { convNorm } from './conv-norm.ts'
import { HEAD, LAST_STAGE, type MobileBlock, mobileBlocks, STEM } from './efficientnet-stages.ts'
import { imagenetBackbone } from './imagenet-backbone.ts'
import { fromTimm } from './timm-efficientnet.ts'
import { TorchShapes } from './torch-shapes.ts'

/**
 * EfficientNet (Tan and Le 2019), under torchvision's names: inverted residuals with squeeze-and-excitation (Hu et al.
 * 2018) and silu; half a kernel of zeros around each convolution, batch norm with eps 1e-5.
 */
type Block = MobileBlock & {
  name: string
  wide: number
  squeezed: number
  /** Names of the block's parts: they are numbered, and a block that does not widen has one part less. */
  parts: { widen: string | null; spread: string; excite: string; narrow: string }
}

const blocksOf = (depth: number): Block[] =>
  mobileBlocks(depth).map(block => {
    const name = `features.${block.stage + 1}.${block.at}`
    const part = (at: number) => `${name}.block.${block.expand === 1 ? at - 1 : at}`
    const widen = block.expand === 1 ? null : part(0)
    return {
      ...block,
      name,
      wide: block.inputs * block.expand,
      squeezed: Math.max(1, Math.floor(block.inputs / 4)),
      parts: { widen, spread: part(1), excite: part(2), narrow: part(3) },
    }
  })

/** Input [B, 224, 224, 3] → [B, 7, 7, 1280]. */
function maps(blocks: readonly Block[], p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const stem = { stride: 2, pad: 1, activation: 'silu' } as const
  let x = convNorm(p, 'features.0.0', 'features.0.1', input, mode, stem) // [B, 112, 112, 32]
  for (const block of blocks)
    x = handedOn(x, y => {
      const branch = inverted(p, block, y, mode)
      return block.residual ? tf.add(y, stochasticDepth(branch, block.drop, mode.random)) : branch
    })
  return handedOn(x, y => convNorm(p, 'features.8.0', 'features.8.1', y, mode, { activation: 'silu' }))
}

/** Widen, one kernel for each channel, weigh the channels, narrow: [B, h, w, inputs] → [B, h', w', out]. */
function inverted(p: Parameters, block: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const { kernel, stride, parts } = block
  const { widen, spread, excite, narrow } = parts
  let y = widen ? convNorm(p, `${widen}.0`, `${widen}.1`, x, mode, { activation: 'silu' }) : x
  y = convNorm(p, `${spread}.0`, `${spread}.1`, y, mode, {
    stride,
    pad: (kernel - 1) / 2,
    depthwise: true,
    activation: 'silu',
  })
  return convNorm(p, `${narrow}.0`, `${narrow}.1`, squeezeExcite(p, excite, y), mode)
}

/** Each channel weighed by what the means of all channels say of it: [B, h, w, c] → the same. */
function squeezeExcite(p: Parameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  // 1 × 1 convolutions of one pixel: matrix products.
  const linear = (part: string, y: tf.Tensor2D) => {
    const kernel = p.get(`${name}.${part}.weight`) as tf.Tensor4D
    const [, , inputs, out] = kernel.shape
    return dense(y, tf.reshape(kernel, [inputs, out]), p.get(`${name}.${part}.bias`) as tf.Tensor1D)
  }
  const [batch, , , channels] = x.shape
  const squeezed = pixel(linear('fc1', globalMean(x))) // [B, 1, 1, c / 4 / widening]
  const weights = linear('fc2', tf.reshape(silu(squeezed), [batch, squeezed.shape[3]]))
  return tf.mul(x, tf.reshape(sigmoid(weights), [batch, 1, 1, channels]))
}

/** [B, c] → [B, 1, 1, c] */
const pixel = (x: tf.Tensor2D): tf.Tensor4D => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]])

function efficientnet(
  name: string,
  depth: number,
  rest: Pick<Backbone, 'about' | 'weights'> & { size: number },
): Backbone {
  const blocks = blocksOf(depth)
  const shapes = new TorchShapes()
  const norms: [string, string][] = []
  /** Convolution and norm, as torchvision numbers them. */
  const convolution = (part: string, out: number, inputs: number, size: number) => {
    shapes.convolution(`${part}.0`, out, inputs, size).norm(`${part}.1`, out)
    norms.push([`${part}.0`, `${part}.1`])
  }
  convolution('features.0', STEM, 3, 3)
  for (const { inputs, wide, squeezed, out, kernel, parts } of blocks) {
    if (parts.widen) convolution(parts.widen, wide, inputs, 1)
    convolution(parts.spread, wide, 1, kernel)
    shapes
      .convolution(`${parts.excite}.fc1`, squeezed, wide, 1, { bias: true })
      .convolution(`${parts.excite}.fc2`, wide, squeezed, 1, { bias: true })
    convolution(parts.narrow, out, wide, 1)
  }
  convolution('features.8', HEAD, LAST_STAGE, 1)
  return imagenetBackbone({
    ...rest,
    name,
    shapes,
    classifier: new TorchShapes().linear('classifier.1', 1000, HEAD),
    rename: fromTimm,
    norms,
    channels: HEAD,
    maps: (p, input, mode) => maps(blocks, p, input, mode),
    logits: (p, x) =>
      dense(
        globalMean(x),
        p.get('classifier.1.weight') as tf.Tensor2D,
        p.get('classifier.1.bias') as tf.Tensor1D,
      ),
    stages: [
      ['features.0.', 'features.1.'],
      ['features.2.'],
      ['features.3.'],
      ['features.4.'],
      ['features.5.'],
      ['features.6.'],
      ['features.7.', 'features.8.'],
    ],
  })
}

export const efficientnetB0 = efficientnet('efficientnet-b0', 1, {
  about: 'EfficientNet-b0 with ImageNet weights: 4.0 M parameters',
  size: 224,
  weights: 'timm/efficientnet_b0.ra_in1k',
})

export const efficientnetB1 = efficientnet('efficientnet-b1', 1.1, {
  about: 'EfficientNet-b1 with ImageNet weights: 6.5 M parameters',
  size: 240,
  weights: 'timm/efficientnet_b1.ft_in1k',
})
