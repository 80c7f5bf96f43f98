import * as tf from '@tensorflow/tfjs-core'
import { HEADS } from '../../data/records/vocabulary.ts'
import { type Calibrator, calibrate } from '../../data/statistics/calibrators.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { type Scaling, standardise } from '../fit/standardise.ts'
import { HEAD_COUNT, laDnn, type Parameters } from './la-dnn.ts'

/** A head that could not be learned (no positive, or no negative) answers with its base rate. */
export interface HeadSetting {
  /** Set where the head was not learned. */
  constant: number | null
  /** Fitted out of fold; null where there were too few of a class. */
  calibrator: Calibrator | null
  /** Operating point on the calibrated probability; null where none could be chosen. */
  threshold: number | null
}

/** LA-DNN's heads with all that stands around them: from features to calibrated probabilities. */
export interface TrainedModel {
  features: number
  hidden: number
  parameters: Parameters
  scaling: Scaling
  /** In the order of `HEADS`. */
  heads: HeadSetting[]
}

/** Rows computed at a time, so that a large pool takes no more memory than a small one. */
const CHUNK = 4096

/** Logits of raw features by one network, [n·6]. */
export function modelLogits(model: TrainedModel, x: Float32Array): Float32Array {
  const n = x.length / model.features
  const logits = new Float32Array(n * HEAD_COUNT)
  for (let from = 0; from < n; from += CHUNK) {
    const rows = standardise(
      x.subarray(from * model.features, (from + CHUNK) * model.features),
      model.scaling,
    )
    const part = tf.tidy(() => {
      const input = tf.tensor2d(rows, [rows.length / model.features, model.features])
      return laDnn(model.parameters, input).logits.dataSync<'float32'>()
    })
    logits.set(part, from * HEAD_COUNT)
  }
  return logits
}

/** Calibrated probabilities of logits, [n·6]. */
export function calibrated(logits: Float32Array, heads: readonly HeadSetting[]): Float64Array {
  return Float64Array.from(logits, (logit, at) => {
    const { constant, calibrator } = heads[at % HEAD_COUNT]!
    if (constant !== null) return constant
    const probability = sigmoid(logit)
    return calibrator ? calibrate(calibrator, probability) : probability
  })
}

/** Calibrated probabilities of raw features, [n·6], in the order of `HEADS`. */
export function modelProbabilities(model: TrainedModel, x: Float32Array): Float64Array {
  return calibrated(modelLogits(model, x), model.heads)
}

/** The heads that were learned. */
export function learnedHeads(heads: readonly HeadSetting[]) {
  return HEADS.filter((_, at) => heads[at]?.constant === null)
}
