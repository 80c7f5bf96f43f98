import type { WindowName } from './window-level.ts'

/** Everything the page of disagreements does by a key. */
export type VerdictAction =
  | 'verdict-reading'
  | 'verdict-yes'
  | 'verdict-no'
  | 'verdict-uncertain'
  | 'verdict-open'
  | 'verdict-next-row'
  | 'verdict-previous-row'
  | 'verdict-settle'
  | 'verdict-later'
  | 'verdict-undo'

/** Everything the desk does by a key. */
export type KeyAction = ReviewAction | VerdictAction

/** Everything the review page does by a key. Keys are tinykeys' patterns; digits by place, so that they work on every layout. */
export type ReviewAction =
  | 'accept'
  | 'lesion'
  | 'doubt'
  | 'flag'
  | 'flag-back'
  | 'undo'
  | 'redo'
  | 'next'
  | 'previous'
  | 'panel-next'
  | 'panel-previous'
  | 'zoom-in'
  | 'zoom-out'
  | 'fit'
  | 'invert'
  | 'darker'
  | 'brighter'
  | 'contrast-less'
  | 'contrast-more'
  | 'actual-size'
  | `window-${WindowName}`
  | 'figure'
  | 'page'
  | 'compare'
  | 'doubles'
  | 'compare-after'
  | 'heat-map'
  | 'heat-less'
  | 'heat-more'
  | 'box'
  | 'box-remove'
  | 'mentions'
  | 'words'
  | 'note'
  | 'discuss'
  | 'deny'
  | 'guideline'
  | 'history'
  | 'search'
  | 'keys'

export interface KeyLine {
  action: KeyAction
  keys: readonly string[]
  group: 'decide' | 'move' | 'picture' | 'caption' | 'page' | 'verdict'
  words: string
  /** Bound by place or meaning, and so not to be changed one by one. */
  fixed?: true
}

