import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { binaryEntropy } from '../../data/statistics/entropy.ts'
import type { Strategy } from './strategy.ts'
import { headName } from './words.ts'

/** Heads of at least this share of the highest entropy are named beside the first. */
const NAMED = 0.9

/**
 * Uncertainty sampling: the entropy of the calibrated probabilities, in bits, summed over the heads that were learned
 * (Shannon 1948; Settles 2009, section 3.1). The case is for the head with the highest.
 */
export const entropyStrategy: Strategy = {
  name: 'entropy',
  about: 'cases the model is least sure of, over all heads',
  rank(candidates, { learned }) {
    const heads = HEADS.flatMap((head, at) => (learned.includes(head) ? [{ head, at }] : []))
    return candidates
      .map(({ probabilities }, candidate) => {
        const bits = heads
          .map(({ head, at }) => ({
            head,
            probability: probabilities[at]!,
            bits: binaryEntropy(probabilities[at]!),
          }))
          .sort((one, other) => other.bits - one.bits)
        const score = bits.reduce((sum, one) => sum + one.bits, 0)
        const first = bits[0]
        return { candidate, score, head: first?.head ?? ('flag' as Head), why: why(bits) }
      })
      .sort((one, other) => other.score - one.score || compare(candidates, one.candidate, other.candidate))
  },
}

function why(bits: readonly { head: Head; probability: number; bits: number }[]): string {
  const first = bits[0]
  if (!first) return 'no head was learned yet'
  const unsure = bits.filter(one => one.bits >= NAMED * first.bits).slice(0, 3)
  const names = unsure.map(one => `${headName(one.head)} (${one.probability.toFixed(2)})`)
  const list = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0]
  return `the model is ${first.bits > 0.8 ? 'unsure' : 'fairly sure, least so'} of ${list}`
}

const compare = (candidates: readonly { case: string }[], one: number, other: number) =>
  candidates[one]!.case < candidates[other]!.case ? -1 : 1
