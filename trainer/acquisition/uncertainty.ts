import { binaryEntropy } from '../../data/statistics/entropy.ts'
import { learnedHeads, type PlacedHead } from './learned-heads.ts'
import { byScore } from './order.ts'
import type { Candidate, Strategy } from './strategy.ts'
import { headName, listed } from './words.ts'

/** Heads at least this near to the least sure one are named beside it. */
const NAMED = 0.9
/** Above this many bits a head is called unsure. */
const UNSURE = 0.8

interface Unsure extends PlacedHead {
  probability: number
  /** Entropy in bits: 1 at 0.5, 0 where the model is certain. */
  bits: number
}

/**
 * Uncertainty sampling over several heads (Settles 2009, section 3.1): a case's worth is a function of the calibrated
 * probabilities of the learned heads. The case is for the head the model is least sure of.
 * @param worth of a case's probabilities; higher is asked first.
 */
export function uncertaintyStrategy(
  name: string,
  about: string,
  worth: (probabilities: readonly number[]) => number,
): Strategy {
  return {
    name,
    about,
    needs: [],
    rank(candidates, options) {
      const heads = learnedHeads(options)
      const choices = candidates.map((candidate, at) => {
        const unsure = leastSureFirst(candidate, heads)
        return {
          candidate: at,
          score: unsure.length === 0 ? 0 : worth(unsure.map(one => one.probability)),
          head: unsure[0]?.head ?? options.wanted?.[0] ?? 'flag',
          why: whyUnsure(unsure),
        } as const
      })
      return byScore([...choices], candidates)
    },
  }
}

/** The heads of a case, the one the model is least sure of first. */
export function leastSureFirst({ probabilities }: Candidate, heads: readonly PlacedHead[]): Unsure[] {
  return heads
    .map(({ head, at }) => {
      const probability = probabilities[at]!
      return { head, at, probability, bits: binaryEntropy(probability) }
    })
    .sort((one, other) => other.bits - one.bits)
}

/** "the model is unsure of GGO (0.52) and Csld (0.47)" */
export function whyUnsure(unsure: readonly Unsure[]): string {
  const first = unsure[0]
  if (!first) return 'no head was learned yet'
  const near = unsure.filter(one => one.bits >= NAMED * first.bits).slice(0, 3)
  const names = near.map(one => `${headName(one.head)} (${one.probability.toFixed(2)})`)
  return `the model is ${first.bits > UNSURE ? 'unsure' : 'fairly sure, least so'} of ${listed(names)}`
}
