import * as tf from '@tensorflow/tfjs-core'
import { relu } from '../ops/activation.ts'
import { convolution } from '../ops/convolution.ts'
import { dense } from '../ops/dense.ts'
import { handedOn } from '../ops/early-release.ts'
import type { Mode } from '../ops/mode.ts'
import { maxPool } from '../ops/pooling.ts'
import { adaptiveMean } from './adaptive-mean.ts'
import type { Parameters } from './backbone.ts'
import { convBias } from './conv-norm.ts'
import { imagenetBackbone } from './imagenet-backbone.ts'
import { TorchShapes } from './torch-shapes.ts'

/** VGG16 (Simonyan and Zisserman 2015, configuration D), under torchvision's names: convolutions with bias, no norms. */
const STAGES: readonly (readonly number[])[] = [
  [64, 64], // [B, 112, 112, 64]
  [128, 128], // [B, 56, 56, 128]
  [256, 256, 256], // [B, 28, 28, 256]
  [512, 512, 512], // [B, 14, 14, 512]
  [512, 512, 512], // [B, 7, 7, 512]
]
const CHANNELS = 512
/** Height and width of the last map, whatever the picture's size. */
const SIDE = 7
const WIDE = 4096

/** Names by stage: torchvision counts convolutions, activations and poolings in one row. */
const NAMES = (() => {
  let at = 0
  return STAGES.map(stage => {
    const names = stage.map((_, within) => `features.${at + 2 * within}`)
    at += 2 * stage.length + 1
    return names
  })
})()

/** Input [B, 224, 224, 3] → [B, 7, 7, 512]. */
function maps(p: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  let x = tf.clone(input)
  for (const names of NAMES) {
    for (const name of names) x = handedOn(x, y => layer(p, name, y, mode))
    x = handedOn(x, y => maxPool(y, 2, 2))
  }
  return handedOn(x, y => adaptiveMean(y, SIDE))
}

/** 3 × 3 convolution, bias, relu; frozen, all in one. */
function layer(p: Parameters, name: string, x: tf.Tensor4D, { training }: Mode): tf.Tensor4D {
  const [kernel, bias] = [p.get(`${name}.weight`) as tf.Tensor4D, p.get(`${name}.bias`) as tf.Tensor1D]
  if (!training) return convBias(x, kernel, bias, { pad: 1, activation: 'relu' })
  return relu(tf.add(convolution(x, kernel, { pad: 1 }), bias))
}

/** The ImageNet classes of [B, 7, 7, 512]: three dense layers over the map in torch's order, channels first. */
function logits(p: Parameters, x: tf.Tensor4D): tf.Tensor2D {
  const layer = (at: number, y: tf.Tensor2D) =>
    dense(y, p.get(`classifier.${at}.weight`) as tf.Tensor2D, p.get(`classifier.${at}.bias`) as tf.Tensor1D)
  const flat = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], SIDE * SIDE * CHANNELS]) as tf.Tensor2D
  return layer(6, tf.relu(layer(3, tf.relu(layer(0, flat)))))
}

/** Timm's names of the dense layers. */
const TIMM_DENSE: Record<string, string> = {
  'pre_logits.fc1': 'classifier.0',
  'pre_logits.fc2': 'classifier.3',
  'head.fc': 'classifier.6',
}

const shapes = new TorchShapes()
for (const [stage, widths] of STAGES.entries())
  for (const [at, out] of widths.entries()) {
    const inputs = widths[at - 1] ?? STAGES[stage - 1]?.at(-1) ?? 3
    shapes.convolution(NAMES[stage]![at]!, out, inputs, 3, { bias: true })
  }

export const vgg16 = imagenetBackbone({
  name: 'vgg16',
  about: 'VGG16 with ImageNet weights, without its dense layers: 14.7 M parameters',
  size: 224,
  weights: 'timm/vgg16.tv_in1k',
  shapes,
  classifier: new TorchShapes()
    .linear('classifier.0', WIDE, CHANNELS * SIDE * SIDE)
    .linear('classifier.3', WIDE, WIDE)
    .linear('classifier.6', 1000, WIDE),
  rename: name => name.replace(/^(?:pre_logits\.fc[12]|head\.fc)\b/, part => TIMM_DENSE[part]!),
  norms: [],
  channels: CHANNELS,
  maps,
  logits,
  stages: NAMES.map(names => names.map(name => `${name}.`)),
})
