import { chosen, hash32, shuffled } from '../statistics/random.ts'

/** A stream of random numbers that depends on its seed alone. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  between(low: number, high: number): number
  /** Whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Mean 0, standard deviation 1. */
  normal(): number
  shuffle<T>(list: readonly T[]): T[]
  /** A stream of its own, so that drawing more here never moves what is drawn there. */
  fork(name: string): Random
}

/**
 * Stream for a seed. The demo keeps the generator it was first drawn with (mulberry32: 32 bits of state, enough for
 * pictures), since with another its files would be others; the rest of the project draws by data/statistics/random.ts.
 */
export function seededStream(seed: string): Random {
  let state = hash32(seed)
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number) => Math.floor(next() * bound)
  const random: Random = {
    next,
    between: (low, high) => low + (high - low) * next(),
    int: (low, high) => low + below(high - low + 1),
    chance: probability => next() < probability,
    pick: list => chosen(list, below),
    // The sum of six uniforms is close enough to a Gaussian for image noise and needs no logarithm.
    normal: () => (next() + next() + next() + next() + next() + next() - 3) * Math.SQRT2,
    shuffle: list => shuffled(list, below),
    fork: name => seededStream(`${seed}/${name}`),
  }
  return random
}
