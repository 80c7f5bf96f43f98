import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { backboneNamed } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { hasRealData } from '../../real-data.ts'
import { disposeAll, readParity, waveImages, waveParameters } from './parity-case.ts'

const NETWORKS = {
  vgg16: 'vgg16',
  resnet18: 'resnet18',
  resnet50: 'resnet50',
  densenet121: 'densenet121',
  densenet169: 'densenet169',
  'efficientnet-b0': 'efficientnet_b0',
  'efficientnet-b1': 'efficientnet_b1',
}

/** The largest difference, as a share of the largest value expected. */
function difference(found: number[][], expected: number[][]): number {
  const largest = Math.max(...expected.flat().map(Math.abs))
  return (
    Math.max(
      ...expected.flatMap((row, at) => row.map((value, place) => Math.abs(found[at]![place]! - value))),
    ) / largest
  )
}

describe.skipIf(!hasRealData('parity')).each(Object.entries(NETWORKS))(
  '%s with weights by formula, on wasm',
  (name, file) => {
    beforeAll(() => chooseBackend('wasm'), 300_000)

    it('gives the pooled features and the logits of torchvision within 1e-4, and its folded form the features', () => {
      const { evaluation } = readParity(file)
      const backbone = backboneNamed(name)
      const { arrange, maps, logits } = backbone.trainable!
      const raw = waveParameters(backbone)
      const [plain, folded] = [arrange(raw), backbone.prepare(raw)]
      const found = tf.tidy(() => {
        const input = waveImages(evaluation.input)
        const last = maps(plain, input, EVALUATION)
        return {
          features: tf.mean(last, [1, 2]).arraySync() as number[][],
          classes: tf.slice(logits!(plain, last), [0, 0], [-1, 8]).arraySync() as number[][],
          frozen: backbone.pooled(folded, input).arraySync(),
        }
      })
      for (const tensors of [raw, plain, folded]) disposeAll(tensors)
      expect(difference(found.features, evaluation.pooled_features)).toBeLessThan(1e-4)
      expect(difference(found.classes, evaluation.logits_first8)).toBeLessThan(1e-4)
      expect(difference(found.frozen, evaluation.pooled_features)).toBeLessThan(1e-4)
    })
  },
)
