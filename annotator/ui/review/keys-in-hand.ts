import { LESIONS } from '../../../data/records/vocabulary.ts'
import type { CaptionDesk } from './caption-desk.ts'
import { causeFor } from './causes.ts'
import type { PictureDesk } from './picture-desk.ts'
import type { Review } from './review-state.ts'

/** Keys that something in hand takes before the desk's own: a cause, a panel's letter, a digit on selected words. */
export function keysInHand(review: Review, picture: PictureDesk, caption: CaptionDesk) {
  return (event: KeyboardEvent): boolean => {
    const head = review.drafts.asking()
    if (
      head &&
      !event.ctrlKey &&
      !event.metaKey &&
      !['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)
    ) {
      const cause = event.shiftKey ? null : causeFor(event.key, head)
      if (cause) {
        review.drafts.giveCause(head, cause)
        return true
      }
      review.drafts.stopAsking()
      if (event.key === 'Escape') return true
    }
    if (picture.heat.takesKey(event)) return true
    if (picture.drawing()) {
      const nth = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1]
      if (nth && !event.shiftKey) picture.setDrawing(LESIONS[Number(nth) - 1] ?? null)
      else if (event.key === 'Escape') picture.setDrawing(null)
      else return caption.takesKey(event)
      return true
    }
    return caption.takesKey(event)
  }
}
