import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { loadBackbone } from '../../../trainer/backbones/load.ts'
import { resnet18 } from '../../../trainer/backbones/resnet.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { frozenMaps } from '../../../trainer/gradcam/frozen-maps.ts'
import { heatMaps } from '../../../trainer/gradcam/heat-map.ts'
import { networkMaps } from '../../../trainer/gradcam/network-maps.ts'
import { openMaps } from '../../../trainer/gradcam/open-maps.ts'
import { encodeCheckpoint } from '../../../trainer/model/checkpoint.ts'
import { newParameters } from '../../../trainer/model/la-dnn.ts'
import { encodeNetwork } from '../../../trainer/model/network-checkpoint.ts'
import type { TrainedModel } from '../../../trainer/model/trained-model.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { hasRealData, realData } from '../../real-data.ts'

beforeAll(() => chooseBackend('wasm'), 300_000)

const heads = HEADS.map((_, at) => ({ constant: at === 5 ? 0.1 : null, calibrator: null, threshold: null }))

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'checkpoint.safetensors')
  await writeFile(path, bytes)
  return path
}

function headsOn(features: number): TrainedModel {
  const random = seededRandom(2)
  const parameters = newParameters({ features, hidden: 0, replicas: 1 }, 1)
  const direct = Float32Array.from({ length: features * 6 }, () => random.normal())
  parameters.direct.assign(tf.tensor2d(direct, [features, 6]))
  return {
    features,
    hidden: 0,
    parameters,
    heads,
    scaling: { mean: new Float32Array(features), deviation: new Float32Array(features).fill(1) },
  }
}

describe('heat maps of a checkpoint', () => {
  it('of a whole network are those of the network it was written from', async () => {
    const size = 64
    const random = seededRandom(8)
    const shapes: [string, readonly number[]][] = [
      ...resnet18.shapes,
      ['flag.weight', [1, 512]],
      ['flag.bias', [1]],
      ['lesions.weight', [5, 512]],
      ['lesions.bias', [5]],
    ]
    const raw = new Map(
      shapes.map(([name, shape]) => {
        const length = shape.reduce((product, extent) => product * extent, 1)
        const spread = shape.length > 1 ? Math.sqrt((2 * shape[0]!) / length) : 0.1
        const draw = () => (/running_var|bn\d.weight/.test(name) ? 1 : random.normal(0, spread))
        return [name, tf.tensor(Float32Array.from({ length }, draw), [...shape])]
      }),
    )
    const parameters = resnet18.trainable!.arrange(raw)
    const preprocessing = { ...resnet18.preprocessing, size }
    const path = await written(
      encodeNetwork(parameters, {
        backbone: 'resnet18',
        weights: 'none',
        weightsSha256: '',
        preprocessing,
        loss: 'lesion-attention',
        lambda: 1,
        heads,
      }),
    )
    const input = Float32Array.from({ length: 3 * size * size }, () => random.normal())
    const before = heatMaps(
      networkMaps({ trainable: resnet18.trainable!, parameters, preprocessing, heads }),
      input,
    )
    const opened = await openMaps(path)
    const after = heatMaps(opened, input)
    expect([...after.keys()]).toEqual(HEADS.filter(head => head !== 'InSepThi'))
    expect(after).toEqual(before)
    expect(opened.preprocessing).toEqual(preprocessing)
    for (const { height, width } of after.values()) expect([height, width]).toEqual([2, 2])
  })

  it.skipIf(!hasRealData('weights'))(
    'of heads are those of the heads, on the weights they name',
    async () => {
      const init = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')
      const backbone = await loadBackbone('efficientnet-lite0', { init })
      const model = headsOn(backbone.features)
      const { weightsName: weights, weightsSha256 } = backbone
      const path = await written(
        encodeCheckpoint(model, { backbone: 'efficientnet-lite0', weights, weightsSha256, init: null }),
      )
      const input = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => Math.sin(at))
      const opened = await openMaps(path, { init })
      expect(heatMaps(opened, input)).toEqual(heatMaps(frozenMaps(backbone, model)!, input))
    },
  )

  it('is refused with what to do where the backbone has none', async () => {
    const { weightsSha256 } = await loadBackbone('starter')
    const path = await written(
      encodeCheckpoint(headsOn(6), { backbone: 'starter', weights: 'starter', weightsSha256, init: null }),
    )
    await expect(openMaps(path)).rejects.toMatchObject({
      code: 'maps-absent',
      message: expect.stringContaining('--backbone efficientnet-lite0') as string,
    })
  })
})
