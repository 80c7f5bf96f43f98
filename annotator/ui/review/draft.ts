import {
  type FlagLabel,
  HEADS,
  type Head,
  LESIONS,
  type Lesion,
  type LesionLabel,
  type PerLesion,
  perLesion,
} from '../../../data/records/vocabulary.ts'
import {
  type CaseSaid,
  type ModelOpinion,
  proposedFlag,
  proposedLesion,
  type SilentMeans,
} from './proposal.ts'

/** Where a row's value comes from, before and after a person decides it. */
export type DraftSource = 'text' | 'published' | 'model' | 'silent' | 'label' | 'person'

/** The six rows of a case while a person looks at it. Rows not yet decided are proposals and drawn hollow. */
export interface Draft {
  flag: FlagLabel
  lesions: PerLesion<LesionLabel>
  source: Record<Head, DraftSource>
}

export interface LabelValues {
  flag: FlagLabel
  lesions: PerLesion<LesionLabel>
}

/** The rows as they stand before anything is pressed: the person's own label, else proposals. */
export function startDraft(
  said: CaseSaid,
  opinion: ModelOpinion | null,
  silent: SilentMeans,
  own?: LabelValues,
): Draft {
  if (own)
    return {
      flag: own.flag,
      lesions: { ...own.lesions },
      source: Object.fromEntries(HEADS.map(head => [head, 'label'])) as Record<Head, DraftSource>,
    }
  const flag = proposedFlag(said, opinion, silent)
  const proposals = perLesion(lesion => proposedLesion(lesion, said, opinion, silent))
  return {
    flag: flag.value,
    lesions: perLesion(lesion => proposals[lesion].value),
    source: { flag: flag.source, ...perLesion(lesion => proposals[lesion].source) },
  }
}

/** True where a person has decided the row, now or in a label saved before. */
export function isDecided(draft: Draft, head: Head): boolean {
  return draft.source[head] === 'person' || draft.source[head] === 'label'
}

export function setLesion(draft: Draft, lesion: Lesion, value: LesionLabel): Draft {
  return {
    ...draft,
    lesions: { ...draft.lesions, [lesion]: value },
    source: { ...draft.source, [lesion]: 'person' },
  }
}

export function setFlag(draft: Draft, value: FlagLabel): Draft {
  return { ...draft, flag: value, source: { ...draft.source, flag: 'person' } }
}

/** Key `1`…`5`: present ↔ absent; from anything else, present. */
export function flipLesion(draft: Draft, lesion: Lesion): Draft {
  return setLesion(draft, lesion, draft.lesions[lesion] === 'present' ? 'absent' : 'present')
}

/** Key Shift+`1`…`5`: uncertain; again, not assessed. */
export function doubtLesion(draft: Draft, lesion: Lesion): Draft {
  return setLesion(draft, lesion, draft.lesions[lesion] === 'uncertain' ? 'not-assessed' : 'uncertain')
}

const FLAG_ROUND: readonly FlagLabel[] = ['positive', 'negative', 'uncertain']

/** Key `c`: positive → negative → uncertain, round and round; Shift+`c` the other way. */
export function turnFlag(draft: Draft, step: 1 | -1): Draft {
  const at = FLAG_ROUND.indexOf(draft.flag)
  const next = at < 0 ? 0 : (at + step + FLAG_ROUND.length) % FLAG_ROUND.length
  return setFlag(draft, FLAG_ROUND[next] as FlagLabel)
}

/** What the draft says as a label. */
export function labelOf(draft: Draft): LabelValues {
  return { flag: draft.flag, lesions: perLesion(lesion => draft.lesions[lesion]) }
}

export function sameLabel(a: LabelValues, b: LabelValues): boolean {
  return a.flag === b.flag && LESIONS.every(lesion => a.lesions[lesion] === b.lesions[lesion])
}
