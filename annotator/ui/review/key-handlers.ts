import { LESIONS } from '../../../data/records/vocabulary.ts'
import { tell } from '../shell/notices.tsx'
import { setKeyListOpen } from '../shell/whereabouts.ts'
import type { CaptionDesk } from './caption-desk.ts'
import type { ReviewAction } from './keymap.ts'
import type { PictureDesk } from './picture-desk.ts'
import type { Review } from './review-state.ts'
import type { WindowName } from './window-level.ts'

/** The windows of the review page. */
export type OpenDialog =
  | 'note'
  | 'discuss'
  | 'not-assessable'
  | 'history'
  | 'filter'
  | 'guideline'
  | 'page'
  | 'caption'
  | 'doubles'

const TONE_STEP = 1.1

/** What each action of the key map does on the review page. */
export function keyHandlers(page: {
  review: Review
  caption: CaptionDesk
  picture: PictureDesk
  setDialog: (dialog: OpenDialog) => void
  showPage: () => void
  showDoubles: () => void
}): Record<ReviewAction, (event: KeyboardEvent) => void> {
  const { review, caption, picture, setDialog } = page
  const { viewport, heat } = picture
  const lesionOf = (event: KeyboardEvent) => LESIONS[Number(event.code.at(-1)) - 1]
  const onCase = (dialog: OpenDialog) => () => {
    if (review.reply()) setDialog(dialog)
  }
  const window = (name: WindowName) => {
    if (viewport()?.window(name) === false)
      tell('This picture came without Hounsfield units: [ and ] set its brightness, ⇧[ and ⇧] its contrast.')
  }
  return {
    accept: event => {
      // A key held down must not decide case after case.
      if (!event.repeat) review.accept()
    },
    lesion: event => {
      const lesion = lesionOf(event)
      if (lesion) review.drafts.flip(lesion)
    },
    doubt: event => {
      const lesion = lesionOf(event)
      if (lesion) review.drafts.doubt(lesion)
    },
    flag: () => review.drafts.turnFlag(1),
    'flag-back': () => review.drafts.turnFlag(-1),
    undo: () => void review.undo(),
    redo: () => void review.redo(),
    next: () => void review.next(),
    previous: () => void review.previous(),
    'panel-next': () => void review.sibling(1),
    'panel-previous': () => void review.sibling(-1),
    'zoom-in': () => viewport()?.zoom(1.25),
    'zoom-out': () => viewport()?.zoom(0.8),
    fit: () => viewport()?.fit(),
    'actual-size': () => viewport()?.actualSize(),
    invert: () => viewport()?.invert(),
    darker: () => viewport()?.tone(1 / TONE_STEP, 1),
    brighter: () => viewport()?.tone(TONE_STEP, 1),
    'contrast-less': () => viewport()?.tone(1, 1 / TONE_STEP),
    'contrast-more': () => viewport()?.tone(1, TONE_STEP),
    'window-lung': () => window('lung'),
    'window-mediastinum': () => window('mediastinum'),
    'window-bone': () => window('bone'),
    'window-wide': () => window('wide'),
    'window-auto': () => window('auto'),
    figure: picture.showFigure,
    page: page.showPage,
    doubles: page.showDoubles,
    compare: () => picture.compare(-1),
    'compare-after': () => picture.compare(1),
    'heat-map': () => heat.toggle(),
    'heat-less': () => heat.less(),
    'heat-more': () => heat.more(),
    box: picture.drawBox,
    'box-remove': () => review.drafts.removeBox(),
    mentions: () => caption.walk(),
    words: () => caption.enter(),
    note: onCase('note'),
    discuss: onCase('discuss'),
    deny: onCase('not-assessable'),
    guideline: () => setDialog('guideline'),
    history: onCase('history'),
    search: () => setDialog('filter'),
    keys: () => setKeyListOpen(true),
  }
}
