import { createSignal } from 'solid-js'

/** "Queue · cycle 0003 · 42 of 200": what stands in the middle of the top bar; each page sets its own. */
const [whereabouts, setWhereabouts] = createSignal('')

export { setWhereabouts, whereabouts }

/** Whether the list of all keys is open; `?` in the top bar and on the keyboard open it. */
export const [keyListOpen, setKeyListOpen] = createSignal(false)
