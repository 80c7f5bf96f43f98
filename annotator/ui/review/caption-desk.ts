import { createSignal } from 'solid-js'
import type { ActPayload } from '../../../data/records/act.ts'
import { LESIONS } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { speaksOf } from './caption-segments.ts'
import type { WordSpan } from './caption-words.ts'
import type { KeyPress } from './key-patterns.ts'

/** The panels a mention can be given to: those of the figure's cases and those the caption names. */
export function panelsOf(reply: CaseReply): string[] {
  const named = reply.case.mentions.flatMap(mention => mention.panels)
  const there = reply.siblings.flatMap(sibling => (sibling.panel ? [sibling.panel.toUpperCase()] : []))
  return [...new Set([...there, ...named])].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/**
 * The caption in hand: which mention is walked to, which words are selected, and the acts that keys make of them.
 * A panel's letter gives the mention (or the selected words) to that panel; `x` denies it; a digit makes the
 * selected words a mention of that lesion.
 */
export function createCaptionDesk(reply: () => CaseReply | null, act: (payload: ActPayload) => void) {
  const [focused, setFocused] = createSignal(-1)
  const [hovered, setHovered] = createSignal(-1)
  const [selected, setSelected] = createSignal<WordSpan | null>(null)

  let into = (): void => {}

  function rePair(panels: string[]): boolean {
    const span = selected() ?? reply()?.case.mentions[focused()]
    if (!span) return false
    act({ kind: 're-pair', start: span.start, end: span.end, panels })
    setSelected(null)
    document.getSelection()?.removeAllRanges()
    return true
  }

  function deny(): boolean {
    const mention = reply()?.case.mentions[focused()]
    if (!mention) return false
    const { start, end, lesion, assertion, panels } = mention
    act({ kind: 'mention', start, end, lesion, assertion, panels, denied: true })
    setFocused(-1)
    return true
  }

  function addMention(nth: number): boolean {
    const span = selected()
    const now = reply()
    const lesion = LESIONS[nth]
    if (!span || !now || !lesion) return false
    const panels = now.case.panel && panelsOf(now).length > 1 ? [now.case.panel] : []
    act({ kind: 'mention', ...span, lesion, assertion: 'present', panels })
    setSelected(null)
    document.getSelection()?.removeAllRanges()
    return true
  }

  return {
    focused,
    setFocused,
    setHovered,
    /** The mention whose rule and cue are shown: the one walked to, else the one under the pointer. */
    inHand: () => (focused() >= 0 ? focused() : hovered()),
    selected,
    setSelected,
    /** Puts the focus into the caption, on a word of it: what that takes is given by whoever draws it. */
    enter: () => into(),
    whenEntered(run: () => void) {
      into = run
    },
    rePair,
    deny,
    addMention,
    /** The next mention: first those that speak of this panel, then the others; after the last, none. */
    walk() {
      const now = reply()
      setSelected(null)
      if (!now) return
      const own = (index: number) => speaksOf(now.case.mentions[index] ?? { panels: [] }, now.case.panel)
      const all = now.case.mentions.map((_, index) => index)
      const order = [...all.filter(own), ...all.filter(index => !own(index))]
      setFocused(at => order[order.indexOf(at) + 1] ?? -1)
    },
    leave() {
      setFocused(-1)
      setHovered(-1)
      setSelected(null)
    },
    /** Takes a key while a mention or words are in hand; false where the key is not for the caption. */
    takesKey(event: KeyPress): boolean {
      const now = reply()
      if (!now || (focused() < 0 && !selected()) || event.ctrlKey || event.metaKey || event.altKey)
        return false
      if (event.key === 'Escape') {
        setFocused(-1)
        setSelected(null)
        document.getSelection()?.removeAllRanges()
        // Out of the caption: the arrows are the list's and the panels' again.
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
        return true
      }
      const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1]
      if (selected() && digit && !event.shiftKey) return addMention(Number(digit) - 1)
      const letter = event.key.toUpperCase()
      if (letter === 'M') return false
      if (panelsOf(now).includes(letter)) return rePair([letter])
      if (letter === 'X' && focused() >= 0) return deny()
      if (event.key === '*') return rePair([])
      return false
    },
  }
}

export type CaptionDesk = ReturnType<typeof createCaptionDesk>
