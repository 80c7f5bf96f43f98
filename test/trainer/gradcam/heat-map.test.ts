import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import type { Backbone } from '../../../trainer/backbones/backbone.ts'
import { type LoadedBackbone, loadBackbone } from '../../../trainer/backbones/load.ts'
import { resnet18 } from '../../../trainer/backbones/resnet.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { featuresOfInputs } from '../../../trainer/features/cached-features.ts'
import { frozenMaps, means } from '../../../trainer/gradcam/frozen-maps.ts'
import { gradCamPlusPlus } from '../../../trainer/gradcam/grad-cam-plus-plus.ts'
import { heatMap, heatMaps } from '../../../trainer/gradcam/heat-map.ts'
import { heatMapsOfPicture } from '../../../trainer/gradcam/heat-picture.ts'
import { networkMaps } from '../../../trainer/gradcam/network-maps.ts'
import { HEAD_COUNT, newParameters } from '../../../trainer/model/la-dnn.ts'
import { modelLogits, type TrainedModel } from '../../../trainer/model/trained-model.ts'
import { hasRealData, realData } from '../../real-data.ts'

/** Heads with random weights over `features` numbers; the second lesion's was not learned. */
function someHeads(features: number, hidden: number): TrainedModel {
  const random = seededRandom(5)
  const parameters = newParameters({ features, hidden, replicas: 1 }, 1)
  const draw = (variable: tf.Variable) => {
    const values = Float32Array.from({ length: variable.size }, () => random.normal(0, 0.1))
    variable.assign(tf.tensor(values, variable.shape))
  }
  draw(parameters.direct)
  if (parameters.trunk) draw(parameters.trunk.heads)
  return {
    features,
    hidden,
    parameters,
    scaling: {
      mean: Float32Array.from({ length: features }, () => random.normal(0, 0.3)),
      deviation: Float32Array.from({ length: features }, () => random.between(0.3, 2)),
    },
    heads: HEADS.map((_, at) => ({ constant: at === 2 ? 0.1 : null, calibrator: null, threshold: null })),
  }
}

const wave = (size: number, t: number, k: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(0.1 + k * i + 1.7 * t))

/** The parity formula of the real data's README, in torch's layout. */
function formed({ shapes, classifier }: Backbone): Map<string, tf.Tensor> {
  return new Map(
    [...shapes, ...(classifier ?? [])].map(([name, shape], t) => {
      const w = wave(
        shape.reduce((product, extent) => product * extent, 1),
        t,
        0.618,
      )
      const scale = Math.sqrt((2 * shape[0]!) / w.length)
      const values = w.map(value => {
        if (shape.length > 1) return value * scale
        if (name.endsWith('running_var')) return 1 + 0.5 * Math.abs(value)
        return name.endsWith('weight') ? 1 + 0.1 * value : 0.1 * value
      })
      return [name, tf.tensor(values, [...shape])]
    }),
  )
}

beforeAll(() => chooseBackend('wasm'), 300_000)

describe('Grad-CAM++ on a parity net', () => {
  const { size, maps: expected } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'fixtures', 'parity-net.json'), 'utf8'),
  ) as { size: number; maps: number[][] }

  it('agrees with pytorch-grad-cam on ResNet18, its class weights as heads of a fine-tuned network', () => {
    const { arrange, maps } = resnet18.trainable!
    const parameters = arrange(formed(resnet18))
    const classes = parameters.get('fc.weight')! as tf.Tensor2D // [512, 1000]
    const model = networkMaps({
      trainable: { maps },
      parameters: new Map([
        ...parameters,
        ['flag.weight', tf.slice(classes, [0, 0], [512, 1])],
        ['lesions.weight', tf.slice(classes, [0, 1], [512, 5])],
      ]),
      preprocessing: { ...resnet18.preprocessing, size },
      heads: HEADS.map(() => ({ constant: null, calibrator: null, threshold: null })),
    })
    const picture = tf.tidy(() =>
      tf
        .transpose(tf.tensor4d(wave(3 * size * size, 0, 0.0137), [1, 3, size, size]), [0, 2, 3, 1])
        .dataSync(),
    ) as Float32Array
    for (const [at, head] of (['flag', 'GGO', 'Csld'] as const).entries()) {
      const [tap] = model.maps(picture)
      const [gradients] = model.gradients([tap!], head)
      // The package adds 1e-6 to the denominator, which counts where gradients are this small.
      const found = gradCamPlusPlus(tap!, gradients!, { epsilon: 1e-6 })
      const { values } = heatMap(model, picture, head)!
      const plain = gradCamPlusPlus(tap!, gradients!)
      expected[at]!.forEach((value, place) => {
        expect(Math.abs(found[place]! - value)).toBeLessThan(1e-3 * value)
        expect(values[place]!).toBeCloseTo(plain[place]!, 4)
      })
    }
  })
})

