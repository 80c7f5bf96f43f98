/**
 * Exact interval of a proportion (Clopper and Pearson 1934): the quantiles of the beta distribution.
 * @throws RangeError where `hits` is not within 0…`trials` or there is no trial.
 */
export function clopperPearson(hits: number, trials: number, level = 0.95): { low: number; high: number } {
  if (!(trials > 0) || hits < 0 || hits > trials)
    throw new RangeError(
      `proportion: ${hits} of ${trials}: expected hits within 0…trials and at least one trial`,
    )
  const tail = (1 - level) / 2
  return {
    low: hits === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1),
    high: hits === trials ? 1 : betaQuantile(1 - tail, hits + 1, trials - hits),
  }
}

/** Quantile of the beta distribution, by bisection on its distribution function. */
function betaQuantile(share: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 200 && high - low > 1e-16; step++) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, a, b) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22, Lentz's method). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  )
  const tiny = 1e-300
  let c = 1
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1), tiny)
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / notZero(1 + even * d, tiny)
    c = notZero(1 + even / c, tiny)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / notZero(1 + odd * d, tiny)
    c = notZero(1 + odd / c, tiny)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return front * fraction
}

const notZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value)

/** ln Γ(x) for x > 0: moved above 15 by the recurrence, then Stirling's series (DLMF 5.11.1). */
function logGamma(x: number): number {
  let shift = 0
  let z = x
  while (z < 15) {
    shift += Math.log(z)
    z++
  }
  const inverse = 1 / (z * z)
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188))))) / z
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift
}
