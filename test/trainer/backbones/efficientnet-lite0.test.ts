import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { lite0, lite0Blocks } from '../../../trainer/backbones/efficientnet-lite0.ts'
import { type LoadedBackbone, loadBackbone, loadTrainable } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { readSafetensors } from '../../../trainer/weights/safetensors.ts'
import { hasRealData, realData } from '../../real-data.ts'
import { imagesOf, readParity, WAVES } from './parity-case.ts'

const here = hasRealData('parity')
const init = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')

describe.skipIf(!here)('EfficientNet-Lite0 with the weights of timm', () => {
  let frozen: LoadedBackbone
  let plain: Map<string, tf.Tensor>
  beforeAll(async () => {
    await chooseBackend('wasm')
    frozen = await loadBackbone('efficientnet-lite0', { init })
    plain = (await loadTrainable('efficientnet-lite0', { init })).parameters
  }, 300_000)

  const { evaluation } = here ? readParity('tf_efficientnet_lite0') : { evaluation: null as never }
  const { maps, logits } = lite0.trainable!

  it.each([
    ['as it stands in the file', () => plain],
    ['with batch norms folded into the convolutions', () => frozen.parameters],
  ])('gives the pooled features of timm within 1e-4 %s', (_, parameters) => {
    const found = tf.tidy(() =>
      tf.mean(maps(parameters(), imagesOf(evaluation.input, WAVES), EVALUATION), [1, 2]).arraySync(),
    ) as number[][]
    found.forEach((row, at) => {
      const expected = evaluation.pooled_features[at]!
      const scale = Math.max(...expected.map(Math.abs))
      const worst = Math.max(...row.map((value, feature) => Math.abs(value - expected[feature]!)))
      expect(worst / scale).toBeLessThan(1e-4)
    })
  })

  it('gives the logits of timm within 1e-4', async () => {
    const { tensors } = await readSafetensors(init)
    const found = tf.tidy(() => {
      const classes = lite0.trainable!.arrange(
        new Map(
          [...lite0.classifier!.keys()].map(name => {
            const { data, shape } = tensors.get(name)!
            return [name, tf.tensor(data, shape)]
          }),
        ),
      )
      const last = maps(plain, imagesOf(evaluation.input, WAVES), EVALUATION)
      return logits!(classes, last).arraySync()
    })
    found.forEach((row, at) => {
      evaluation.logits_first8[at]!.forEach((expected, place) => {
        expect(Math.abs(row[place]! - expected)).toBeLessThan(1e-4)
      })
    })
  })

  it('gives 432 frozen features: means of block 10 and of block 15', () => {
    const [pooled, blocks] = tf.tidy(() => {
      const input = imagesOf(evaluation.input, WAVES)
      const outputs = lite0Blocks(plain, input, EVALUATION)
      const means = [10, 15].map(block => tf.mean(outputs[block]!, [1, 2]))
      return [
        lite0.pooled(frozen.parameters, input).arraySync(),
        tf.concat(means, 1).arraySync() as number[][],
      ]
    })
    expect(pooled[0]).toHaveLength(432)
    pooled[0]!.forEach((value, at) => {
      expect(Math.abs(value - blocks[0]![at]!)).toBeLessThan(1e-4)
    })
  })

  it('refuses weights of another net and names what is wrong', async () => {
    await expect(loadBackbone('starter', { init })).rejects.toMatchObject({
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
