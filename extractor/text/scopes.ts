import { assertionWords as words } from '../lexicon/word-lists.ts'
import {
  type CompiledLexicon,
  DIAGNOSIS,
  END_ALL,
  END_PAST,
  END_RELATIVE,
  END_VERB,
  type Entry,
  type EntryMatch,
  FINDING,
  RESUMES,
} from './compiled.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

export type Cue = Extract<Entry, { role: 'cue' }>

/** A cue with the tokens it speaks of: `low`…`high`, `high` exclusive. */
export interface ScopedCue {
  cue: Cue
  from: number
  to: number
  low: number
  high: number
}

/** Words from a negation within which a noun of change is its object. */
const CHANGE_WITHIN = 6

/**
 * The cues of one sentence with their scopes, in the way of ConText (Harkema et al., J Biomed Inform 2009): each has a
 * direction, and its scope ends at a termination, at another cue that says something else, or at the sentence's end.
 * A cue inside a longer one is out of play, which is how pseudo-cues ("no change in") work.
 */
export function scopesOf(
  tokens: readonly Token[],
  sentence: Sentence,
  matches: readonly EntryMatch[],
  compiled: CompiledLexicon,
): ScopedCue[] {
  const cues: ScopedCue[] = []
  let covered = -1
  let coveredFrom = -1
  for (const match of matches) {
    if (match.entry.role !== 'cue') continue
    if (match.to <= covered && match.from > coveredFrom) continue
    if (match.entry.opening && match.from > sentence.from + 1) continue
    if (match.entry.closing && match.to < sentence.to && tokens[match.to]?.kind !== 'sign') continue
    if (match.to > covered) {
      covered = match.to
      coveredFrom = match.from
    }
    cues.push({ cue: match.entry, from: match.from, to: match.to, low: 0, high: 0 })
  }
  const turns = cues.length > 0 ? turnsOf(tokens, sentence, compiled) : new Uint8Array(0)
  for (let i = 0; i < cues.length; i++) {
    const scoped = cues[i] as ScopedCue
    if (scoped.cue.direction === 'forward') {
      scoped.low = scoped.to
      scoped.high = forwardEnd(tokens, sentence, cues, i, compiled, turns)
    } else if (scoped.cue.direction === 'backward') {
      scoped.low = backwardStart(tokens, sentence, cues, i, compiled)
      scoped.high = scoped.from
    }
  }
  for (const scoped of cues) denyChange(tokens, sentence, cues, scoped)
  return cues
}

const speaks = (cue: Cue) => cue.category !== 'affirmed'

const TURNING = new Set(['with', 'and', 'in', 'other', ...words.now, ...words.narrowEnd, ...words.inside])

/**
 * By token of a sentence, whether a forward scope may end there, or be read differently from there on. Looked up once:
 * where cues stand close, each token lies in many scopes.
 */
function turnsOf(
  tokens: readonly Token[],
  { from, to }: Sentence,
  { marks }: Pick<CompiledLexicon, 'marks'>,
): Uint8Array {
  const turns = new Uint8Array(to - from)
  for (let i = from; i < to; i++) {
    const { kind, word, text } = tokens[i] as Token
    const isTurn =
      kind === 'sign' ||
      ((marks[word] as number) & (END_ALL | END_RELATIVE | END_VERB | DIAGNOSIS)) !== 0 ||
      TURNING.has(text)
    if (isTurn) turns[i - from] = 1
  }
  return turns
}

