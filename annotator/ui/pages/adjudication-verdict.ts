import type { ActPayload } from '../../../data/records/act.ts'
import {
  type FlagLabel,
  HEADS,
  type Head,
  type LesionLabel,
  perLesion,
} from '../../../data/records/vocabulary.ts'
import type { AdjudicationReply } from '../../server/replies.ts'

type Next = NonNullable<AdjudicationReply['next']>

/** The third reading while it is being made. */
export interface Verdict {
  /** What is decided; null where readers differ and nothing was decided yet. */
  values: Record<Head, string | null>
  disputed: readonly Head[]
  /** The row that the next key decides. */
  inHand: Head
  /** A row above or below in hand. */
  step(by: 1 | -1): Verdict
  take(head: Head): Verdict
}

/** A verdict as it begins: what the readers agree on stands, the first row they differ on is in hand. */
export function openVerdict({ disputed, readings }: Pick<Next, 'disputed' | 'readings'>): Verdict {
  const values = Object.fromEntries(
    HEADS.map(head => {
      const said = readings.map(each => each.said[head]).filter(each => each !== 'not-assessed')
      return [head, disputed.includes(head) ? null : (said[0] ?? 'not-assessed')]
    }),
  ) as Verdict['values']
  return verdictOf(values, disputed, disputed[0] ?? 'flag')
}

function verdictOf(values: Verdict['values'], disputed: readonly Head[], inHand: Head): Verdict {
  const take = (head: Head) => verdictOf(values, disputed, head)
  return {
    values,
    disputed,
    inHand,
    take,
    step: by => take(HEADS[(HEADS.indexOf(inHand) + by + HEADS.length) % HEADS.length]!),
  }
}

/** Decides the row in hand, and takes the next row that waits. */
function decide(verdict: Verdict, value: string): Verdict {
  const values = { ...verdict.values, [verdict.inHand]: value }
  const waiting = verdict.disputed.find(head => values[head] === null)
  return verdictOf(values, verdict.disputed, waiting ?? verdict.inHand)
}

export const takeReading = (verdict: Verdict, said: Record<Head, string>): Verdict =>
  decide(verdict, said[verdict.inHand])

export function turnTo(verdict: Verdict, value: 'yes' | 'no' | 'uncertain' | 'not-assessed'): Verdict {
  const words =
    verdict.inHand === 'flag' ? { yes: 'positive', no: 'negative' } : { yes: 'present', no: 'absent' }
  return decide(verdict, value === 'yes' || value === 'no' ? words[value] : value)
}

/** The act that settles the case; null while a row waits. */
export function verdictAct({ values }: Verdict): Extract<ActPayload, { kind: 'adjudicate' }> | null {
  if (HEADS.some(head => values[head] === null)) return null
  return {
    kind: 'adjudicate',
    flag: values.flag as FlagLabel,
    lesions: perLesion(lesion => values[lesion] as LesionLabel),
  }
}
