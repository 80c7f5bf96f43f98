import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Parameters } from '../../trainer/backbones/backbone.ts'
import { foldedLayer, plainLayer, tensorflowLayout } from '../../trainer/backbones/conv-norm.ts'
import { efficientnetLite0, lite0, lite0Logits } from '../../trainer/backbones/efficientnet-lite0.ts'
import { type LoadedBackbone, loadBackbone } from '../../trainer/backbones/load.ts'
import { chooseBackend } from '../../trainer/backend/choose-backend.ts'
import { readSafetensors } from '../../trainer/weights/safetensors.ts'
import { hasRealData, realData } from '../real-data.ts'

const here = hasRealData('parity')

describe.skipIf(!here)('EfficientNet-Lite0 with the weights of timm', () => {
  let backbone: LoadedBackbone
  let plain: Parameters
  const { cases } = here
    ? JSON.parse(readFileSync(join(realData, 'parity', 'tf_efficientnet_lite0.json'), 'utf8'))
    : { cases: [] }
  const reference = cases[0] as { input: number[]; pooled_features: number[][]; logits_first8: number[][] }

  beforeAll(async () => {
    await chooseBackend('wasm')
    const init = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')
    backbone = await loadBackbone('efficientnet-lite0', { init })
    const { tensors } = await readSafetensors(init)
    plain = tensorflowLayout(
      new Map([...tensors].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)])),
    )
  }, 300_000)

  /** The wave of ../shared/data/README.md, from torch's layout to ours. */
  const wave = () =>
    tf.tidy(() => {
      const [b, c, h, w] = reference.input as [number, number, number, number]
      const values = Float32Array.from({ length: b * c * h * w }, (_, at) => Math.sin(0.1 + 0.0137 * at))
      return tf.transpose(tf.tensor4d(values, [b, c, h, w]), [0, 2, 3, 1]) as tf.Tensor4D
    })

  const networks = () =>
    [
      ['as it stands in the file', plain, plainLayer],
      ['with batch norms folded into the convolutions', backbone.parameters, foldedLayer],
    ] as const

  it.each([0, 1])('gives the pooled features of timm within 1e-4, plain and folded (%i)', which => {
    const [, parameters, layer] = networks()[which]!
    const found = tf.tidy(() => efficientnetLite0(parameters, wave(), layer).pooled.arraySync())
    found.forEach((row, at) => {
      const expected = reference.pooled_features[at]!
      const scale = Math.max(...expected.map(Math.abs))
      const worst = Math.max(...row.map((value, feature) => Math.abs(value - expected[feature]!)))
      expect(worst / scale).toBeLessThan(1e-4)
    })
  })

  it.each([0, 1])('gives the logits of timm within 1e-4, plain and folded (%i)', which => {
    const [, parameters, layer] = networks()[which]!
    const found = tf.tidy(() =>
      lite0Logits(parameters, efficientnetLite0(parameters, wave(), layer).pooled).arraySync(),
    )
    found.forEach((row, at) => {
      reference.logits_first8[at]!.forEach((expected, place) => {
        expect(Math.abs(row[place]! - expected)).toBeLessThan(1e-4)
      })
    })
  })

  it('gives 432 frozen features: means of block 10 and of block 15', () => {
    const [pooled, blocks] = tf.tidy(() => {
      const input = wave()
      const { blocks } = efficientnetLite0(plain, input)
      const means = [10, 15].map(block => tf.mean(blocks[block]!, [1, 2]))
      return [
        lite0.pooled(backbone.parameters, input).arraySync(),
        tf.concat(means, 1).arraySync() as number[][],
      ]
    })
    expect(pooled[0]).toHaveLength(432)
    pooled[0]!.forEach((value, at) => {
      expect(Math.abs(value - blocks[0]![at]!)).toBeLessThan(1e-4)
    })
  })

  it('refuses weights of another net and names what is wrong', async () => {
    await expect(
      loadBackbone('starter', { init: join(realData, 'weights', 'tf_efficientnet_lite0.safetensors') }),
    ).rejects.toMatchObject({
      code: 'weights-mismatch',
      message: expect.stringMatching(/missing features\.mean.*surplus /) as string,
    })
  })
})

describe('backbones', () => {
  it('are named where an unknown one is asked for', async () => {
    await expect(loadBackbone('resnet9000')).rejects.toThrow(
      'backbone: resnet9000: expected one of starter, efficientnet-lite0',
    )
  })
})
