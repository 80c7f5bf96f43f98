import { panelWords as words } from '../lexicon/word-lists.ts'
import type { Token } from './tokens.ts'

/** Longest group of letters looked at, which bounds the work on a bracket that never closes. */
export const LONGEST_GROUP = 24

export interface Parsed {
  labels: string[]
  to: number
}

/** Reads "A", "A-C", "A, B and D", "A1–A3", "1B" from a position on. */
export function readLabels(
  tokens: readonly Token[],
  at: number,
  allowNumbers: boolean,
  loose: boolean,
): Parsed | null {
  const labels: string[] = []
  let i = at
  let carried = ''
  const limit = Math.min(tokens.length, at + LONGEST_GROUP)
  while (i < limit) {
    const token = tokens[i] as Token
    const label = labelOf(token, allowNumbers, carried)
    if (label === null) break
    if (/^\d+[A-Z]$/.test(label)) carried = label.slice(0, -1)
    labels.push(label)
    i++
    // A range: hyphen without blanks, dash between blanks, "to", "through".
    let next = tokens[i]
    let range = next?.hyphened === true
    if (
      !range &&
      next &&
      (next.text === '-' || next.text === 'to' || next.text === 'through' || next.text === '~')
    ) {
      if (labelOf(tokens[i + 1], allowNumbers, carried) !== null) {
        range = true
        i++
        next = tokens[i]
      }
    }
    if (range && next) {
      const end = labelOf(next, allowNumbers, carried)
      if (end === null) return null
      const between = labelsBetween(label, end)
      if (!between) {
        if (!loose) return null
        labels.push(end)
      } else labels.push(...between)
      i++
    }
    // One joiner, or ", and".
    let j = i
    while (
      j < limit &&
      j < i + 2 &&
      words.joiners.has(tokens[j]?.text ?? '') &&
      (loose || tokens[j]?.text !== '/')
    )
      j++
    if (j === i) break
    const following = labelOf(tokens[j], allowNumbers, carried)
    if (following === null || !plausibleNext(tokens, j, loose)) break
    i = j
  }
  return labels.length > 0 ? { labels: [...new Set(labels)], to: i } : null
}

/** In running text "A, a 45-year-old" must not read as two letters. */
function plausibleNext(tokens: readonly Token[], at: number, inBracket: boolean): boolean {
  if (inBracket) return true
  const token = tokens[at] as Token
  if (token.cased === 'a') return false
  const after = tokens[at + 1]
  return token.cased !== 'A' || after === undefined || after.kind === 'sign'
}

export function labelOf(token: Token | undefined, allowNumbers: boolean, carried: string): string | null {
  if (!token) return null
  const { text } = token
  if (token.kind === 'number') return allowNumbers && /^\d{1,2}$/.test(text) ? text : null
  if (token.kind !== 'word') return null
  if (/^[a-z]$/.test(text)) return carried + text.toUpperCase()
  if (/^([a-z]1?\d|\d{1,2}[a-z])$/.test(text)) return text.toUpperCase()
  if (/^[a-z]\d?'$/.test(text)) return text.toUpperCase()
  if (/^(ii|iii|iv|vi|vii|viii)$/.test(text)) return text.toUpperCase()
  return null
}

/** B, C for A…C; A2, A3 for A1…A3; null where it is no range of panels. */
function labelsBetween(from: string, to: string): string[] | null {
  const a = /^(\d*)([A-Z]?)(\d*)$/.exec(from)
  const b = /^(\d*)([A-Z]?)(\d*)$/.exec(to)
  if (!a || !b) return null
  const out: string[] = []
  if (a[2] && b[2] && a[3] === '' && b[3] === '' && (a[1] === b[1] || b[1] === '')) {
    const low = a[2].charCodeAt(0)
    const high = b[2].charCodeAt(0)
    if (high <= low) return null
    for (let code = low + 1; code <= high; code++) out.push((a[1] ?? '') + String.fromCharCode(code))
    return out
  }
  const numbered = a[3] !== '' && (b[3] !== '' || b[1] !== '') && (a[2] === b[2] || b[2] === '')
  const plain = a[2] === '' && b[2] === ''
  if (numbered || plain) {
    const low = Number(numbered ? a[3] : a[1])
    const high = Number(numbered ? b[3] || b[1] : b[1])
    if (!(high > low) || high - low > 40) return null
    for (let n = low + 1; n <= high; n++) out.push((numbered ? (a[2] ?? '') : '') + n)
    return out
  }
  return null
}

/** A stop, colon, semicolon or comma, after which a letter may head what follows. */
export const isMark = (token: Token | undefined) =>
  token !== undefined &&
  (token.text === ':' || token.text === ';' || token.text === '.' || token.text === ',')
