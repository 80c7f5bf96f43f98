import type { Random } from '../../data/statistics/random.ts'

/**
 * A draw from Beta(α, α) (mixup's share, Zhang et al. 2018) by Jöhnk's algorithm, which is short and exact; the shares
 * below ½ are turned round, so that the first picture always has the greater part.
 */
export function drawShare(random: Random, alpha: number): number {
  if (alpha > 1) {
    // Jöhnk accepts ever less often; two gamma variates then (Marsaglia and Tsang 2000).
    const [one, other] = [gamma(random, alpha), gamma(random, alpha)]
    const share = one / (one + other)
    return Math.max(share, 1 - share)
  }
  for (;;) {
    const one = random.next() ** (1 / alpha)
    const other = random.next() ** (1 / alpha)
    if (one + other > 1 || one + other === 0) continue
    const share = one / (one + other)
    return Math.max(share, 1 - share)
  }
}

function gamma(random: Random, shape: number): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    const u = random.next()
    if (Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Mixes each picture with its partner in place: share · own + (1 − share) · partner. `x` [B, …] row by row. */
export function mixInputs(x: Float32Array, partners: Int32Array, share: number): void {
  const width = x.length / partners.length
  const before = new Float32Array(x)
  partners.forEach((partner, row) => {
    for (let at = 0; at < width; at++)
      x[row * width + at] = share * before[row * width + at]! + (1 - share) * before[partner * width + at]!
  })
}
