import type { CaseState } from '../../data/records/case.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import type { Opinion } from './replies.ts'

const YES = new Set(['positive', 'present'])
const NO = new Set(['negative', 'absent', 'resolved'])

function voice(said: string): boolean | null {
  return YES.has(said) ? true : NO.has(said) ? false : null
}

/**
 * Heads on which the sources of a case contradict each other: text, published label, model (by its threshold) and
 * experts. Silence and doubt contradict nothing; the model is heard only where somebody else spoke; an adjudicated
 * case is settled.
 */
export function disagreements(state: CaseState, opinion: Opinion | null): Head[] {
  if (state.adjudicated) return []
  return HEADS.filter(head => {
    const said = [
      voice(head === 'flag' ? state.mined.flag : state.mined.findings[head]),
      ...(state.published
        ? [voice(head === 'flag' ? state.published.flag : state.published.findings[head])]
        : []),
      ...state.labels.map(label => voice(head === 'flag' ? label.flag : label.lesions[head])),
    ].filter(each => each !== null)
    if (opinion && said.length > 0)
      said.push((head === 'flag' ? opinion.flag : opinion.lesions[head]) >= opinion.thresholds[head])
    return said.includes(true) && said.includes(false)
  })
}
