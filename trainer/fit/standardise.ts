/** Mean and deviation of every feature, as learned from some rows; a constant feature keeps deviation 1. */
export interface Scaling {
  mean: Float32Array
  deviation: Float32Array
}

/** @param x rows one after the other, `width` numbers each. */
export function fitScaling(x: Float32Array, width: number): Scaling {
  const n = x.length / width
  const mean = new Float64Array(width)
  const square = new Float64Array(width)
  for (let at = 0; at < x.length; at++) mean[at % width]! += x[at]! / n
  for (let at = 0; at < x.length; at++) square[at % width]! += (x[at]! - mean[at % width]!) ** 2 / n
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(square, variance => (variance > 1e-12 ? Math.sqrt(variance) : 1)),
  }
}

export function standardise(x: Float32Array, { mean, deviation }: Scaling): Float32Array {
  const width = mean.length
  const scaled = new Float32Array(x.length)
  // Plain loops: a pool of 100,000 rows is scored in well under a second.
  for (let row = 0; row < x.length; row += width)
    for (let k = 0; k < width; k++) scaled[row + k] = (x[row + k]! - mean[k]!) / deviation[k]!
  return scaled
}
