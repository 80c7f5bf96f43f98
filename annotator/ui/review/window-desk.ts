import { createEffect, createSignal, on, type Signal } from 'solid-js'
import type { HounsfieldImage } from '../../../data/records/case.ts'
import { tell } from '../shell/notices.tsx'
import { createWindowCanvas } from './window-canvas.ts'
import {
  autoWindow,
  type HounsfieldSlice,
  type HounsfieldWindow,
  LUNG,
  sameWindow,
  unitsAt,
  WINDOWS,
  type WindowName,
} from './window-level.ts'
import { hounsfieldSlice } from './window-slice.ts'

/** A slice in Hounsfield units over its picture of 8 bits: fetched when it is shown, painted when it is needed. */
export function createWindowDesk(
  image: () => HounsfieldImage | undefined,
  [window, setWindow]: Signal<HounsfieldWindow>,
) {
  const [slice, setSlice] = createSignal<HounsfieldSlice | null>(null)
  const [under, setUnder] = createSignal<number | null>(null)
  const { canvas, paint, hide } = createWindowCanvas()

  createEffect(
    on(
      () => image()?.file,
      file => {
        setSlice(null)
        setUnder(null)
        hide()
        const asked = image()
        if (!asked) return
        hounsfieldSlice(asked).then(
          found => {
            if (image()?.file === file) setSlice(found)
          },
          () =>
            tell('The Hounsfield units of this slice can’t be read: it is shown through the lung window.'),
        )
      },
    ),
  )
  createEffect(() => {
    const now = slice()
    // The picture of 8 bits is the lung window already, and there at once.
    if (now && !sameWindow(window(), LUNG)) paint(now, window())
    else hide()
  })

  return {
    canvas,
    /** Units under the pointer; null outside the picture, or where there are none. */
    under,
    point(place: { x: number; y: number } | null): void {
      const now = slice()
      setUnder(now && place ? unitsAt(now, place.x, place.y) : null)
    },
    /** False where the picture has no Hounsfield units. */
    pick(name: WindowName): boolean {
      const now = slice()
      if (name !== 'auto') setWindow(WINDOWS[name])
      else if (now) setWindow(autoWindow(now))
      return image() !== undefined
    },
  }
}
