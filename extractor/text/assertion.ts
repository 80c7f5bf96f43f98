import type { CueSpan } from '../../data/records/mining.ts'
import type { Assertion } from '../../data/records/vocabulary.ts'
import { assertionWords as words } from '../lexicon/word-lists.ts'
import type { Cue, ScopedCue } from './scopes.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

export interface Judgement {
  assertion: Assertion
  /** Why it is no mention of the patient's picture: "history", "hypothetical", "general statement". */
  skip: string | null
  cues: ScopedCue[]
}

const SKIP_REASONS: Partial<Record<Cue['category'], string>> = {
  history: 'history',
  hypothetical: 'hypothetical',
  general: 'general statement',
}

/** "Air bronchograms are typical of consolidation": a general statement is one of its object too. */
function isObjectOfGeneral({ cue, to }: ScopedCue, from: number): boolean {
  return cue.category === 'general' && from >= to && from - to <= 2
}

/** What the cues of a sentence say of the tokens from…to. */
export function judge(cues: readonly ScopedCue[], from: number, to: number): Judgement {
  const applied: ScopedCue[] = []
  for (const scoped of cues) {
    if (
      scoped.cue.direction === 'none' ||
      scoped.cue.category === 'affirmed' ||
      scoped.cue.category === 'asserted'
    )
      continue
    // A cue within the words asked for is part of them; one that runs into them ("no acute" + "acute fracture") counts.
    if (scoped.from < to && scoped.to > from) {
      if (scoped.cue.direction === 'forward' && scoped.from < from && scoped.to < to) applied.push(scoped)
      continue
    }
    if (
      scoped.cue.direction === 'forward'
        ? from >= scoped.low && from < scoped.high
        : (to > scoped.low && to <= scoped.high) || isObjectOfGeneral(scoped, from)
    )
      applied.push(scoped)
  }
  if (applied.length === 0) return { assertion: 'present', skip: null, cues: applied }
  const of = (category: Cue['category']) => applied.filter(scoped => scoped.cue.category === category)
  const negated = of('negated')
  const resolved = of('resolved')
  const possible = of('possible')
  const skipped = [...of('general'), ...of('hypothetical'), ...(resolved.length > 0 ? [] : of('history'))]
  const assertion: Assertion =
    negated.length > 0
      ? 'absent'
      : resolved.length > 0
        ? 'resolved'
        : possible.length > 0
          ? 'possible'
          : 'present'
  const speaking = negated.length > 0 ? negated : resolved.length > 0 ? resolved : possible
  if (skipped.length > 0)
    return {
      assertion,
      skip: SKIP_REASONS[(skipped[0] as ScopedCue).cue.category] ?? 'general statement',
      cues: [...skipped, ...speaking],
    }
  return { assertion, skip: null, cues: speaking }
}

/** A cue as the rows of the miner carry it. */
export function cueSpan(
  text: string,
  tokens: readonly Token[],
  scoped: { from: number; to: number; cue: { id: string } },
): CueSpan {
  const start = (tokens[scoped.from] as Token).start
  const end = (tokens[scoped.to - 1] as Token).end
  return { start, end, text: text.slice(start, end), rule: scoped.cue.id }
}

/**
 * "atelectasis or consolidation", "consolidation versus mass": one of two findings, so that neither is sure. Returns
 * the tokens of the word that parts them, or null.
 */
export function alternativeAt(
  tokens: readonly Token[],
  sentence: Sentence,
  from: number,
  to: number,
  isFinding: (at: number) => boolean,
): { from: number; to: number } | null {
  const after = tokens[to]
  if (after && to < sentence.to && words.alternative.has(after.text) && tokens[to - 1]?.text !== '/')
    for (let i = to + 1; i < Math.min(sentence.to, to + 5); i++) {
      if (tokens[i]?.text === '.' && i === to + 1) continue
      if (tokens[i]?.kind === 'sign' || tokens[i]?.text === 'without') break
      if (isFinding(i)) return { from: to, to: to + 1 }
    }
  for (let i = from - 1; i > Math.max(sentence.from, from - 5); i--) {
    const token = tokens[i] as Token
    if (
      token.kind === 'sign' ||
      token.text === 'and' ||
      token.text === 'of' ||
      token.text === 'in' ||
      token.text === 'with'
    )
      break
    if (words.alternative.has(token.text))
      return tokens[i - 1]?.text !== '/' && isFinding(i - 1) ? { from: i, to: i + 1 } : null
  }
  return null
}
