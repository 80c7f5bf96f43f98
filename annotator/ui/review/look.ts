import { createSignal } from 'solid-js'
import { type LinkedView, PLAIN_TONE, type Tone } from './view-transform.ts'
import { type HounsfieldWindow, LUNG } from './window-level.ts'

/** How pictures are looked at; two viewports that share one show the same place in the same tone. */
export function createLook() {
  const [view, setView] = createSignal<LinkedView | null>(null)
  const [tone, setTone] = createSignal<Tone>(PLAIN_TONE)
  const [window, setWindow] = createSignal<HounsfieldWindow>(LUNG)
  return { view, setView, tone, setTone, window, setWindow }
}
export type Look = ReturnType<typeof createLook>
