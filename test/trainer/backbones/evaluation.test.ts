import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { backboneNamed } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { hasRealData } from '../../real-data.ts'
import { hasNative } from './has-native.ts'
import { disposeAll, imagesOf, NETWORKS, parametersOf, readParity, WAVES } from './parity-case.ts'

const native = await hasNative()

/** The largest difference, as a share of the largest value expected. */
function difference(found: number[][], expected: number[][]): number {
  const largest = Math.max(...expected.flat().map(Math.abs))
  return (
    Math.max(
      ...expected.flatMap((row, at) => row.map((value, place) => Math.abs(found[at]![place]! - value))),
    ) / largest
  )
}

/** The dense layers of VGG16 hold nine tenths of its 138 million parameters: on wasm they would take a minute. */
const withClasses = (name: string, backend: string) => name !== 'vgg16' || backend !== 'wasm'

describe.skipIf(!hasRealData('parity')).each(Object.entries(NETWORKS))(
  '%s with weights by formula',
  (name, file) => {
    const check = async (backend: string) => {
      await chooseBackend(backend)
      const { evaluation } = readParity(file)
      const backbone = backboneNamed(name)
      const { arrange, maps, logits } = backbone.trainable!
      const classes = withClasses(name, backend)
      const raw = parametersOf(backbone, WAVES, classes)
      const plain = arrange(raw)
      const folded = backbone.prepare(new Map([...backbone.shapes.keys()].map(key => [key, raw.get(key)!])))
      const found: Record<string, number[][]> = {}
      tf.tidy(() => {
        const input = imagesOf(evaluation.input, WAVES)
        const last = maps(plain, input, EVALUATION)
        found['features'] = tf.mean<tf.Tensor2D>(last, [1, 2]).arraySync()
        found['frozen'] = backbone.pooled(folded, input).arraySync()
        if (classes) found['classes'] = logits!(plain, last).arraySync()
      })
      for (const tensors of [raw, plain, folded]) disposeAll(tensors)
      expect(difference(found['features']!, evaluation.pooled_features)).toBeLessThan(1e-4)
      expect(difference(found['frozen']!, evaluation.pooled_features)).toBeLessThan(1e-4)
      if (classes) expect(difference(found['classes']!, evaluation.logits_first8)).toBeLessThan(1e-4)
    }

    it(
      'gives the features and the logits of torchvision within 1e-4, plain and with folded norms, on wasm',
      () => check('wasm'),
      300_000,
    )

    it.skipIf(!native)('does so on native', () => check('native'), 300_000)
  },
)
