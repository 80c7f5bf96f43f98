import { seededRandom } from '../../data/statistics/random.ts'
import { modelProbabilities, type TrainedModel } from '../model/trained-model.ts'

export interface DropoutOptions {
  seed: number
  /** Models drawn. */
  draws?: number
  /** Share of the features that is left out in a draw. */
  rate?: number
}

/**
 * Calibrated probabilities of rows by one model under dropout on its features (Gal and Ghahramani 2016): in each draw
 * a share of the features is set to its mean and the rest is scaled up, the same ones for every row.
 * @param x raw features, row after row. @returns [draws][n·6]
 */
export function dropoutDraws(
  model: TrainedModel,
  x: Float32Array,
  { seed, draws = 20, rate = 0.5 }: DropoutOptions,
): Float64Array[] {
  const width = model.features
  const { mean } = model.scaling
  const random = seededRandom(seed).fork('dropout')
  return Array.from({ length: draws }, () => {
    const kept = Float32Array.from({ length: width }, () => (random.chance(rate) ? 0 : 1 / (1 - rate)))
    const masked = Float32Array.from(x, (value, at) => {
      const feature = at % width
      return mean[feature]! + (value - mean[feature]!) * kept[feature]!
    })
    return modelProbabilities(model, masked)
  })
}