function forwardEnd(
  tokens: readonly Token[],
  sentence: Sentence,
  cues: readonly ScopedCue[],
  index: number,
  { marks }: CompiledLexicon,
  turns: Uint8Array,
): number {
  const { cue, from, to } = cues[index] as ScopedCue
  const limit = Math.min(sentence.to, to + cue.reach)
  const loose = cue.category === 'general' || cue.category === 'hypothetical' || cue.category === 'history'
  let depth = 0
  let next = index + 1
  let diagnosis = false
  for (let i = to; i < limit; i++) {
    while (next < cues.length && (cues[next] as ScopedCue).from < i) next++
    const other = cues[next]
    const isOther = other !== undefined && other.from === i && other.cue.category !== cue.category
    if (!isOther && turns[i - sentence.from] === 0) continue
    const token = tokens[i] as Token
    const mark = marks[token.word] as number
    if (token.text === '(') depth++
    else if (token.text === ')') {
      if (depth === 0 && hasOpen(tokens, sentence.from, from)) return i
      depth--
    }
    if (isOther && i > to && !loose) {
      const c = other.cue
      const nested = i - to <= 1 && c.category === 'possible'
      if (
        !nested &&
        c.direction !== 'backward' &&
        speaks(c) &&
        !(c.category === 'asserted' && cue.category === 'resolved' && token.text !== 'with')
      )
        return i
    }
    if (i === to && token.text !== ';' && token.text !== '.') {
      if (mark & DIAGNOSIS) diagnosis = true
      continue
    }
    if (token.text === ';' && cue.category !== 'general') return i
    if (token.text === ':' && !loose) return i
    if ((mark & END_ALL && !(token.text === 'only' && loose)) || isOtherThan(tokens, i)) return i
    if (cue.category === 'history' && words.now.has(token.text)) return i
    if (cue.narrow && (words.narrowEnd.has(token.text) || mark & (END_VERB | END_RELATIVE))) return i
    if (loose) continue
    if (mark & END_RELATIVE && !(token.text === 'as' && tokens[i + 1]?.text === 'well')) return i
    if (mark & END_VERB) return i
    if (cue.category === 'possible' && !cue.wide) {
      if (token.text === 'with') return i
      if (token.text === ',' && !alternativeFollows(tokens, i, sentence.to, diagnosis)) return i
      if (token.text === 'in' && diagnosis) return i
      if (token.text === 'and' && diagnosis) return i
    } else if (cue.category === 'negated' || cue.category === 'resolved') {
      if (token.text === ',' && !listGoesOn(tokens, i, sentence.to, marks)) return i
      if (token.text === 'and' && endsAfterAnd(tokens, i, marks)) return i
      if (words.inside.has(token.text) && namesFinding(tokens, i, marks)) return i
      if (token.text === '.') return i
    }
    if (mark & DIAGNOSIS) diagnosis = true
  }
  return limit
}

function isOtherThan(tokens: readonly Token[], i: number): boolean {
  return tokens[i]?.text === 'other' && tokens[i + 1]?.text === 'than'
}

/** "no air bronchogram within the consolidation": what it is missing from is there. */
function namesFinding(tokens: readonly Token[], at: number, marks: Uint16Array): boolean {
  if (!words.points.has(tokens[at + 1]?.text ?? '')) return false
  for (let i = at + 2; i < Math.min(tokens.length, at + 4); i++)
    if ((marks[(tokens[i] as Token).word] as number) & FINDING) return true
  return false
}

/** Whether an opening bracket before `at` is still open. */
function hasOpen(tokens: readonly Token[], from: number, at: number): boolean {
  let depth = 0
  for (let i = at - 1; i >= from && i > at - 60; i--) {
    if (tokens[i]?.text === ')') depth++
    else if (tokens[i]?.text === '(') {
      if (depth === 0) return true
      depth--
    }
  }
  return false
}

const FAR = 40

/** After a hedge: ", or infarction" and ", edema or hemorrhage" go on, other commas end it. */
function alternativeFollows(tokens: readonly Token[], comma: number, to: number, near: boolean): boolean {
  const last = Math.min(to, comma + (near ? 4 : 10))
  for (let i = comma + 1; i < last; i++) {
    const text = tokens[i]?.text
    if (text === 'or' || text === 'versus' || text === 'vs' || text === '/') return true
    if (text === ',' && near) return false
    if (text === ';' || text === '.') return false
  }
  return false
}

/**
 * After a comma in a negation's scope: does the list go on ("no A, B or C"; "no A, B, C") or does something new
 * begin ("no effusion, bilateral consolidation"; "no effusion, consolidation is seen")?
 */
function listGoesOn(tokens: readonly Token[], comma: number, to: number, marks: Uint16Array): boolean {
  let i = comma + 1
  const first = tokens[i]
  if (!first) return false
  if (first.text === 'or' || first.text === 'nor') return true
  if (first.text === 'and') {
    const after = tokens[i + 1]
    if (!after) return false
    if (after.text === 'no' || after.text === 'without' || after.text === 'not') return true
    i++
  }
  const firstMark = marks[(tokens[i] as Token).word] as number
  let verb = false
  let resumes = (firstMark & RESUMES) !== 0
  let or = false
  const last = Math.min(to, comma + FAR)
  for (let j = i; j < last; j++) {
    const token = tokens[j] as Token
    if (token.text === ';') break
    if (token.text === 'or' || token.text === 'nor') {
      or = true
      break
    }
    if (token.text === ',' && j > i) resumes = resumes && true
    const mark = marks[token.word] as number
    if (mark & END_ALL) break
    if (mark & END_VERB) {
      verb = true
      break
    }
  }
  if (or) return true
  return !verb && !resumes
}

