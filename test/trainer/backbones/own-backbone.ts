import type * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../../../trainer/backbones/backbone.ts'
import { convNorm } from '../../../trainer/backbones/conv-norm.ts'
import { imagenetBackbone } from '../../../trainer/backbones/imagenet-backbone.ts'
import { TorchShapes } from '../../../trainer/backbones/torch-shapes.ts'
import type { Mode } from '../../../trainer/ops/mode.ts'
import { maxPool } from '../../../trainer/ops/pooling.ts'

/** The guide's example (docs/backbones.md): three convolutions with norms, the picture halved three times. */
const LAYERS = [
  { name: 'first', inputs: 3, out: 8 },
  { name: 'second', inputs: 8, out: 16 },
  { name: 'third', inputs: 16, out: 24 },
] as const

/** [B, 32, 32, 3] → [B, 4, 4, 24] */
function maps(p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let x = input
  for (const { name } of LAYERS) {
    x = convNorm(p, `${name}.conv`, `${name}.norm`, x, mode, { pad: 1, activation: 'relu' })
    x = maxPool(x, 2, 2)
  }
  return x
}

const shapes = new TorchShapes()
for (const { name, inputs, out } of LAYERS)
  shapes.convolution(`${name}.conv`, out, inputs, 3).norm(`${name}.norm`, out)

export const tiny = imagenetBackbone({
  name: 'tiny',
  about: 'three convolutions, for the guide',
  size: 32,
  weights: 'my-lab/tiny',
  shapes,
  norms: LAYERS.map(({ name }) => [`${name}.conv`, `${name}.norm`] as const),
  channels: 24,
  maps,
  stages: LAYERS.map(({ name }) => [`${name}.`]),
})
