import { For, type JSX } from 'solid-js'
import { preferences } from '../shell/preferences.ts'
import { keySign } from './key-patterns.ts'
import { KEYMAP, keysOf } from './keymap.ts'
import {
  type HounsfieldWindow,
  sameWindow,
  unitWords,
  WINDOW_NAMES,
  WINDOWS,
  type WindowName,
  windowWords,
} from './window-level.ts'

/** The windows as buttons, each with its key, and the one in force in Hounsfield units. */
export function WindowTools(props: {
  window: HounsfieldWindow
  pick: (name: WindowName) => void
}): JSX.Element {
  const keyOf = (name: WindowName) => {
    const line = KEYMAP.find(each => each.action === `window-${name}`)
    const key = line && keysOf(line, preferences.keys)[0]
    return key ? keySign(key) : ''
  }
  const isOn = (name: WindowName) => name !== 'auto' && sameWindow(props.window, WINDOWS[name])
  return (
    <fieldset
      class="viewport-tools window-tools"
      aria-label="Window in Hounsfield units"
      onPointerDown={event => event.stopPropagation()}
      onDblClick={event => event.stopPropagation()}
    >
      <For each={WINDOW_NAMES}>
        {name => (
          <button
            type="button"
            title={`${name} window, ${wordsOf(name)} (${keyOf(name)})`}
            aria-label={`${name} ${keyOf(name)}: ${wordsOf(name)}`}
            aria-pressed={name === 'auto' ? undefined : isOn(name)}
            onClick={() => props.pick(name)}
          >
            {name} <kbd>{keyOf(name)}</kbd>
          </button>
        )}
      </For>
      <output aria-label="Window">{windowWords(props.window)}</output>
    </fieldset>
  )
}

function wordsOf(name: WindowName): string {
  if (name === 'auto') return 'by what was scanned'
  const { centre, width } = WINDOWS[name]
  return `level ${unitWords(centre)}, width ${width} HU`
}