/** After "and" in a negation's scope: a new statement with its own verb, or more of the list? */
function endsAfterAnd(tokens: readonly Token[], at: number, marks: Uint16Array): boolean {
  for (let i = at + 1; i < Math.min(tokens.length, at + 3); i++) {
    const token = tokens[i] as Token
    if ((marks[token.word] as number) & (END_VERB | END_ALL)) return true
    if (i === at + 1 && words.afterAnd.has(token.text)) return true
  }
  return false
}

function backwardStart(
  tokens: readonly Token[],
  sentence: Sentence,
  cues: readonly ScopedCue[],
  index: number,
  { marks }: CompiledLexicon,
): number {
  const { cue, from } = cues[index] as ScopedCue
  const limit = Math.max(sentence.from, from - Math.min(cue.reach, FAR))
  let before = index - 1
  let conjunction = false
  for (let i = from - 1; i >= limit; i--) {
    const token = tokens[i] as Token
    const mark = marks[token.word] as number
    while (before >= 0 && (cues[before] as ScopedCue).to > i + 1) before--
    const other = cues[before]
    if (
      other &&
      other.to === i + 1 &&
      speaks(other.cue) &&
      other.cue.category !== cue.category &&
      cue.category !== 'general' &&
      cue.category !== 'history'
    ) {
      if (other.cue.direction !== 'forward' || other.cue.category === 'asserted') return i + 1
    }
    // "consolidation may represent A versus B": the alternatives begin after the hedge.
    if (
      other &&
      other.to === i + 1 &&
      cue.category === 'possible' &&
      other.cue.category === 'possible' &&
      other.cue.direction === 'forward'
    )
      return i + 1
    if (token.text === ';' || token.text === ':' || token.text === '.') return i + 1
    if (token.text === '(' && !hasClose(tokens, i, from)) return i + 1
    if (mark & END_ALL) return i + 1
    if (token.text === 'or' || token.text === 'and' || token.text === 'nor') conjunction = true
    if (token.text === 'which' || token.text === 'that') {
      // "opacities, which have resolved": the relative clause speaks of the noun before it.
      if (i === from - 1) continue
      if (cue.category !== 'history') return i + 1
    }
    if (cue.category === 'general' || cue.category === 'history') continue
    if (
      token.text === ',' &&
      !conjunction &&
      // "consolidation, now resolved"
      !(i === from - 1 && cue.category === 'resolved') &&
      !commaClosesInsert(tokens, i, limit) &&
      tokens[i + 1]?.text !== 'which'
    )
      return i + 1
    if (mark & END_PAST || (mark & END_VERB && !isBe(token))) return i + 1
    if (cue.category === 'resolved' && isPanelBracket(tokens, i)) return i + 1
    if (isBe(token) && i < from - 1) return i + 1
  }
  return limit
}

const isBe = (token: Token) =>
  token.text === 'is' || token.text === 'are' || token.text === 'was' || token.text === 'were'

/** The bracket of a panel letter: what is said after it is of another picture. */
function isPanelBracket(tokens: readonly Token[], close: number): boolean {
  return (
    tokens[close]?.text === ')' &&
    tokens[close - 2]?.text === '(' &&
    tokens[close - 1]?.text.length === 1 &&
    tokens[close - 1]?.kind === 'word'
  )
}

function hasClose(tokens: readonly Token[], open: number, to: number): boolean {
  for (let i = open + 1; i < to; i++) if (tokens[i]?.text === ')') return true
  return false
}

/** "opacities, seen on admission, have resolved": the comma closes an insertion that another comma opened. */
function commaClosesInsert(tokens: readonly Token[], comma: number, limit: number): boolean {
  for (let i = comma - 1; i >= Math.max(limit, comma - 9); i--)
    if (tokens[i]?.text === ',')
      return ['seen', 'noted', 'which', 'previously', 'described', 'present', 'observed', 'shown'].includes(
        tokens[i + 1]?.text ?? '',
      )
  return false
}

/**
 * "no GGO absorption", "without consolidation progression": what is denied is the change, so that the finding is there
 * and nothing after it is denied.
 */
function denyChange(
  tokens: readonly Token[],
  sentence: Sentence,
  cues: readonly ScopedCue[],
  negation: ScopedCue,
): void {
  if (negation.cue.category !== 'negated' || negation.cue.direction !== 'forward') return
  for (let i = negation.to; i < Math.min(sentence.to, negation.to + CHANGE_WITHIN); i++) {
    const token = tokens[i] as Token
    if (token.kind === 'sign' ? token.text !== '-' : token.text === 'or' || token.text === 'and') return
    if (i === negation.to || !words.changes.has(token.text)) continue
    negation.high = negation.low
    for (const other of cues)
      if (other.cue.category === 'resolved' && other.from <= i && other.to > i) other.low = other.high = 0
    return
  }
}
