import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Backbone } from '../../../trainer/backbones/backbone.ts'
import { realData } from '../../real-data.ts'

/** What PyTorch computed of a backbone (the real data's README, "Parity files"). */
export interface Parity {
  evaluation: { input: number[]; pooled_features: number[][]; logits_first8: number[][] }
  training?: {
    input: number[]
    loss: number
    gradients: Record<string, { l2: number; first3: number[] }>
    running_stats_after: Record<string, number>
  }
}

export function readParity(name: string): Parity {
  const { cases } = JSON.parse(readFileSync(join(realData, 'parity', `${name}.json`), 'utf8')) as {
    cases: ({ mode: string } & Parity['evaluation'] & NonNullable<Parity['training']>)[]
  }
  const training = cases.find(({ mode }) => mode === 'train')
  return { evaluation: cases.find(({ mode }) => mode === 'eval')!, ...(training ? { training } : {}) }
}

/** sin(0.1 + k·i + 1.7·t), in float64. */
const wave = (size: number, t: number, k: number) =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(0.1 + k * i + 1.7 * t))

/** The pictures of a parity case, from torch's layout to ours: [B, S, S, 3]. */
export function waveImages([b, c, h, w]: number[]): tf.Tensor4D {
  return tf.tidy(() => {
    const values = Float32Array.from(wave(b! * c! * h! * w!, 0, 0.0137))
    return tf.transpose(tf.tensor4d(values, [b!, c!, h!, w!]), [0, 2, 3, 1])
  })
}

/** A backbone's parameters by formula, with its ImageNet classes, in torch's layout. */
export function waveParameters({ shapes, classifier }: Backbone): Map<string, tf.Tensor> {
  const all = [...shapes, ...(classifier ?? [])]
  return new Map(
    all.map(([name, shape], t) => {
      const size = shape.reduce((product, extent) => product * extent, 1)
      const w = Float32Array.from(wave(size, t, 0.618))
      const part = name.split('.').at(-1)
      const scale = Math.sqrt((2 * shape[0]!) / size)
      const formed = w.map(value => {
        if (shape.length > 1) return value * scale
        if (part === 'running_var') return 1 + 0.5 * Math.abs(value)
        return part === 'weight' ? 1 + 0.1 * value : 0.1 * value
      })
      return [name, tf.tensor(formed, [...shape])]
    }),
  )
}

export const disposeAll = (tensors: ReadonlyMap<string, tf.Tensor>) => {
  for (const tensor of tensors.values()) tensor.dispose()
}
