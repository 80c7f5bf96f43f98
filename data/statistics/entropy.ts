/** Entropy of a yes-or-no probability in bits: 0 where it is sure, 1 at 0.5 (Shannon 1948). */
export function binaryEntropy(probability: number): number {
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`entropy: ${probability}: expected a probability in 0…1`)
  if (probability === 0 || probability === 1) return 0
  return -(probability * Math.log2(probability) + (1 - probability) * Math.log2(1 - probability))
}

/** Entropy of a distribution in bits; the probabilities need not add up to 1, they are made to. */
export function entropy(probabilities: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < probabilities.length; at++) {
    if (!(probabilities[at]! >= 0)) throw new RangeError(`entropy: ${probabilities[at]}: expected 0 or more`)
    sum += probabilities[at]!
  }
  if (sum === 0) throw new RangeError('entropy: all zero: expected at least one probability above 0')
  let bits = 0
  for (let at = 0; at < probabilities.length; at++) {
    const share = probabilities[at]! / sum
    if (share > 0) bits -= share * Math.log2(share)
  }
  return bits
}
