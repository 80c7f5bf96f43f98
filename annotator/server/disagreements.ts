import type { CaseState } from '../../data/records/case.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { type Voices, voicesOf } from '../../data/stores/case-share.ts'
import type { Opinion } from './replies.ts'

/**
 * Heads on which the sources of a case contradict each other: text, published label, model (by its threshold) and
 * experts. Silence and doubt contradict nothing; the model is heard only where somebody else spoke; an adjudicated
 * case is settled.
 */
export function disagreements(state: CaseState, opinion: Opinion | null): Head[] {
  if (state.adjudicated) return []
  const voices = voicesOf(state)
  return HEADS.filter((head, at) => contradict(voices[at]!, opinion, head))
}

/** Whether what was said of a head contradicts itself or the model. */
export function contradict(said: Voices, opinion: Opinion | null, head: Head): boolean {
  if (said === 'both' || said === 'nobody' || !opinion) return said === 'both'
  const score = head === 'flag' ? opinion.flag : opinion.lesions[head]
  return score >= opinion.thresholds[head] !== (said === 'yes')
}
