import { sentenceWords as words } from '../lexicon/word-lists.ts'
import type { EntryMatch } from './compiled.ts'
import type { Token } from './tokens.ts'

/** A sentence, list item or section head of a text, as a range of tokens, and the section it stands in. */
export interface Sentence {
  from: number
  to: number
  section: string | null
  /** Why lesion words of its section are no mentions; null where they are. */
  skip: string | null
}

const SHORT_LINE = 55
/** Bounds the work on one sentence: tables and garbage come without a full stop. */
const LONGEST_SENTENCE = 400

const isLabel = (token: Token) =>
  (token.kind === 'word' &&
    (token.text.length === 1 ||
      (token.text.length <= 3 && /^([a-z]\d{1,2}|\d{1,2}[a-z]|i{1,3}|iv|vi?)$/.test(token.text)))) ||
  (token.kind === 'number' && token.text.length <= 2)
const startsUpper = (token: Token) => {
  const code = token.cased.charCodeAt(0)
  return (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0xde)
}

/**
 * Cuts tokens into sentences. Written for captions and reports: enumerators and panel letters stay with what they
 * head ("A. CT showed"), a lost blank after a full stop still ends a sentence, list items and short lines are
 * sentences of their own, and lines wrapped by a PDF are not.
 */
export function sentencesOf(tokens: readonly Token[], matches: readonly EntryMatch[]): Sentence[] {
  const heads = sectionHeads(tokens, matches)
  const sentences: Sentence[] = []
  let from = 0
  let lineStart = 0
  let section: string | null = null
  let skip: string | null = null
  const close = (to: number) => {
    if (to > from) sentences.push({ from, to, section, skip })
    from = to
  }
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    const head = heads.get(i)
    if (i > from) {
      const before = tokens[i - 1] as Token
      if (head || i - from >= LONGEST_SENTENCE) close(i)
      else if (token.breaks > 0 && breaksSentence(tokens, i, before, lineStart)) close(i)
      else if (before.kind === 'sign' && endsSentence(tokens, from, i, before)) close(i)
      else if (before.text === ':' && token.kind === 'number' && isEnumerator(tokens, i)) close(i)
    }
    if (head) {
      section = head.id
      skip = head.skip
    } else if (token.breaks >= 2 && skip !== null && section !== 'plan' && from === i) {
      // An empty line ends a history or comparison, so that what follows counts again.
      section = null
      skip = null
    }
    if (token.breaks > 0) lineStart = token.start
  }
  close(tokens.length)
  return sentences
}

function isEnumerator(tokens: readonly Token[], i: number): boolean {
  const mark = tokens[i + 1]
  return mark !== undefined && (mark.text === '.' || mark.text === ')') && tokens[i + 2]?.spaced === true
}

function breaksSentence(tokens: readonly Token[], i: number, before: Token, lineStart: number): boolean {
  const token = tokens[i] as Token
  if (token.breaks >= 2) return true
  if (token.text === '•' || token.text === '*' || token.text === '-' || token.text === '>') return true
  if (before.text === ',' || before.text === '-') return false
  if (isLabel(token) && (tokens[i + 1]?.text === '.' || tokens[i + 1]?.text === ')')) return true
  return startsUpper(token) && before.end - lineStart < SHORT_LINE
}

function endsSentence(tokens: readonly Token[], from: number, i: number, before: Token): boolean {
  const token = tokens[i] as Token
  // "CXR: ? consolidation" asks for what follows.
  if (before.text === '?' && before.spaced) return false
  if (before.text === '!' || before.text === '?') return token.spaced && token.text !== ')'
  if (before.text !== '.') return false
  const word = tokens[i - 2]
  if (!word || i - 2 < from) return false
  if (
    token.kind === 'sign' &&
    token.text !== '(' &&
    token.text !== '[' &&
    token.text !== '•' &&
    token.text !== '-' &&
    token.text !== '*'
  )
    return false
  // The label at the head of a sentence, or one of a row of labels: "A. CT", "a. b. c. d. Chest", "1. Stable".
  if (isLabel(word) && !word.hyphened) {
    const first =
      i - 2 === from || (tokens[i - 3] as Token).text === '.' || (tokens[i - 3] as Token).text === '('
    if (first && word.kind === 'word') return false
    if (word.kind === 'number' && i - 2 === from) return false
    if (word.kind === 'number') return true
    return token.spaced
  }
  if (word.kind === 'word' && words.abbreviated.has(word.text)) {
    if (word.text === 'al' || word.text === 'etc') return startsUpper(token)
    return false
  }
  if (word.text === 'no' && token.kind === 'number') return false
  if (word.kind === 'word' && word.text.length === 1 && !word.spaced)
    return token.spaced && startsUpper(token)
  if (!token.spaced) return startsUpper(token) || token.kind === 'sign'
  return true
}

/** Section heads: a known head with a colon behind it, capitalised or on a line of its own. */
function sectionHeads(
  tokens: readonly Token[],
  matches: readonly EntryMatch[],
): Map<number, { id: string; skip: string | null }> {
  const heads = new Map<number, { id: string; skip: string | null }>()
  // "Impression and plan:" is one head.
  let reached = 0
  for (const { entry, from, to } of matches) {
    if (entry.role !== 'section' || from < reached) continue
    reached = to
    const first = tokens[from] as Token
    const after = tokens[to]
    const before = tokens[from - 1]
    const alone = first.breaks > 0 || from === 0
    const colon = after?.text === ':' || (after?.text === '-' && alone && after.spaced)
    const shouted =
      alone &&
      after !== undefined &&
      after.breaks > 0 &&
      first.cased === first.cased.toUpperCase() &&
      first.cased.length > 3
    if (!colon && !shouted) continue
    if (!alone && !startsUpper(first)) continue
    if (
      !alone &&
      before &&
      before.kind === 'word' &&
      startsUpper(before) &&
      before.breaks === 0 &&
      !shoutedHead(first)
    )
      continue
    heads.set(from, { id: entry.id, skip: entry.skip })
  }
  return heads
}

const shoutedHead = (token: Token) => token.cased.length > 3 && token.cased === token.cased.toUpperCase()
