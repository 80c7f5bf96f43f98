import { createSignal } from 'solid-js'
import { type Cause, HEADS, type Head, LESIONS, type Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import {
  addBox,
  type Draft,
  doubtLesion,
  flipLesion,
  type LabelValues,
  type LesionBox,
  removeLastBox,
  restAbsent,
  setFlag,
  setLesion,
  startDraft,
  turnFlag,
} from './draft.ts'
import { contradicts, type SilentMeans } from './proposal.ts'

interface Sheet {
  past: Draft[]
  future: Draft[]
  now: Draft
  causes: Partial<Record<Head, Cause>>
}

/**
 * The six rows of the case looked at. Each case keeps its sheet while the page is open, so that looking at another
 * case and coming back loses nothing; changes on it can be undone one by one before it is saved.
 */
export function createDraftDesk() {
  const sheets = new Map<string, Sheet>()
  const [sheet, setSheet] = createSignal<Sheet | null>(null)
  const [asking, setAsking] = createSignal<Head | null>(null)
  const [inHand, setInHand] = createSignal<Head | null>(null)
  let shown: CaseReply | null = null

  const put = (next: Sheet) => {
    if (shown) sheets.set(shown.case.id, next)
    setSheet(next)
  }

  /** Opens a case's sheet: as it was left, else the person's own label, else proposals. */
  function open(reply: CaseReply, silent: SilentMeans, own: LabelValues | undefined): void {
    shown = reply
    setAsking(null)
    setInHand(null)
    const left = sheets.get(reply.case.id)
    const now = startDraft(reply.case, reply.opinion, silent, own, reply.hidden.text)
    put(left && left.past.length > 0 ? left : { past: [], future: [], now, causes: {} })
  }

  /** Takes in a newer state of the case: rows a person has touched stay, proposals follow the text. */
  function follow(reply: CaseReply, silent: SilentMeans, own: LabelValues | undefined): void {
    const left = sheet()
    shown = reply
    const now = startDraft(reply.case, reply.opinion, silent, own, reply.hidden.text)
    if (!left || left.past.length === 0) {
      put({ past: [], future: [], now, causes: {} })
      return
    }
    for (const head of HEADS) {
      if (left.now.source[head] !== 'person') continue
      now.source[head] = 'person'
      if (head === 'flag') now.flag = left.now.flag
      else now.lesions[head] = left.now.lesions[head]
    }
    put({ ...left, now: { ...now, boxes: left.now.boxes } })
  }

  function change(head: Head, next: (draft: Draft) => Draft): void {
    const old = sheet()
    if (!old || !shown) return
    const now = next(old.now)
    const causes = { ...old.causes }
    const value = head === 'flag' ? now.flag : now.lesions[head]
    const corrects = contradicts(shown.case, head, value)
    if (!corrects) delete causes[head]
    put({ past: [...old.past, old.now], future: [], now, causes })
    setInHand(head)
    setAsking(corrects ? head : null)
  }

  /** The lesion that was touched last, else the first that is present. */
  function lesionInHand(): Lesion {
    const head = inHand()
    const draft = sheet()?.now
    return head && head !== 'flag'
      ? head
      : (LESIONS.find(lesion => draft?.lesions[lesion] === 'present') ?? 'GGO')
  }

  /** Takes back the last change on this sheet; false where there is none. */
  function undo(): boolean {
    const old = sheet()
    const before = old?.past.at(-1)
    setAsking(null)
    if (!old || !before) return false
    put({ ...old, past: old.past.slice(0, -1), future: [old.now, ...old.future], now: before })
    return true
  }

  function redo(): boolean {
    const old = sheet()
    const after = old?.future[0]
    if (!old || !after) return false
    put({ ...old, past: [...old.past, old.now], future: old.future.slice(1), now: after })
    return true
  }

  return {
    draft: () => sheet()?.now ?? null,
    causes: () => sheet()?.causes ?? {},
    /** The head whose correction may name its cause now. */
    asking,
    stopAsking: () => setAsking(null),
    giveCause(head: Head, cause: Cause) {
      const old = sheet()
      if (old) put({ ...old, causes: { ...old.causes, [head]: cause } })
      setAsking(null)
    },
    open,
    follow,
    undo,
    redo,
    /** What a blind reading left open becomes absent; false where nothing was open. */
    fillAbsent(): boolean {
      const old = sheet()
      const now = old && restAbsent(old.now)
      if (!old || !now) return false
      put({ ...old, past: [...old.past, old.now], future: [], now })
      setAsking(null)
      return true
    },
    touched: () => (sheet()?.past.length ?? 0) > 0,
    /** The sheet has been saved: what was on it is the label now. */
    forget: (id: string) => void sheets.delete(id),
    flip: (lesion: Lesion) => change(lesion, draft => flipLesion(draft, lesion)),
    doubt: (lesion: Lesion) => change(lesion, draft => doubtLesion(draft, lesion)),
    lesionInHand,
    addBox: (box: LesionBox) => change(box.lesion, draft => addBox(draft, box)),
    removeBox() {
      const last = sheet()?.now.boxes.at(-1)
      if (last) change(last.lesion, removeLastBox)
    },
    turnFlag: (step: 1 | -1) => change('flag', draft => turnFlag(draft, step)),
    setFlag: (value: Draft['flag']) => change('flag', draft => setFlag(draft, value)),
    setLesion: (lesion: Lesion, value: Draft['lesions'][Lesion]) =>
      change(lesion, draft => setLesion(draft, lesion, value)),
  }
}

export type DraftDesk = ReturnType<typeof createDraftDesk>
