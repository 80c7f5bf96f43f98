import { panelWords as words } from '../lexicon/word-lists.ts'
import type { LabelGroup } from './panel-groups.ts'
import { isMark, labelOf, readLabels } from './panel-letters.ts'
import type { Token } from './tokens.ts'

/** "A. CT", "B, Chest", "c) follow-up", "C and D were", "1. Small": letters without brackets. */
export function bare(
  tokens: readonly Token[],
  i: number,
  heads: Set<number>,
  numeric: boolean,
): LabelGroup | null {
  const token = tokens[i] as Token
  const before = tokens[i - 1]
  if (
    token.hyphened ||
    (before &&
      (words.notBefore.has(before.text) || before.text === "'" || before.text === '(' || before.text === '/'))
  )
    return null
  // "i.e.", "e.g.": no letters of panels.
  if (isAbbreviated(tokens, i)) return null
  // "Figure S2." names the figure.
  if (
    words.figure.has(before?.text ?? '') ||
    (before?.text === '.' && words.figure.has(tokens[i - 2]?.text ?? ''))
  )
    return null
  const atStart = heads.has(i) || isMark(before) || before?.text === '•' || before?.text === '-'
  if (token.kind === 'number' && !(numeric && atStart)) return null
  // "49M, cough" is a patient, "1b" a panel.
  if (/^\d+[i-z]$/.test(token.text) || /^\d{2}/.test(token.text)) return null
  if (token.kind === 'word' && (token.text.length > 3 || labelOf(token, false, '') === null)) return null
  const upper = /^[A-Z]/.test(token.cased) || /^\d{1,2}[A-Z]$/.test(token.cased)
  const parsed = readLabels(tokens, i, token.kind === 'number', false)
  if (!parsed) return null
  const after = tokens[parsed.to]
  if (!after) return heads.has(i) ? null : null
  const next = tokens[parsed.to + 1]
  if (token.kind === 'number') {
    if (after.text !== '.' && after.text !== ')') return null
    if (!next?.spaced || before?.text === ',') return null
    if (!heads.has(i) && before?.text !== ':') return null
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  }
  if (after.text === ')' && (atStart || token.spaced)) {
    if (hasOpenBefore(tokens, i)) return null
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  }
  if (after.text === '.' && (atStart || upper)) {
    // "E. coli", "e.g.", initials: a label's stop is followed by a blank and a new beginning.
    if (!next || (!next.spaced && !/^[A-Z(]/.test(next.cased))) return null
    if (!atStart && !/^[A-Z(]/.test(next.cased)) return null
    if (
      atStart &&
      /^[a-z]/.test(next.cased) &&
      token.cased === token.cased.toUpperCase() &&
      next.cased.length > 2 &&
      !['patchy', 'multiple', 'bilateral', 'diffuse', 'ground', 'crazy', 'thin', 'chest'].includes(
        next.text,
      ) &&
      heads.has(i) &&
      !upper
    )
      return null
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  }
  if (after.text === ':' && (atStart || upper))
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  if (
    after.text === ',' &&
    (upper || (atStart && /^[a-h]$/.test(token.cased))) &&
    (atStart || (before?.kind === 'word' && token.cased.length === 1 && token.cased !== 'I'))
  ) {
    if (!atStart && (parsed.labels.length > 1 || !words.figure.has(tokens[0]?.text ?? ''))) return null
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  }
  if ((after.text === '-' || after.text === '=') && upper && atStart && after.spaced)
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  if (
    upper &&
    words.verbs.has(after.text) &&
    (parsed.labels.length > 1 || token.cased !== 'I') &&
    (atStart || parsed.labels.length > 1 || /^[B-H]$/.test(token.cased))
  )
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: true }
  // "a Axial CT", "b, c Follow-up": letters without any sign, as one publisher sets them.
  if (
    !upper &&
    heads.has(i) &&
    after.kind === 'word' &&
    after.spaced &&
    /^[a-h]$/.test(token.cased) &&
    (/^[A-Z]/.test(after.cased) || token.cased !== 'a')
  )
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: true }
  if (
    upper &&
    heads.has(i) &&
    /^[B-H]$/.test(token.cased) &&
    after.kind === 'word' &&
    after.spaced &&
    /^(CT|Chest|Axial|Coronal|HRCT|X|Transverse)/.test(after.cased)
  )
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: true }
  return null
}

function hasOpenBefore(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i >= 0 && i > at - 12; i--) {
    if (tokens[i]?.text === ')') return false
    if (tokens[i]?.text === '(') return true
  }
  return false
}

/** Whether a letter is part of "i.e." or "e.g.". */
function isAbbreviated(tokens: readonly Token[], i: number): boolean {
  const pair = (at: number) => {
    const [first, stop, second] = [tokens[at], tokens[at + 1], tokens[at + 2]]
    if (!first || stop?.text !== '.' || !second || stop.spaced || second.spaced) return false
    return (first.text === 'i' && second.text === 'e') || (first.text === 'e' && second.text === 'g')
  }
  return pair(i) || pair(i - 2)
}
