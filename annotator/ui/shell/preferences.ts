import { createEffect, createRoot } from 'solid-js'
import { createStore } from 'solid-js/store'
import type { SilentMeans } from '../review/proposal.ts'

/** What a person chose for this browser. */
export interface Preferences {
  theme: 'dark' | 'light'
  /** What a row proposes where the text is silent. */
  silent: SilentMeans
  /** Single-letter keys can be switched off for people whose software sends them by itself (WCAG 2.1.4). */
  singleKeys: boolean
  /** Keys of one's own, by action. */
  keys: Record<string, string[]>
}

const PLACE = 'lesionloop.preferences'
const DEFAULTS: Preferences = { theme: 'dark', silent: 'model', singleKeys: true, keys: {} }

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(PLACE) ?? '{}') as Partial<Preferences>) }
  } catch {
    return { ...DEFAULTS }
  }
}

const [preferences, setPreferences] = createStore<Preferences>(read())

export { preferences, setPreferences }

createRoot(() => {
  createEffect(() => {
    document.documentElement.dataset['theme'] = preferences.theme
    try {
      localStorage.setItem(PLACE, JSON.stringify(preferences))
    } catch {
      // A browser that keeps nothing still shows the page; the choice lasts until it is closed.
    }
  })
})
