import { HEAD_COUNT } from '../model/la-dnn.ts'
import type { TrainedModel } from '../model/trained-model.ts'

/** The numbers of a trained model that a gradient needs, read from the backend once. */
export interface HeadWeights {
  features: number
  hidden: number
  mean: Float32Array
  deviation: Float32Array
  /** [D, 6] */
  direct: ArrayLike<number>
  trunk?: {
    weight: ArrayLike<number> /* [D, H] */
    bias: ArrayLike<number>
    heads: ArrayLike<number> /* [H, 6] */
  }
}

/** Copies the heads' weights out of the backend. */
export function headWeights({ features, hidden, scaling, parameters }: TrainedModel): HeadWeights {
  const read = (tensor: { dataSync(): ArrayLike<number> }) => Float64Array.from(tensor.dataSync())
  return {
    features,
    hidden,
    ...scaling,
    direct: read(parameters.direct),
    ...(parameters.trunk
      ? {
          trunk: {
            weight: read(parameters.trunk.weight),
            bias: read(parameters.trunk.bias),
            heads: read(parameters.trunk.heads),
          },
        }
      : {}),
  }
}

/**
 * The gradient of one head's logit by the standardised features, [D], at the features given: the straight part's
 * weights, and through the units of the trunk that are on.
 * @param pooled raw features [D]. @param head its place in `HEADS`.
 */
export function headGradient(weights: HeadWeights, pooled: ArrayLike<number>, head: number): Float64Array {
  const { features: d, hidden, mean, deviation, direct, trunk } = weights
  const gradient = Float64Array.from({ length: d }, (_, at) => direct[at * HEAD_COUNT + head]!)
  if (!trunk) return gradient
  for (let unit = 0; unit < hidden; unit++) {
    let before = trunk.bias[unit]!
    for (let at = 0; at < d; at++)
      before += ((pooled[at]! - mean[at]!) / deviation[at]!) * trunk.weight[at * hidden + unit]!
    if (before <= 0) continue
    const out = trunk.heads[unit * HEAD_COUNT + head]!
    for (let at = 0; at < d; at++) gradient[at]! += out * trunk.weight[at * hidden + unit]!
  }
  return gradient
}