const init = join(realData, 'weights', 'tf_efficientnet_lite0.safetensors')
describe.skipIf(!hasRealData('weights'))('heat maps of heads on frozen EfficientNet-Lite0', () => {
  let backbone: LoadedBackbone
  beforeAll(async () => {
    backbone = await loadBackbone('efficientnet-lite0', { init })
  }, 300_000)
  const picture = () => {
    const slice = phantomSlice('heat', { covid: true, lesions: ['Csld'], width: 224, height: 224 })
    const input = new Float32Array(3 * 224 * 224)
    slice.pixels.forEach((grey, at) => {
      input.fill(grey / 127.5 - 1, 3 * at, 3 * at + 3)
    })
    return input
  }

  it.each([0, 8])('are made of the maps whose means the heads read, with %i units in the trunk', hidden => {
    const input = picture()
    const model = someHeads(backbone.features, hidden)
    const taps = frozenMaps(backbone, model)!.maps(input)
    expect(taps.map(({ height, width, channels }) => [height, width, channels])).toEqual([
      [14, 14, 112],
      [7, 7, 320],
    ])
    const features = featuresOfInputs(backbone, [input])
    const { mean, deviation } = model.scaling
    taps.flatMap(means).forEach((value, at) => {
      expect(value).toBeCloseTo((features[at]! - mean[at]!) / deviation[at]!, 3)
    })
  })

  it('take the gradient of the head’s own score: moving a map along it moves the logit by as much', () => {
    const input = picture()
    const model = someHeads(backbone.features, 8)
    const maps = frozenMaps(backbone, model)!
    const taps = maps.maps(input)
    const pooled = taps
      .flatMap(means)
      .map((value, at) => value * model.scaling.deviation[at]! + model.scaling.mean[at]!)
    for (const head of ['flag', 'GGO', 'InSepThi'] as const) {
      const gradients = maps.gradients(taps, head)
      const byMean = gradients.flatMap((all, at) =>
        means({ ...taps[at]!, data: all }).map(value => value * taps[at]!.height * taps[at]!.width),
      )
      const logit = (shift: number) => {
        const moved = Float32Array.from(
          pooled,
          (value, at) => value + shift * byMean[at]! * model.scaling.deviation[at]!,
        )
        return modelLogits(model, moved)[HEADS.indexOf(head)]!
      }
      const expected = byMean.reduce((sum, value) => sum + value * value, 0)
      expect((logit(1e-2) - logit(-1e-2)) / 2e-2 / expected).toBeCloseTo(1, 2)
    }
  })

  it('are 14 × 14, nowhere below zero, and absent where a head was not learned', () => {
    const input = picture()
    const model = frozenMaps(backbone, someHeads(backbone.features, 0))!
    const found = heatMaps(model, input)
    expect([...found.keys()]).toEqual(HEADS.filter(head => head !== 'Csld'))
    expect(heatMap(model, input, 'Csld')).toBeNull()
    for (const { height, width, values, peak } of found.values()) {
      expect([height, width, values.length]).toEqual([14, 14, 196])
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...values)).toBe(peak)
    }
    expect(heatMap(model, input, 'GGO')).toEqual(found.get('GGO'))
  })

  it('are had of a picture’s bytes too, and a picture that does not decode is refused', async () => {
    const model = frozenMaps(backbone, someHeads(backbone.features, 0))!
    const png = await encodePng({ data: new Uint8Array(3 * 40 * 30).fill(90), width: 40, height: 30 })
    const found = await heatMapsOfPicture(model, png, { heads: ['flag', 'Csld'] })
    expect([...found.keys()]).toEqual(['flag'])
    await expect(heatMapsOfPicture(model, Buffer.from('no picture'))).rejects.toMatchObject({
      code: 'image-undecodable',
    })
  })

  it('leave no tensor behind', () => {
    const input = picture()
    const model = frozenMaps(backbone, someHeads(backbone.features, 0))!
    const before = tf.memory().numTensors
    heatMaps(model, input)
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('a backbone whose features are no means of maps', () => {
  it('has no heat maps, and says so by null', async () => {
    const starter = await loadBackbone('starter')
    expect(starter.features).toBe(HEAD_COUNT)
    expect(frozenMaps(starter, someHeads(starter.features, 0))).toBeNull()
  })
})
