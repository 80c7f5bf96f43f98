import type { Cause } from '../../../data/records/vocabulary.ts'

/** The key of each cause of a correction, and how it reads in full and in the prompt. */
export const CAUSE_KEYS: readonly { key: string; cause: Cause; words: string; short: string }[] = [
  { key: 'w', cause: 'wrong-pairing', words: 'wrong pairing', short: 'pairing' },
  { key: 't', cause: 'missed-term', words: 'missed term', short: 'missed term' },
  { key: 'r', cause: 'wrong-term', words: 'wrong term', short: 'wrong term' },
  { key: 'a', cause: 'wrong-assertion', words: 'wrong assertion', short: 'assertion' },
  { key: 's', cause: 'said-not-visible', words: 'said, not visible', short: 'not visible' },
  { key: 'v', cause: 'visible-not-said', words: 'visible, not said', short: 'not said' },
]

/**
 * The cause that a key names for a head. For the flag, a wrong term or assertion is the miner's reading of the
 * flag itself: `wrong-flag`.
 */
export function causeFor(key: string, head: string): Cause | null {
  const cause = CAUSE_KEYS.find(entry => entry.key === key.toLowerCase())?.cause ?? null
  if (head === 'flag' && (cause === 'wrong-term' || cause === 'wrong-assertion')) return 'wrong-flag'
  return cause
}
