import { panelWords as words } from '../lexicon/word-lists.ts'
import { bare } from './panel-heads.ts'
import { isMark, LONGEST_GROUP, labelOf, readLabels } from './panel-letters.ts'
import { consistent, rowsJoined } from './panel-runs.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

/** Panel letters where they stand in a caption. */
export interface LabelGroup {
  from: number
  to: number
  labels: string[]
  /** At the head of what it labels ("A. CT showed…"), or inside ("opacities (a, b)"). */
  atHead: boolean
}

/** Finds the panel letters of a caption, with their ranges spelt out. */
export function labelGroups(tokens: readonly Token[], sentences: readonly Sentence[]): LabelGroup[] {
  // Behind "Fig. 3" the caption begins.
  const number = tokens[1]?.text === '.' ? 2 : 1
  const behind = words.figure.has(tokens[0]?.text ?? '') && tokens[number]?.kind === 'number' ? number + 1 : 0
  const numeric = usesNumbers(tokens, sentences)
  const heads = new Set([...sentences.map(sentence => sentence.from), behind])
  const groups: LabelGroup[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    const group =
      token.text === '(' || token.text === '['
        ? bracketed(tokens, i, heads.has(i), numeric)
        : token.kind === 'sign'
          ? null
          : (named(tokens, i, heads) ?? bare(tokens, i, heads, numeric))
    if (!group) continue
    groups.push(group)
    i = group.to - 1
  }
  return rowsJoined(consistent(tokens, groups))
}

/** "1. … 2. …" are panels in a caption, but a list in a report. */
function usesNumbers(tokens: readonly Token[], sentences: readonly Sentence[]): boolean {
  if (sentences.some(sentence => sentence.section !== null)) return false
  const first = tokens[0]
  if (!first || !words.figure.has(first.text))
    return tokens
      .slice(0, 40)
      .some(token => token.text === 'images' || token.text === 'panels' || token.text === 'panel')
  return true
}

function bracketed(
  tokens: readonly Token[],
  open: number,
  atHead: boolean,
  numeric: boolean,
): LabelGroup | null {
  if (isReference(tokens, open)) return null
  let i = open + 1
  let figure = false
  while (
    i < open + 6 &&
    (words.leads.has(tokens[i]?.text ?? '') ||
      words.figure.has(tokens[i]?.text ?? '') ||
      (tokens[i]?.text === '.' && figure))
  ) {
    if (words.figure.has(tokens[i]?.text ?? '')) figure = true
    i++
  }
  // "(Fig. 1, A and B)": the number is the figure's.
  if (figure && tokens[i]?.kind === 'number') {
    i++
    if (tokens[i]?.text === ',') i++
  }
  const parsed = readLabels(tokens, i, numeric && !figure, true)
  if (!parsed) return null
  const after = tokens[parsed.to]
  if (!after) return null
  let to = parsed.to
  if (after.text === ')' || after.text === ']') to++
  else {
    const annexed =
      after.text === ',' || after.text === ';' || after.text === ':' || words.annex.has(after.text)
    if (!annexed) return null
    while (to < open + LONGEST_GROUP && tokens[to] && tokens[to]?.text !== ')' && tokens[to]?.text !== ']')
      to++
    if (!tokens[to] || to >= open + LONGEST_GROUP) return null
    // "(a, 45-year-old man)" labels nothing; "(A, arrow)" and "(B, day 7)" do.
    if (
      after.text === ',' &&
      parsed.labels.length === 1 &&
      tokens[i]?.cased === 'a' &&
      !words.annex.has(tokens[parsed.to + 1]?.text ?? '') &&
      tokens[parsed.to + 1]?.kind !== 'number'
    )
      return null
    to++
  }
  // "(A, upper; B, lower)": each part names its letter.
  for (let j = parsed.to; j < to - 1; j++) {
    if (tokens[j]?.text !== ';') continue
    const more = labelOf(tokens[j + 1], false, '')
    const behind = tokens[j + 2]?.text ?? ''
    if (
      more !== null &&
      (behind === ',' || behind === ':' || behind === ')' || words.annex.has(behind)) &&
      !parsed.labels.includes(more)
    )
      parsed.labels.push(more)
  }
  const single = parsed.labels.length === 1 ? (parsed.labels[0] as string) : ''
  const first = tokens[i] as Token
  const before = tokens[open - 1]
  if (single !== '') {
    // Plural "(s)", sides "(R)", "(L)", counts "(n)".
    if (!(tokens[open] as Token).spaced && first.cased === 's' && before?.kind === 'word') return null
    if (
      single === 'R' ||
      single === 'L' ||
      single === 'N' ||
      single === 'P' ||
      single === 'Y' ||
      single === 'X' ||
      single === 'IV'
    )
      return null
    if (/^\d+$/.test(single) && !(atHead || isMark(before))) return null
  }
  return { from: open, to, labels: parsed.labels, atHead: atHead || isHeadPosition(tokens, open) }
}

/** At the head of what follows: after a colon or stop, or after "shows". */
function isHeadPosition(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (!before) return true
  return (
    before.text === ':' ||
    before.text === ';' ||
    before.text === '.' ||
    (words.showVerbs.has(before.text) && before.kind === 'word')
  )
}

/** "Panel A", "images A and B", "Figure 1A", "in B". */
function named(tokens: readonly Token[], i: number, heads: Set<number>): LabelGroup | null {
  const token = tokens[i] as Token
  const isPanel =
    token.text === 'panel' ||
    token.text === 'panels' ||
    token.text === 'image' ||
    token.text === 'images' ||
    token.text === 'picture' ||
    token.text === 'pictures'
  if (isPanel || words.figure.has(token.text)) {
    let at = i + 1
    if (words.figure.has(token.text)) {
      if (tokens[at]?.text === '.') at++
      const label = tokens[at]
      if (!label || !/^\d{1,2}[a-z]$/.test(label.text)) return null
    }
    const parsed = readLabels(tokens, at, token.text === 'panel' || token.text === 'panels', false)
    if (!parsed) return null
    const last = tokens[at] as Token
    if (last.cased === 'a') {
      if (
        parsed.labels.length === 1 &&
        tokens[parsed.to]?.kind === 'word' &&
        !words.verbs.has(tokens[parsed.to]?.text ?? '')
      )
        return null
    }
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: heads.has(i) }
  }
  if (token.text === 'in') {
    const label = tokens[i + 1]
    if (!label || !/^([A-HJKM-QS-Z]|[A-Z]\d)$/.test(label.cased) || label.cased.length > 2) return null
    const parsed = readLabels(tokens, i + 1, false, false)
    if (!parsed) return null
    const after = tokens[parsed.to]
    if (after && after.kind !== 'sign' && !words.joiners.has(after.text) && !words.verbs.has(after.text))
      return null
    if (after?.text === '.' && tokens[parsed.to + 1] && !heads.has(parsed.to + 1)) return null
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: heads.has(i) }
  }
  return null
}

/** "same patient as in (a)", "compared with (A)": another panel is only referred to. */
function isReference(tokens: readonly Token[], open: number): boolean {
  const before = tokens[open - 1]?.text ?? ''
  const earlier = tokens[open - 2]?.text ?? ''
  if (before === 'in')
    return earlier === 'as' || earlier === 'than' || earlier === 'that' || earlier === 'those'
  return (
    before === 'as' ||
    before === 'than' ||
    ((before === 'with' || before === 'to') && words.refers.has(earlier))
  )
}
