import { createEffect, createSignal, on } from 'solid-js'
import type { Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { tell } from '../shell/notices.tsx'
import { createHeatDesk } from './heat-map.tsx'
import { createLook } from './look.ts'
import type { Review } from './review-state.ts'
import { PLAIN_TONE } from './view-transform.ts'
import type { ViewportControls } from './viewport-tools.tsx'

/** What lies in the picture's place: the slice or its whole figure, a panel beside it, a heat map, a box being drawn. */
export function createPictureDesk(review: Review) {
  const [figureShown, setFigureShown] = createSignal(false)
  const [comparing, setComparing] = createSignal<-1 | 0 | 1>(0)
  const [drawing, setDrawing] = createSignal<Lesion | null>(null)
  const look = createLook()
  const heat = createHeatDesk(() => {
    const now = review.reply()
    return now && { id: now.case.id, hidden: now.hidden.model }
  })
  let viewport: ViewportControls | undefined

  /** The panel before or after this one in its figure, to be shown beside it: resolution needs both. */
  function compared(step: -1 | 1): CaseReply['siblings'][number] | undefined {
    const now = review.reply()
    const at = now?.siblings.findIndex(each => each.id === now.case.id) ?? -1
    return comparing() === step && at >= 0 ? now?.siblings[at + step] : undefined
  }

  createEffect(
    on(
      () => review.reply()?.case.id,
      () => {
        setFigureShown(false)
        look.setView(null)
        setDrawing(null)
      },
    ),
  )
  createEffect(
    on(
      () => `${review.reply()?.case.document}#${review.reply()?.case.figure}`,
      () => look.setTone(PLAIN_TONE),
    ),
  )

  return {
    look,
    heat,
    figureShown,
    compared,
    /** The lesion a box is being drawn for; null: none is. */
    drawing,
    setDrawing,
    viewport: () => viewport,
    setViewport(controls: ViewportControls): void {
      viewport = controls
    },
    drawBox: () => setDrawing(drawing() ? null : review.drafts.lesionInHand()),
    showFigure(): void {
      if (review.reply()?.case.figureImage) setFigureShown(shown => !shown)
      else tell('This figure has no other picture than this one.')
    },
    compare(step: -1 | 1): void {
      setComparing(on => (on === step ? 0 : step))
      if (comparing() === step && !compared(step))
        tell(
          step < 0
            ? 'This is the first panel of its figure; nothing is before it.'
            : 'This is the last panel of its figure; nothing is after it.',
        )
    },
  }
}

export type PictureDesk = ReturnType<typeof createPictureDesk>
