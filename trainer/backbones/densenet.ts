import type * as tf from '@tensorflow/tfjs-core'
import { batchNormRelu } from '../ops/batch-norm.ts'
import { convolution } from '../ops/convolution.ts'
import { dense } from '../ops/dense.ts'
import { handedOn } from '../ops/early-release.ts'
import type { Mode } from '../ops/mode.ts'
import { averagePool, concatenate, globalMean, maxPool } from '../ops/pooling.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { convNorm } from './conv-norm.ts'
import { imagenetBackbone } from './imagenet-backbone.ts'
import { TorchShapes } from './torch-shapes.ts'

/**
 * DenseNet-BC (Huang et al. 2017, "Densely connected convolutional networks"), under torchvision's names: every layer
 * reads the maps of all layers before it in its block. Norm and activation stand before the convolution, so that only
 * the norm between a layer's two convolutions (and that of the first) can be folded.
 */
/** Maps each layer adds, and those within it. */
const GROWTH = 32
const BOTTLENECK = 4 * GROWTH
const STEM = 64

/** Layers of each of the four dense blocks. */
type DenseNet = readonly [number, number, number, number]

interface Block {
  name: string
  /** The half-sizing transition after it; none after the last. */
  transition: string | null
  inputs: number
  layers: number
  out: number
}

function blocksOf(net: DenseNet): Block[] {
  let channels = STEM
  return net.map((layers, at) => {
    const [inputs, out] = [channels, channels + layers * GROWTH]
    channels = out / 2
    const transition = at < net.length - 1 ? `features.transition${at + 1}` : null
    return { name: `features.denseblock${at + 1}`, transition, inputs, layers, out }
  })
}

/** Input [B, 224, 224, 3] → [B, 7, 7, channels of the last block]. */
function maps(blocks: readonly Block[], p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let x = convNorm(p, 'features.conv0', 'features.norm0', input, mode, {
    stride: 2,
    pad: 3,
    activation: 'relu',
  }) // [B, 112, 112, 64]
  x = handedOn(x, y => maxPool(y, 3, 2, 1)) // [B, 56, 56, 64]
  for (const { name, transition, layers } of blocks) {
    for (let at = 1; at <= layers; at++)
      x = handedOn(x, y => concatenate([y, layer(p, `${name}.denselayer${at}`, y, mode)])) // 32 channels more
    if (transition) x = handedOn(x, y => halved(p, transition, y, mode)) // half the channels, height and width
  }
  return handedOn(x, y => batchNormRelu(p, 'features.norm5', y, mode))
}

/** What a layer makes of all maps before it: [B, h, w, c] → [B, h, w, 32]. */
function layer(p: Parameters, name: string, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const y = batchNormRelu(p, `${name}.norm1`, x, mode)
  const z = convNorm(p, `${name}.conv1`, `${name}.norm2`, y, mode, { activation: 'relu' }) // [B, h, w, 128]
  return convolution(z, p.get(`${name}.conv2.weight`) as tf.Tensor4D, { pad: 1 })
}

/** Between two blocks: [B, h, w, c] → [B, h / 2, w / 2, c / 2]. */
function halved(p: Parameters, name: string, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const y = batchNormRelu(p, `${name}.norm`, x, mode)
  return averagePool(convolution(y, p.get(`${name}.conv.weight`) as tf.Tensor4D), 2, 2)
}

/** Names of checkpoints of torchvision before 0.3: `denselayer1.norm.1` for `denselayer1.norm1`. */
const rename = (name: string) => name.replace(/(\.denselayer\d+\.(?:norm|conv))\.([12])\./, '$1$2.')

function densenet(name: string, net: DenseNet, rest: Pick<Backbone, 'about' | 'weights'>): Backbone {
  const blocks = blocksOf(net)
  const channels = blocks.at(-1)!.out
  const shapes = new TorchShapes().convolution('features.conv0', STEM, 3, 7).norm('features.norm0', STEM)
  const norms: [string, string][] = [['features.conv0', 'features.norm0']]
  for (const { name: block, transition, inputs, layers, out } of blocks) {
    for (let at = 0; at < layers; at++) {
      const own = `${block}.denselayer${at + 1}`
      const seen = inputs + at * GROWTH
      shapes.norm(`${own}.norm1`, seen).convolution(`${own}.conv1`, BOTTLENECK, seen, 1)
      shapes.norm(`${own}.norm2`, BOTTLENECK).convolution(`${own}.conv2`, GROWTH, BOTTLENECK, 3)
      norms.push([`${own}.conv1`, `${own}.norm2`])
    }
    if (transition) shapes.norm(`${transition}.norm`, out).convolution(`${transition}.conv`, out / 2, out, 1)
  }
  shapes.norm('features.norm5', channels)
  return imagenetBackbone({
    ...rest,
    name,
    size: 224,
    shapes,
    classifier: new TorchShapes().linear('classifier', 1000, channels),
    rename,
    norms,
    channels,
    maps: (p, input, mode) => maps(blocks, p, input, mode),
    logits: (p, x) =>
      dense(
        globalMean(x),
        p.get('classifier.weight') as tf.Tensor2D,
        p.get('classifier.bias') as tf.Tensor1D,
      ),
    stages: [
      ['features.conv0.', 'features.norm0.', 'features.denseblock1.'],
      ['features.transition1.', 'features.denseblock2.'],
      ['features.transition2.', 'features.denseblock3.'],
      ['features.transition3.', 'features.denseblock4.', 'features.norm5.'],
    ],
  })
}

export const densenet121 = densenet('densenet121', [6, 12, 24, 16], {
  about: 'DenseNet121 with ImageNet weights: 7.0 M parameters',
  weights: 'timm/densenet121.tv_in1k',
})

export const densenet169 = densenet('densenet169', [6, 12, 32, 32], {
  about: 'DenseNet169 with ImageNet weights: 12.5 M parameters',
  weights: 'timm/densenet169.tv_in1k',
})
