import { createKeybindingsHandler } from 'tinykeys'
import { KEYMAP, type KeyAction, keysOf } from './keymap.ts'

/** What a page does by its keys; a line of the map that it does not name is another page's. */
export type KeyHandlers = { readonly [action in KeyAction]?: (event: KeyboardEvent) => void }

/** Where a key is text, or belongs to the control in focus, it is not ours. */
export function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('dialog, [contenteditable], [role="menu"]')) return true
  if (target.matches('textarea, select, input:not([type="radio"], [type="checkbox"])')) return true
  const byKeyboard = target.matches(':focus-visible')
  if (target.matches('input') && byKeyboard) return /^(Arrow|Space$)/.test(event.code)
  // A button reached by Tab keeps Space and Enter.
  return (
    byKeyboard &&
    target.matches('a, button, summary, [role="button"]') &&
    /^(Space|Enter|NumpadEnter)$/.test(event.code)
  )
}

/**
 * Listens for the desk's keys. `first` may take a key before them (a cause, a panel's letter) by returning true.
 * With single keys off only those with Ctrl stay.
 */
export function bindKeys(
  handlers: KeyHandlers,
  options: { own: Record<string, string[]>; singleKeys: boolean; first: (event: KeyboardEvent) => boolean },
): () => void {
  const map: Record<string, (event: KeyboardEvent) => void> = {}
  for (const line of KEYMAP) {
    const handle = handlers[line.action]
    if (!handle) continue
    for (const pattern of keysOf(line, options.own)) {
      if (!options.singleKeys && !pattern.startsWith('$mod')) continue
      map[pattern] = event => {
        event.preventDefault()
        handle(event)
      }
    }
  }
  const known = createKeybindingsHandler(map)
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || belongsToControl(event)) return
    if (options.singleKeys && options.first(event)) {
      event.preventDefault()
      return
    }
    known(event)
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}

/**
 * A click on the desk leaves the focus where it was, so that Space goes on accepting after it. Fields of text and
 * windows take the focus as ever.
 */
export function keepFocusOnClick(): () => void {
  const listen = (event: MouseEvent) => {
    const target = event.target
    if (target instanceof Element && target.closest('button, label.option') && !target.closest('dialog'))
      event.preventDefault()
  }
  document.addEventListener('mousedown', listen)
  return () => document.removeEventListener('mousedown', listen)
}
