import type { WordSpan } from './caption-words.ts'

/** The caption's own characters in a range: the codes written above mentions are not its words. */
function ownText(range: Range): string {
  const part = range.cloneContents()
  for (const code of part.querySelectorAll('sup')) code.remove()
  return part.textContent ?? ''
}

/** The words of a caption that are selected on the page, without blanks at their ends; null where none are. */
export function selectedSpan(caption: HTMLElement): WordSpan | null {
  const selection = document.getSelection()
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null
  const range = selection.getRangeAt(0)
  if (!caption.contains(range.commonAncestorContainer)) return null
  const before = document.createRange()
  before.selectNodeContents(caption)
  before.setEnd(range.startContainer, range.startOffset)
  const start = ownText(before).length
  const chosen = ownText(range)
  const end = start + chosen.trimEnd().length
  const from = start + (chosen.length - chosen.trimStart().length)
  return end > from ? { start: from, end } : null
}

/** Where in the page a span of the caption lies. */
export function rangeOf(caption: HTMLElement, span: WordSpan): Range {
  const range = document.createRange()
  const texts = document.createTreeWalker(caption, NodeFilter.SHOW_TEXT, node =>
    node.parentElement?.closest('sup') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  )
  let at = 0
  for (let node = texts.nextNode() as Text | null; node; node = texts.nextNode() as Text | null) {
    const next = at + node.length
    if (at <= span.start && span.start < next) range.setStart(node, span.start - at)
    if (at < span.end && span.end <= next) {
      range.setEnd(node, span.end - at)
      break
    }
    at = next
  }
  return range
}

/** Selects a span of the caption on the page and brings it into sight. */
export function selectSpan(caption: HTMLElement, span: WordSpan): void {
  const range = rangeOf(caption, span)
  const selection = document.getSelection()
  selection?.removeAllRanges()
  selection?.addRange(range)
  const box = caption.parentElement
  if (!box) return
  const { top, bottom } = range.getBoundingClientRect()
  const sight = box.getBoundingClientRect()
  if (top < sight.top) box.scrollTop -= sight.top - top
  else if (bottom > sight.bottom) box.scrollTop += bottom - sight.bottom
}

/** The word on the line above or below that lies nearest to another, by the middle of each; -1 where there is none. */
export function wordOnLine(
  caption: HTMLElement,
  words: readonly WordSpan[],
  from: number,
  step: 1 | -1,
): number {
  const boxes = words.map(word => rangeOf(caption, word).getBoundingClientRect())
  const here = boxes[from]
  if (!here) return -1
  const isBeyond = (box: DOMRect) => (step > 0 ? box.top >= here.bottom - 2 : box.bottom <= here.top + 2)
  const lines = boxes.filter(isBeyond).map(box => box.top)
  if (lines.length === 0) return -1
  const line = step > 0 ? Math.min(...lines) : Math.max(...lines)
  const middle = here.left + here.width / 2
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const [at, box] of boxes.entries()) {
    const away = Math.abs(box.left + box.width / 2 - middle)
    if (Math.abs(box.top - line) > 4 || away >= least) continue
    best = at
    least = away
  }
  return best
}