export const KEYMAP: readonly KeyLine[] = [
  {
    action: 'accept',
    keys: ['Space', 'Enter'],
    group: 'decide',
    words: 'accept everything as it stands, save, next',
  },
  {
    action: 'lesion',
    keys: ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5'],
    group: 'decide',
    words: 'flip that lesion: present or absent',
    fixed: true,
  },
  {
    action: 'doubt',
    keys: ['Shift+Digit1', 'Shift+Digit2', 'Shift+Digit3', 'Shift+Digit4', 'Shift+Digit5'],
    group: 'decide',
    words: 'uncertain; again: not assessed',
    fixed: true,
  },
  { action: 'flag', keys: ['c'], group: 'decide', words: 'flag: positive, negative, uncertain' },
  { action: 'flag-back', keys: ['Shift+c'], group: 'decide', words: 'flag, the other way round' },
  { action: 'undo', keys: ['Backspace', '$mod+z'], group: 'decide', words: 'undo, also across cases' },
  { action: 'box', keys: ['b'], group: 'decide', words: 'draw a box for the lesion in hand' },
  { action: 'box-remove', keys: ['Shift+b'], group: 'decide', words: 'take the last box away' },
  { action: 'redo', keys: ['$mod+y', '$mod+Shift+z'], group: 'decide', words: 'redo' },
  { action: 'note', keys: ['n'], group: 'decide', words: 'write a note' },
  { action: 'discuss', keys: ['d'], group: 'decide', words: 'send to discussion' },
  {
    action: 'deny',
    keys: ['x'],
    group: 'decide',
    words: 'not assessable, with a reason (on a mention: deny it)',
  },
  { action: 'next', keys: ['j', 'ArrowDown'], group: 'move', words: 'next case without deciding' },
  { action: 'previous', keys: ['k', 'ArrowUp'], group: 'move', words: 'previous case' },
  { action: 'panel-next', keys: ['ArrowRight'], group: 'move', words: 'next panel of the figure' },
  { action: 'panel-previous', keys: ['ArrowLeft'], group: 'move', words: 'previous panel of the figure' },
  { action: 'search', keys: ['/'], group: 'move', words: 'search and filter the list' },
  { action: 'zoom-in', keys: ['+', 'Shift++', '='], group: 'picture', words: 'zoom in' },
  { action: 'zoom-out', keys: ['-'], group: 'picture', words: 'zoom out' },
  {
    action: 'fit',
    keys: ['Digit0'],
    group: 'picture',
    words: 'fit, and reset brightness and contrast, or the window',
  },
  { action: 'actual-size', keys: ['Shift+Digit0'], group: 'picture', words: 'one pixel to one pixel' },
  { action: 'invert', keys: ['i'], group: 'picture', words: 'invert' },
  { action: 'darker', keys: ['['], group: 'picture', words: 'darker, or the window’s level up' },
  { action: 'brighter', keys: [']'], group: 'picture', words: 'brighter, or the window’s level down' },
  {
    action: 'contrast-less',
    keys: ['Shift+BracketLeft'],
    group: 'picture',
    words: 'less contrast, or a wider window',
  },
  {
    action: 'contrast-more',
    keys: ['Shift+BracketRight'],
    group: 'picture',
    words: 'more contrast, or a narrower window',
  },
  { action: 'window-lung', keys: ['Digit6'], group: 'picture', words: 'lung window (Hounsfield units)' },
  { action: 'window-mediastinum', keys: ['Digit7'], group: 'picture', words: 'mediastinal window' },
  { action: 'window-bone', keys: ['Digit8'], group: 'picture', words: 'bone window' },
  { action: 'window-wide', keys: ['Digit9'], group: 'picture', words: 'wide window' },
  { action: 'window-auto', keys: ['a'], group: 'picture', words: 'window by what was scanned' },
  {
    action: 'heat-map',
    keys: ['h'],
    group: 'picture',
    words: 'heat map; then 1 to 5 or c: of which',
  },
  { action: 'heat-less', keys: [','], group: 'picture', words: 'heat map fainter' },
  { action: 'heat-more', keys: ['.'], group: 'picture', words: 'heat map stronger' },
  { action: 'figure', keys: ['f'], group: 'picture', words: 'the whole figure' },
  {
    action: 'compare',
    keys: ['t'],
    group: 'picture',
    words: 'the panel before, beside this one, zoom linked',
  },
  { action: 'compare-after', keys: ['Shift+t'], group: 'picture', words: 'the panel after, likewise' },
  { action: 'page', keys: ['p'], group: 'picture', words: 'the document, at the page' },
  { action: 'doubles', keys: ['s'], group: 'picture', words: 'the same slice in other cases' },
  {
    action: 'mentions',
    keys: ['m'],
    group: 'caption',
    words: 'walk the mentions; then a panel’s letter re-pairs, x denies',
  },
  {
    action: 'words',
    keys: ['e'],
    group: 'caption',
    words: 'into the caption: arrows choose a word, ⇧ more; then a panel’s letter or a lesion’s digit',
  },
  { action: 'guideline', keys: ['g'], group: 'caption', words: 'the labelling guideline' },
  { action: 'history', keys: ['y'], group: 'caption', words: 'what was done to this case' },
  { action: 'keys', keys: ['?', 'Shift+?'], group: 'page', words: 'this list' },
  {
    action: 'verdict-reading',
    keys: ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6', 'Digit7', 'Digit8', 'Digit9'],
    group: 'verdict',
    words: 'take that reading for the row in hand',
    fixed: true,
  },
  { action: 'verdict-yes', keys: ['p'], group: 'verdict', words: 'present, or positive' },
  { action: 'verdict-no', keys: ['n'], group: 'verdict', words: 'absent, or negative' },
  { action: 'verdict-uncertain', keys: ['u'], group: 'verdict', words: 'uncertain' },
  { action: 'verdict-open', keys: ['o'], group: 'verdict', words: 'not assessed' },
  { action: 'verdict-next-row', keys: ['ArrowDown'], group: 'verdict', words: 'next row' },
  { action: 'verdict-previous-row', keys: ['ArrowUp'], group: 'verdict', words: 'previous row' },
  {
    action: 'verdict-settle',
    keys: ['Space', 'Enter'],
    group: 'verdict',
    words: 'settle, and the next case',
  },
  { action: 'verdict-later', keys: ['ArrowRight'], group: 'verdict', words: 'leave it for later' },
  { action: 'verdict-undo', keys: ['Backspace', '$mod+z'], group: 'verdict', words: 'undo the last verdict' },
]

/** The keys in force: one's own where given, else the defaults. */
export function keysOf(line: KeyLine, own: Record<string, string[]>): readonly string[] {
  return own[line.action] ?? line.keys
}

/** Another action of the same page that already has this key; null where it is free. */
export function takenBy(pattern: string, action: KeyAction, own: Record<string, string[]>): KeyLine | null {
  const isVerdict = (line: KeyLine) => line.group === 'verdict'
  const here = KEYMAP.some(line => line.action === action && isVerdict(line))
  return (
    KEYMAP.find(
      line => line.action !== action && isVerdict(line) === here && keysOf(line, own).includes(pattern),
    ) ?? null
  )
}
