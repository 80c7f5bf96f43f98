/** 1 / (1 + e^−x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const power = Math.exp(x)
  return power / (1 + power)
}

/** ln(1 + e^x), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

/** ln(p / (1 − p)); probabilities are kept `edge` away from 0 and 1, so that the logit stays finite. */
export function logit(probability: number, edge = 1e-12): number {
  const kept = Math.min(1 - edge, Math.max(edge, probability))
  return Math.log(kept / (1 - kept))
}
