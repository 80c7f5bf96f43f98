import { LesionloopError } from '../../data/errors.ts'
import type { TrainedModel } from '../model/trained-model.ts'
import type { Scaling } from './standardise.ts'

/** First values of the heads' parameters, in the layouts of `Parameters` for one replica. */
export interface FirstValues {
  direct: Float32Array
  bias: Float32Array
  trunk?: { weight: Float32Array; bias: Float32Array; heads: Float32Array }
}

/**
 * The parameters of trained heads, for features standardised otherwise: with x = z·s₁ + m₁ in the place of z·s₀ + m₀ they
 * answer as before.
 * @throws LesionloopError `warm-start-shape` where they are of other features or another trunk.
 */
export function carriedOver(
  { features, hidden, parameters, scaling: then }: TrainedModel,
  now: Scaling,
  wantedHidden: number,
): FirstValues {
  if (features !== now.mean.length || hidden !== wantedHidden)
    throw new LesionloopError(
      'warm-start-shape',
      `warm start: the promoted heads read ${features} features with ${hidden} hidden units: ${now.mean.length} and ${wantedHidden} were expected; give the same --hidden, or start --from afresh`,
    )
  const moved = (weights: Float32Array, bias: Float32Array) => {
    const width = bias.length
    const [newWeights, newBias] = [new Float32Array(weights.length), Float64Array.from(bias)]
    for (let at = 0; at < weights.length; at++) {
      const feature = Math.floor(at / width)
      const perUnit = weights[at]! / then.deviation[feature]!
      newWeights[at] = perUnit * now.deviation[feature]!
      newBias[at % width]! += perUnit * (now.mean[feature]! - then.mean[feature]!)
    }
    return { weights: newWeights, bias: Float32Array.from(newBias) }
  }
  const values = (tensor: { dataSync(): ArrayLike<number> }) => Float32Array.from(tensor.dataSync())
  const straight = moved(values(parameters.direct), values(parameters.bias))
  const { trunk } = parameters
  if (!trunk) return { direct: straight.weights, bias: straight.bias }
  const units = moved(values(trunk.weight), values(trunk.bias))
  return {
    direct: straight.weights,
    bias: straight.bias,
    trunk: { weight: units.weights, bias: units.bias, heads: values(trunk.heads) },
  }
}
