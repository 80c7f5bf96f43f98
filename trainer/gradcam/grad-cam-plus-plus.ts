/** A feature map as plain numbers, row by row, channels last: [height, width, channels]. */
export interface FeatureMap {
  height: number
  width: number
  channels: number
  data: ArrayLike<number>
}

export interface GradCamOptions {
  /** Added to the denominator of α. The paper has none; pytorch-grad-cam adds 1e-6. */
  epsilon?: number
}

/**
 * Grad-CAM++ before its last rectification (Chattopadhay et al. 2018, with the gradients of the score itself, as
 * equation 19 gives them for an exponential score): per channel α = g² / (2g² + ΣA · g³) at every place, the weight
 * w = Σ α · max(0, g), and the map Σ w · A, [height · width] in float64. α is 0 where g is. What is below zero speaks
 * against the score; `gradCamPlusPlus` cuts it off.
 * @param gradients dScore/dMaps, of the maps' shape.
 * @throws RangeError where the shapes differ.
 */
export function signedGradCamPlusPlus(
  maps: FeatureMap,
  gradients: ArrayLike<number>,
  { epsilon = 0 }: GradCamOptions = {},
): Float64Array {
  const { height, width, channels, data } = maps
  const places = height * width
  if (data.length !== places * channels || gradients.length !== data.length)
    throw new RangeError(
      `grad-cam: ${data.length} activations and ${gradients.length} gradients: expected ${height} × ${width} × ${channels} of each`,
    )
  const map = new Float64Array(places)
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    for (let at = channel; at < data.length; at += channels) sum += data[at]!
    let weight = 0
    for (let at = channel; at < data.length; at += channels) {
      const g = gradients[at]!
      if (g <= 0) continue
      const below = 2 * g * g + sum * g * g * g + epsilon
      if (below !== 0) weight += ((g * g) / below) * g
    }
    if (weight === 0) continue
    for (let place = 0; place < places; place++) map[place]! += weight * data[place * channels + channel]!
  }
  return map
}

/** Grad-CAM++ as it is shown: `signedGradCamPlusPlus` with what is below zero cut off, [height · width]. */
export function gradCamPlusPlus(
  maps: FeatureMap,
  gradients: ArrayLike<number>,
  options: GradCamOptions = {},
): Float64Array {
  return signedGradCamPlusPlus(maps, gradients, options).map(value => Math.max(0, value))
}
