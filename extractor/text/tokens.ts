import type { PlainText } from './characters.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Ids of tokens that are no word of the lexicon. */
export const UNKNOWN = 0
export const NUMBER = 1

/** A word, number or sign; `start` and `end` are offsets into the text as given. */
export interface Token {
  /** Id in the vocabulary; UNKNOWN or NUMBER else. */
  word: number
  /** Lower case, plain characters. */
  text: string
  /** As written, plain characters. */
  cased: string
  start: number
  end: number
  /** Blank or line break before it. */
  spaced: boolean
  /** Joined to the token before by a hyphen or dash without blanks. */
  hyphened: boolean
  /** Line breaks before it (0, 1, 2: an empty line). */
  breaks: number
  kind: 'word' | 'number' | 'sign'
}

const isDigit = (code: number) => code >= 48 && code <= 57
const isWordCode = (code: number) => (code >= 97 && code <= 122) || (code >= 0xdf && code !== 0xf7)
const BULLET = 0x2022

/** Longest run of letters taken as one word: no word is longer, and it bounds all work on one token. */
const LONGEST = 120

/**
 * Splits a plain text into words, numbers and signs in one pass. Hyphens inside compounds are kept as the mark
 * `hyphened` on the next token, so that "ground-glass" and "ground glass" are the same two words.
 */
export function tokenize(plain: PlainText, vocabulary: Vocabulary): Token[] {
  const { text, cased, starts, ends } = plain
  const tokens: Token[] = []
  let spaced = true
  let hyphened = false
  let breaks = 0
  const push = (from: number, to: number, kind: Token['kind']) => {
    const word = text.slice(from, to)
    tokens.push({
      word: kind === 'number' ? NUMBER : vocabulary.idOf(word),
      text: word,
      cased: cased.slice(from, to),
      start: starts ? (starts[from] as number) : from,
      end: ends ? (ends[to - 1] as number) : to,
      spaced,
      hyphened,
      breaks,
      kind,
    })
    spaced = false
    hyphened = false
    breaks = 0
  }
  const pushWord = (from: number, to: number) => {
    const word = text.slice(from, to)
    const pieces = vocabulary.repair(word)
    if (pieces === null) {
      push(from, to, 'word')
      return
    }
    let at = from
    for (const piece of pieces) {
      push(at, at + piece.length, 'word')
      const token = tokens[tokens.length - 1] as Token
      token.word = vocabulary.idOf(piece.as)
      token.text = piece.as
      at += piece.length
    }
  }
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i)
    if (code === 32 || code === 9 || code === 13 || code === 12 || code === 11) {
      spaced = true
      i++
    } else if (code === 10) {
      spaced = true
      if (breaks < 2) breaks++
      i++
    } else if (isWordCode(code)) {
      let to = i + 1
      while (to < text.length && to - i < LONGEST) {
        const next = text.charCodeAt(to)
        if (isWordCode(next) || isDigit(next)) to++
        else if (next === 39 && isWordCode(text.charCodeAt(to + 1))) to++
        else break
      }
      pushWord(i, to)
      i = to
    } else if (isDigit(code)) {
      let to = i + 1
      while (to < text.length && to - i < LONGEST) {
        const next = text.charCodeAt(to)
        if (isDigit(next)) to++
        else if ((next === 46 || next === 44) && isDigit(text.charCodeAt(to + 1))) to++
        else break
      }
      const digits = to
      while (to < text.length && to - i < LONGEST && isWordCode(text.charCodeAt(to))) to++
      if (to === digits) push(i, to, 'number')
      else if (to - digits <= 3 || vocabulary.knows(text.slice(i, to))) push(i, to, 'word')
      else {
        // "19patients": the number and the word after a lost blank.
        push(i, digits, 'number')
        to = digits
      }
      i = to
    } else if (code === 45) {
      const before =
        i > 0 && !spaced && (isWordCode(text.charCodeAt(i - 1)) || isDigit(text.charCodeAt(i - 1)))
      const next = text.charCodeAt(i + 1)
      if (before && (isWordCode(next) || isDigit(next))) {
        hyphened = true
        i++
      } else if (before && next === 32 && hangs(text, i + 2)) {
        // "inter- and intralobular": the hyphen stands for what comes later.
        i++
      } else {
        push(i, i + 1, 'sign')
        i++
      }
    } else {
      push(i, i + 1, 'sign')
      if (code === BULLET) (tokens[tokens.length - 1] as Token).text = '•'
      i++
    }
  }
  return vocabulary.rejoin(tokens)
}

/** Whether "and" or "or" follows, as after a hanging hyphen. */
function hangs(text: string, at: number): boolean {
  return text.startsWith('and ', at) || text.startsWith('or ', at) || text.startsWith('and/', at)
}
