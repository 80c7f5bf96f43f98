import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { packagePath } from '../../../data/workspace/package-root.ts'
import type { Backbone } from '../../../trainer/backbones/backbone.ts'
import { realData } from '../../real-data.ts'
import { noise } from './noise.ts'

/** Our names, and the parity files' of what torchvision computed. */
export const NETWORKS = {
  vgg16: 'vgg16',
  resnet18: 'resnet18',
  resnet50: 'resnet50',
  densenet121: 'densenet121',
  densenet169: 'densenet169',
  'efficientnet-b0': 'efficientnet_b0',
  'efficientnet-b1': 'efficientnet_b1',
}

/** One training step as PyTorch computed it: of a gradient its norm and first three values, of statistics the norm. */
export interface TrainingCase {
  input: number[]
  loss: number
  gradients: Record<string, { l2: number; first3: number[] }>
  running: Record<string, number>
}

/** What PyTorch computed of a backbone (the real data's README, "Parity files"). */
export interface Parity {
  evaluation: { input: number[]; pooled_features: number[][]; logits_first8: number[][] }
  training?: TrainingCase
}

export function readParity(name: string): Parity {
  const { cases } = JSON.parse(readFileSync(join(realData, 'parity', `${name}.json`), 'utf8')) as {
    cases: ({ mode: string; running_stats_after: Record<string, number> } & Parity['evaluation'] &
      TrainingCase)[]
  }
  const training = cases.find(({ mode }) => mode === 'train')
  return {
    evaluation: cases.find(({ mode }) => mode === 'eval')!,
    ...(training ? { training: { ...training, running: training.running_stats_after } } : {}),
  }
}

/** One step on noise, by PyTorch in float64 (test/fixtures/training). */
export function readTrainingFixture(name: string): TrainingCase {
  const path = packagePath('test', 'fixtures', 'training', `${name}.json`)
  const file = JSON.parse(readFileSync(path, 'utf8')) as Omit<TrainingCase, 'gradients'> & {
    gradients: Record<string, number[]>
  }
  const gradients = Object.fromEntries(
    Object.entries(file.gradients).map(([key, [l2, ...first3]]) => [key, { l2: l2!, first3 }]),
  )
  return { ...file, gradients }
}

/** How weights and pictures are made, by a tensor's size and number. */
export interface Formula {
  weights: (size: number, tensor: number) => Float32Array
  /** Scale of kernels by elements per output channel. */
  gain: number
  images: (size: number) => Float32Array
}

/** Places whose sines are told from one sine and cosine each. */
const STRETCH = 4096

/** sin(0.1 + k·i + 1.7·t), in float64: by the sum of angles, since VGG16 asks for 138 million of them. */
function wave(size: number, t: number, k: number): Float32Array {
  const within = Array.from({ length: STRETCH }, (_, i) => k * i)
  const [sines, cosines] = [Float64Array.from(within, Math.sin), Float64Array.from(within, Math.cos)]
  const values = new Float32Array(size)
  for (let from = 0; from < size; from += STRETCH) {
    const angle = 0.1 + k * from + 1.7 * t
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
    const end = Math.min(size, from + STRETCH)
    for (let i = from; i < end; i++) values[i] = sine * cosines[i - from]! + cosine * sines[i - from]!
  }
  return values
}

/** The parity files' formula. */
export const WAVES: Formula = {
  weights: (size, tensor) => wave(size, tensor, 0.618),
  gain: 2,
  images: size => wave(size, 0, 0.0137),
}

/** The formula of the fixtures of training. */
export const NOISE: Formula = { weights: noise, gain: 6, images: size => noise(size, 9999) }

/** Pictures by formula, from torch's layout to ours: [B, S, S, 3]. */
export function imagesOf([b, c, h, w]: number[], { images }: Formula): tf.Tensor4D {
  return tf.tidy(() => tf.transpose(tf.tensor4d(images(b! * c! * h! * w!), [b!, c!, h!, w!]), [0, 2, 3, 1]))
}

/** A backbone's parameters by formula, in torch's layout; with those of its ImageNet classes if asked for. */
export function parametersOf(
  { shapes, classifier = new Map() }: Backbone,
  { weights, gain }: Formula,
  withClasses: boolean,
): Map<string, tf.Tensor> {
  const all = [...shapes, ...(withClasses ? classifier : [])]
  return new Map(
    all.map(([name, shape], tensor) => {
      const size = shape.reduce((product, extent) => product * extent, 1)
      const values = weights(size, tensor)
      const part = name.split('.').at(-1)
      const scale = Math.fround(Math.sqrt((gain * shape[0]!) / size))
      if (shape.length > 1) for (let at = 0; at < size; at++) values[at] = values[at]! * scale
      else
        for (let at = 0; at < size; at++) {
          const value = values[at]!
          if (part === 'running_var') values[at] = 1 + 0.5 * Math.abs(value)
          else values[at] = part === 'weight' ? 1 + 0.1 * value : 0.1 * value
        }
      return [name, tf.tensor(values, [...shape])]
    }),
  )
}

export const disposeAll = (tensors: ReadonlyMap<string, tf.Tensor>) => {
  for (const tensor of tensors.values()) tensor.dispose()
}
