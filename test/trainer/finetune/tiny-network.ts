import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { seededRandom } from '../../../data/statistics/random.ts'
import { convNorm } from '../../../trainer/backbones/conv-norm.ts'
import { arrange, restore } from '../../../trainer/backbones/layout.ts'
import type { FinetuneExample } from '../../../trainer/finetune/examples.ts'
import type { FinetuneBackbone } from '../../../trainer/finetune/network.ts'
import type { HeadTruth } from '../../../trainer/fit/targets.ts'

/** A backbone of one's own, small enough for the plain backend: two convolutions with norms, 8 channels, 32 × 32. */
export function tinyBackbone(seed = 1): FinetuneBackbone {
  const random = seededRandom(seed)
  const shapes = new Map<string, number[]>()
  for (const [conv, norm, out, inputs] of [
    ['stem.conv', 'stem.bn', 4, 3],
    ['body.conv', 'body.bn', 8, 4],
  ] as const) {
    shapes.set(`${conv}.weight`, [out, inputs, 3, 3])
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${norm}.${part}`, [out])
  }
  const raw = new Map(
    [...shapes].map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1)
      const value = () => {
        if (shape.length > 1) return random.normal(0, 0.4)
        return name.endsWith('bn.weight') || name.endsWith('running_var') ? 1 : 0
      }
      return [name, tf.tensor(Float32Array.from({ length: size }, value), shape)] as const
    }),
  )
  const prepared = arrange(raw)
  return {
    name: 'tiny',
    about: 'two convolutions, for tests',
    preprocessing: { size: 32, channels: 'rgb', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    shapes,
    weights: 'none',
    features: 8,
    prepare: parameters => arrange(parameters),
    pooled: () => {
      throw new Error('only fine-tuned here')
    },
    parameters: prepared,
    weightsName: `tiny ${seed}`,
    weightsSha256: createHash('sha256').update(`tiny ${seed}`).digest('hex'),
    trainable: {
      channels: 8,
      arrange,
      restore,
      maps: (p, input, mode) => {
        const x = convNorm(p, 'stem.conv', 'stem.bn', input, mode, { stride: 2, pad: 1, activation: 'relu' })
        return convNorm(p, 'body.conv', 'body.bn', x, mode, { stride: 2, pad: 1, activation: 'relu' })
      },
      stages: [['stem.'], ['body.']],
    },
  }
}

/**
 * Pictures a tiny network can learn: grey noise, and in positives a bright patch; where there is a GGO, it is on the
 * left. Written as PNG into `folder`.
 */
export async function patchPictures(folder: string, count: number, seed = 1): Promise<FinetuneExample[]> {
  await mkdir(folder, { recursive: true })
  return await Promise.all(
    Array.from({ length: count }, async (_, at): Promise<FinetuneExample> => {
      const random = seededRandom(`${seed}/${at}`)
      const positive = at % 2 === 0
      const ggo = positive && at % 4 === 0
      const [left, top] = [ggo ? 2 : 18, 4 + random.integer(16)]
      const pixels = Uint8Array.from({ length: 32 * 32 }, (_, pixel) => {
        const [x, y] = [pixel % 32, Math.floor(pixel / 32)]
        const patch = positive && x >= left && x < left + 10 && y >= top && y < top + 8
        return Math.max(0, Math.min(255, (patch ? 190 : 80) + random.normal(0, 25)))
      })
      const path = join(folder, `${seed}-${at}.png`)
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } })
        .png()
        .toFile(path)
      const said = (value: boolean): HeadTruth => ({ value: value ? 1 : 0, source: 'published' })
      const lesson = [said(positive), ...[ggo, !ggo, false, false, false].map(said)].map(
        (one, head): HeadTruth => (head > 0 && !positive ? { value: null, source: null } : one),
      )
      return { id: `${seed}-${at}`, path, lesson }
    }),
  )
}
