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
  type Proposal,
  proposedFlag,
  proposedLesion,
  type SilentMeans,
} from './proposal.ts'

/** Where a row's value comes from, before and after a person decides it. */
export type DraftSource = 'text' | 'published' | 'model' | 'silent' | 'blind' | 'label' | 'person'

/** Where a person points at a lesion: shares of the picture's sides, from its top left corner. */
export interface LesionBox {
  lesion: Lesion
  x: number
  y: number
  width: number
  height: number
}

/** The six rows of a case while a person looks at it. Rows not yet decided are proposals and drawn hollow. */
export interface Draft {
  flag: FlagLabel
  lesions: PerLesion<LesionLabel>
  source: Record<Head, DraftSource>
  boxes: readonly LesionBox[]
}

export interface LabelValues {
  flag: FlagLabel
  lesions: PerLesion<LesionLabel>
  boxes?: readonly LesionBox[]
}

/**
 * The rows as they stand before anything is pressed: the person's own label, else proposals. Where the text is hidden,
 * its silence proposes nothing.
 */
export function startDraft(
  said: CaseSaid,
  opinion: ModelOpinion | null,
  silent: SilentMeans,
  own?: LabelValues,
  hidesText = false,
): Draft {
  if (own)
    return {
      flag: own.flag,
      lesions: { ...own.lesions },
      source: Object.fromEntries(HEADS.map(head => [head, 'label'])) as Record<Head, DraftSource>,
      boxes: own.boxes ?? [],
    }
  const unlessBlind = <Value>(proposal: Proposal<Value>) =>
    hidesText && proposal.source === 'silent'
      ? { value: 'not-assessed' as const, source: 'blind' as const }
      : proposal
  const flag = unlessBlind(proposedFlag(said, opinion, silent))
  const proposals = perLesion(lesion => unlessBlind(proposedLesion(lesion, said, opinion, silent)))
  return {
    flag: flag.value,
    lesions: perLesion(lesion => proposals[lesion].value),
    source: { flag: flag.source, ...perLesion(lesion => proposals[lesion].source) },
    boxes: [],
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

/** Lesions that nobody spoke of yet become absent, in sight of the reader; null where there is none such. */
export function restAbsent(draft: Draft): Draft | null {
  const open = LESIONS.filter(lesion => draft.source[lesion] === 'blind')
  return open.length === 0 ? null : open.reduce((next, lesion) => setLesion(next, lesion, 'absent'), draft)
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

/** Draws a box: it points at the lesion, so the lesion is present. */
export function addBox(draft: Draft, box: LesionBox): Draft {
  const present = draft.lesions[box.lesion] === 'present' ? draft : setLesion(draft, box.lesion, 'present')
  return { ...present, boxes: [...draft.boxes, box] }
}

export function removeLastBox(draft: Draft): Draft {
  return { ...draft, boxes: draft.boxes.slice(0, -1) }
}

const sameBox = (a: LesionBox, b: LesionBox) =>
  a.lesion === b.lesion && a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height

/** The boxes to be saved, and those to be taken away, to come from what is saved to what is drawn. */
export function boxChanges(
  saved: readonly LesionBox[],
  drawn: readonly LesionBox[],
): { added: LesionBox[]; removed: LesionBox[] } {
  const missingIn = (list: readonly LesionBox[]) => (box: LesionBox) =>
    !list.some(other => sameBox(box, other))
  return { added: drawn.filter(missingIn(saved)), removed: saved.filter(missingIn(drawn)) }
}

/** What the draft says as a label. */
export function labelOf(draft: Draft): LabelValues {
  return { flag: draft.flag, lesions: perLesion(lesion => draft.lesions[lesion]) }
}
