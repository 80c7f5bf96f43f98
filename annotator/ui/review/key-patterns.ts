const SIGNS: Record<string, string> = {
  $mod: 'Ctrl',
  Shift: '⇧',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  BracketLeft: '[',
  BracketRight: ']',
  Backspace: '⌫',
}

/** A pattern as it is printed on the key: `Shift+Digit1` is ⇧1. */
export function keySign(pattern: string): string {
  if (pattern === '+' || pattern === 'Shift++') return '+'
  return pattern
    .split('+')
    .map(
      part =>
        SIGNS[part] ??
        part
          .replace(/^Digit/, '')
          .replace(/^Key/, '')
          .toLowerCase()
          .replace(/^(space|enter)$/, sign => (sign === 'space' ? 'Space' : 'Enter')),
    )
    .join(' ')
}

/** What is read of a key event. */
export interface KeyPress {
  key: string
  code: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** The pattern of a key that was just pressed, for keys of one's own; null for a modifier alone. */
export function patternOf(event: KeyPress): string | null {
  if (['Shift', 'Control', 'Meta', 'Alt', 'AltGraph', 'Tab', 'Escape'].includes(event.key)) return null
  const mods = [
    event.ctrlKey || event.metaKey ? '$mod' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey ? 'Shift' : '',
  ]
  const key =
    event.key === ' '
      ? 'Space'
      : event.key.length === 1 && /[a-z]/i.test(event.key)
        ? event.key.toLowerCase()
        : event.key
  return [...mods.filter(Boolean), key].join('+')
}
