const UNIT = '(?:day|week|month|year)'
const NUMBER = '(\\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)'
/** How captions say when a picture was taken, the surest first; each gives its short form. */
const PATTERNS: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [new RegExp(`\\b(${UNIT})s?\\s+(\\d{1,3})\\b`, 'i'), found => `${found[1]!.toLowerCase()} ${found[2]}`],
  [
    new RegExp(`\\b${NUMBER}\\s+(${UNIT})s?\\s+(?:later|after|post|following|from)\\b`, 'i'),
    found =>
      `${found[1]!.toLowerCase()} ${found[2]!.toLowerCase()}${/^(1|one)$/i.test(found[1]!) ? '' : 's'}`,
  ],
  [/\b(?:after|at)\s+(\d{1,3})\s+(day|week|month)s\b/i, found => `${found[1]} ${found[2]!.toLowerCase()}s`],
  [
    /\b(baseline|on admission|at admission|discharge|follow-up|initial|first scan)\b/i,
    found => found[1]!.toLowerCase(),
  ],
]
/** A time stands at the head of what is said of a panel. */
const HEAD = 90

/**
 * When a panel was taken, in a word or two, where its caption says so right behind its letter ("(B) Day 7 after onset:"):
 * what changed is judged from one time to the next. Null where nothing is said; never a guess from another panel.
 */
export function timePoint(caption: string, panel: string | null): string | null {
  if (!panel || !/^[A-Za-z]\d?$/.test(panel)) return null
  const letter = new RegExp(`\\(${panel}\\)|(?:^|[.;]\\s+)${panel}[,:.)]\\s`, 'g')
  const found = [...caption.matchAll(letter)]
  const [head] = found
  if (!head || found.length > 1) return null
  const rest = caption.slice(head.index + head[0].length, head.index + head[0].length + HEAD)
  // The next panel's letter ends what is said of this one.
  const own = rest.split(/\([A-Za-z]\d?\)|[.;]\s/)[0] ?? ''
  for (const [pattern, words] of PATTERNS) {
    const match = pattern.exec(own)
    if (match) return words(match)
  }
  return null
}
