/**
 * Quantile of the standard normal distribution: the rational start of Abramowitz and Stegun (26.2.22), then Halley
 * steps on the distribution itself, to about 1e-14.
 */
export function quantileNormal(share: number): number {
  if (!(share > 0 && share < 1))
    throw new RangeError(`normal quantile: ${share}: expected a share between 0 and 1`)
  if (share > 0.5) return -quantileNormal(1 - share)
  // A plain start is enough: the steps below converge from it everywhere in the lower half.
  const t = Math.sqrt(-2 * Math.log(share))
  let x = -(t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t))
  for (let step = 0; step < 8; step++) {
    const gap = (normalBelow(x) - share) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
    const move = gap / (1 + (x * gap) / 2)
    x -= move
    if (Math.abs(move) < 1e-15 * (1 + Math.abs(x))) break
  }
  return x
}

/** Share of the standard normal distribution below x, for x ≤ 0 (series near 0, continued fraction in the tail). */
function normalBelow(x: number): number {
  const z = Math.abs(x)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 3) {
    let term = z
    let sum = z
    for (let k = 1; Math.abs(term) > 1e-18 * sum && k < 200; k++) {
      term *= (z * z) / (2 * k + 1)
      sum += term
    }
    const half = density * sum
    return x <= 0 ? 0.5 - half : 0.5 + half
  }
  let fraction = 0
  for (let k = 120; k >= 1; k--) fraction = k / (z + fraction)
  const tail = density / (z + fraction)
  return x <= 0 ? tail : 1 - tail
}
