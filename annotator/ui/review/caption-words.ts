/** A part of the caption, in UTF-16 units. */
export interface WordSpan {
  start: number
  end: number
}

/** Which words are chosen: where the choice began, and where it goes on, by their index. */
export interface WordChoice {
  anchor: number
  head: number
}

/** The words of a caption: letters and digits, with hyphens and apostrophes inside them. */
export function captionWords(caption: string): WordSpan[] {
  return [...caption.matchAll(/[\p{L}\p{N}]+(?:[-–’'][\p{L}\p{N}]+)*/gu)].map(found => ({
    start: found.index,
    end: found.index + found[0].length,
  }))
}

/** The choice that a span of the caption stands for; null where no word lies in it. */
export function choiceOf(words: readonly WordSpan[], span: WordSpan | null): WordChoice | null {
  if (!span) return null
  const anchor = words.findIndex(word => word.end > span.start)
  const head = words.findLastIndex(word => word.start < span.end)
  return anchor < 0 || head < anchor ? null : { anchor, head }
}

/**
 * One step of the choice: another word, or with `extend` one more or less. Without a choice it begins at the first
 * word, or backwards at the last (a step over all of them goes to their end); at either end of the caption it stays.
 */
export function stepChoice(
  count: number,
  now: WordChoice | null,
  step: number,
  extend: boolean,
): WordChoice | null {
  if (count === 0) return null
  const within = (at: number) => Math.min(count - 1, Math.max(0, at))
  if (!now) {
    const at = step === 1 || step === -count ? 0 : count - 1
    return { anchor: at, head: at }
  }
  const head = within(now.head + step)
  return { anchor: extend ? now.anchor : head, head }
}

/** The span of a choice, from the beginning of its first word to the end of its last. */
export function spanOf(words: readonly WordSpan[], { anchor, head }: WordChoice): WordSpan {
  const first = words[Math.min(anchor, head)]!
  const last = words[Math.max(anchor, head)]!
  return { start: first.start, end: last.end }
}
