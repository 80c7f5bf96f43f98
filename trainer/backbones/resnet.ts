import * as tf from '@tensorflow/tfjs-core'
import { relu } from '../ops/activation.ts'
import { dense } from '../ops/dense.ts'
import { handedOn } from '../ops/early-release.ts'
import type { Mode } from '../ops/mode.ts'
import { globalMean, maxPool } from '../ops/pooling.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { convNorm } from './conv-norm.ts'
import { imagenetBackbone } from './imagenet-backbone.ts'
import { TorchShapes } from './torch-shapes.ts'

/**
 * ResNet (He et al. 2016, "Deep residual learning for image recognition"), under torchvision's names; the bottleneck
 * takes its stride in the 3 × 3 convolution, as torchvision's does.
 */
interface ResNet {
  /** Blocks of each of the four layers. */
  blocks: readonly [number, number, number, number]
  /** Output channels of a block over the layer's width: 4 with bottlenecks, else 1. */
  expansion: 1 | 4
}

/** Channels within the blocks of each layer, at 56, 28, 14 and 7 pixels. */
const WIDTHS = [64, 128, 256, 512] as const

interface Block {
  name: string
  width: number
  inputs: number
  out: number
  stride: 1 | 2
  bottleneck: boolean
}

const blocksOf = ({ blocks, expansion }: ResNet): Block[] =>
  blocks.flatMap((count, layer) =>
    Array.from({ length: count }, (_, at): Block => {
      const out = WIDTHS[layer]! * expansion
      const before = layer === 0 ? 64 : WIDTHS[layer - 1]! * expansion
      return {
        name: `layer${layer + 1}.${at}`,
        width: WIDTHS[layer]!,
        inputs: at === 0 ? before : out,
        out,
        stride: at === 0 && layer > 0 ? 2 : 1,
        bottleneck: expansion > 1,
      }
    }),
  )

/** Whether the way past the block needs a convolution to have the block's shape. */
const projects = ({ stride, inputs, out }: Block) => stride > 1 || inputs !== out

/** Input [B, 224, 224, 3] → [B, 7, 7, 512·expansion]. */
function maps(blocks: readonly Block[], p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let x = convNorm(p, 'conv1', 'bn1', input, mode, { stride: 2, pad: 3, activation: 'relu' }) // [B, 112, 112, 64]
  x = handedOn(x, y => maxPool(y, 3, 2, 1)) // [B, 56, 56, 64]
  for (const block of blocks) x = handedOn(x, y => residual(p, block, y, mode))
  return x
}

/** The block's branch added to its input. */
function residual(p: Parameters, block: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const { name, stride } = block
  const branch = block.bottleneck ? bottleneck(p, block, x, mode) : basic(p, block, x, mode)
  const past = projects(block)
    ? convNorm(p, `${name}.downsample.0`, `${name}.downsample.1`, x, mode, { stride })
    : x
  return relu(tf.add(branch, past))
}

/** Two 3 × 3 convolutions. */
function basic(p: Parameters, { name, stride }: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  const y = convNorm(p, `${name}.conv1`, `${name}.bn1`, x, mode, { stride, pad: 1, activation: 'relu' })
  return convNorm(p, `${name}.conv2`, `${name}.bn2`, y, mode, { pad: 1 })
}

/** Narrow, 3 × 3, widen. */
function bottleneck(p: Parameters, { name, stride }: Block, x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let y = convNorm(p, `${name}.conv1`, `${name}.bn1`, x, mode, { activation: 'relu' })
  y = convNorm(p, `${name}.conv2`, `${name}.bn2`, y, mode, { stride, pad: 1, activation: 'relu' })
  return convNorm(p, `${name}.conv3`, `${name}.bn3`, y, mode)
}

/** Convolutions of a block: name, then kernel size, inputs and outputs; each is followed by the norm of its number. */
function convolutions({
  width,
  inputs,
  out,
  bottleneck,
}: Block): [size: number, inputs: number, out: number][] {
  return bottleneck
    ? [
        [1, inputs, width],
        [3, width, width],
        [1, width, out],
      ]
    : [
        [3, inputs, width],
        [3, width, out],
      ]
}

function resnet(name: string, net: ResNet, rest: Pick<Backbone, 'about' | 'weights'>): Backbone {
  const blocks = blocksOf(net)
  const channels = 512 * net.expansion
  const shapes = new TorchShapes().convolution('conv1', 64, 3, 7).norm('bn1', 64)
  const norms: [string, string][] = [['conv1', 'bn1']]
  for (const block of blocks) {
    for (const [at, [size, inputs, out]] of convolutions(block).entries()) {
      const [conv, norm] = [`${block.name}.conv${at + 1}`, `${block.name}.bn${at + 1}`]
      shapes.convolution(conv, out, inputs, size).norm(norm, out)
      norms.push([conv, norm])
    }
    if (!projects(block)) continue
    const [conv, norm] = [`${block.name}.downsample.0`, `${block.name}.downsample.1`]
    shapes.convolution(conv, block.out, block.inputs, 1).norm(norm, block.out)
    norms.push([conv, norm])
  }
  return imagenetBackbone({
    ...rest,
    name,
    size: 224,
    shapes,
    classifier: new TorchShapes().linear('fc', 1000, channels),
    norms,
    channels,
    maps: (p, input, mode) => maps(blocks, p, input, mode),
    logits: (p, x) =>
      dense(globalMean(x), p.get('fc.weight') as tf.Tensor2D, p.get('fc.bias') as tf.Tensor1D),
    stages: [['conv1.', 'bn1.'], ['layer1.'], ['layer2.'], ['layer3.'], ['layer4.']],
  })
}

export const resnet18 = resnet(
  'resnet18',
  { blocks: [2, 2, 2, 2], expansion: 1 },
  { about: 'ResNet18 with ImageNet weights: 11.2 M parameters', weights: 'timm/resnet18.tv_in1k' },
)

export const resnet50 = resnet(
  'resnet50',
  { blocks: [3, 4, 6, 3], expansion: 4 },
  { about: 'ResNet50 with ImageNet weights: 23.5 M parameters', weights: 'timm/resnet50.tv_in1k' },
)
