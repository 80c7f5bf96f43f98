import { panelWords as words } from '../lexicon/word-lists.ts'
import { type LabelGroup, labelGroups } from './panel-groups.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

/** A place whose panels are asked for, and the answers to it. */
export interface Binder {
  /** The panels of the tokens from…to of a sentence, and the tokens of the clause that binds them. */
  bind(
    sentence: Sentence,
    from: number,
    to: number,
  ): { panels: string[]; clause: { from: number; to: number } | null }
  groups: readonly LabelGroup[]
}

/**
 * Binds places of a caption to panel letters: the letters after it in its clause ("opacities (a)"), before it
 * ("A. CT shows", "on day 3 (A), there was"), or those of an earlier sentence that still hold ("B, … . Also …").
 * `anchorsOf`: positions of a sentence's terms, which part one letter's words from another's.
 */
export function panelBinder(
  tokens: readonly Token[],
  sentences: readonly Sentence[],
  anchorsOf: (sentence: Sentence) => readonly number[],
): Binder {
  const groups = labelGroups(tokens, sentences)
  const bySentence = new Map<Sentence, LabelGroup[]>()
  const carried = new Map<Sentence, LabelGroup | null>()
  let at = 0
  let carry: LabelGroup | null = null
  for (const sentence of sentences) {
    const own: LabelGroup[] = []
    while (at < groups.length && (groups[at] as LabelGroup).from < sentence.to)
      own.push(groups[at++] as LabelGroup)
    bySentence.set(sentence, own)
    const first = tokens[sentence.from]
    if (own.length === 0 && first && (words.resets.has(first.text) || saysOfAll(tokens, sentence)))
      carry = null
    carried.set(sentence, carry)
    // "(a) normal, (b) consolidation": the first heads what follows it, and so do the others.
    for (let i = 1; i < own.length; i++) {
      const group = own[i] as LabelGroup
      const before = tokens[group.from - 1]
      if (
        own[0]?.atHead &&
        !group.atHead &&
        tokens[group.from]?.text === '(' &&
        before &&
        (before.kind === 'sign' || before.text === 'and') &&
        tokens[group.to]?.kind === 'word'
      )
        group.atHead = true
    }
    const heads = own.filter(group => group.atHead)
    const last = heads[heads.length - 1]
    if (last) carry = last
    else if (own.length > 0) carry = null
  }
  return {
    groups,
    bind: (sentence, from, to) => {
      const own = bySentence.get(sentence) ?? []
      const held = carried.get(sentence) ?? null
      if (own.length === 0)
        return {
          panels: held ? [...held.labels] : [],
          clause: held ? { from: sentence.from, to: sentence.to } : null,
        }
      return bindAmong(tokens, sentence, own, held, from, to, anchorsOf(sentence))
    },
  }
}

/** "… were absent in both", "in all images": said of the whole figure. */
function saysOfAll(tokens: readonly Token[], sentence: Sentence): boolean {
  for (let i = sentence.from + 1; i < sentence.to; i++) {
    const text = tokens[i]?.text
    if ((text === 'both' || text === 'all' || text === 'each') && tokens[i - 1]?.text === 'in') {
      const next = tokens[i + 1]?.text ?? '.'
      if (words.whole.has(next)) return true
    }
  }
  return false
}

function boundaryBetween(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (words.boundaries.has(tokens[i]?.text ?? '')) return true
  return false
}

function semicolonBetween(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (tokens[i]?.text === ';') return true
  return false
}

function bindAmong(
  tokens: readonly Token[],
  sentence: Sentence,
  own: readonly LabelGroup[],
  held: LabelGroup | null,
  from: number,
  to: number,
  anchors: readonly number[],
): { panels: string[]; clause: { from: number; to: number } | null } {
  let before = -1
  let after = -1
  for (let i = 0; i < own.length; i++) {
    const group = own[i] as LabelGroup
    if (group.to <= from) before = i
    else if (group.from >= to && after < 0) after = i
  }
  const previous = before >= 0 ? (own[before] as LabelGroup) : null
  const next = after >= 0 ? (own[after] as LabelGroup) : null
  let useNext: boolean
  if (previous && next) {
    if (next.atHead && !previous.atHead && !sticks(tokens, to, next)) useNext = false
    else if (next.atHead) useNext = false
    else {
      const partedBefore =
        boundaryBetween(tokens, previous.to, from) || semicolonBetween(tokens, previous.to, from)
      const partedAfter = boundaryBetween(tokens, to, next.from)
      if (semicolonBetween(tokens, to, next.from)) useNext = false
      else if (semicolonBetween(tokens, previous.to, from)) useNext = true
      else if (partedBefore !== partedAfter) useNext = partedBefore
      else {
        const firstAnchor = anchors[0] ?? from
        useNext = (own[0] as LabelGroup).from > firstAnchor
      }
    }
  } else if (next) {
    // What stands before the first letter of a sentence belongs to it, unless the letter heads something new.
    useNext = !next.atHead
    if (!useNext) return { panels: held ? [...held.labels] : [], clause: null }
    if (semicolonBetween(tokens, to, next.from)) return { panels: held ? [...held.labels] : [], clause: null }
  } else useNext = false
  const index = useNext ? after : before
  const group = own[index]
  if (!group) return { panels: held ? [...held.labels] : [], clause: null }
  const labels = [...group.labels]
  let low = index
  let high = index
  // "in severe (c) and critical (d) groups": letters in a row, nothing named between them.
  if (useNext || !group.atHead) {
    while (
      high + 1 < own.length &&
      chained(tokens, own[high] as LabelGroup, own[high + 1] as LabelGroup, anchors)
    ) {
      if (!useNext && (own[high + 1] as LabelGroup).from > from) break
      // "consolidation (C) and effusion (E)": a letter right behind its finding is its only one.
      if (
        useNext &&
        group.from === to &&
        (own[high + 1] as LabelGroup).from - (own[high] as LabelGroup).to > 1
      )
        break
      high++
    }
    if (!useNext)
      while (low > 0 && chained(tokens, own[low - 1] as LabelGroup, own[low] as LabelGroup, anchors)) low--
  }
  for (let i = low; i <= high; i++)
    for (const label of (own[i] as LabelGroup).labels) if (!labels.includes(label)) labels.push(label)
  const clause = useNext
    ? { from: previous ? previous.to : sentence.from, to: (own[high] as LabelGroup).to }
    : { from: (own[low] as LabelGroup).from, to: next ? next.from : sentence.to }
  return { panels: labels.length > 1 ? labels.sort(byLabel) : labels, clause }
}

const sticks = (tokens: readonly Token[], to: number, group: LabelGroup) =>
  group.from - to <= 1 && tokens[to]?.text !== ','

function chained(
  tokens: readonly Token[],
  a: LabelGroup,
  b: LabelGroup,
  anchors: readonly number[],
): boolean {
  if (b.atHead || b.from - a.to > 6) return false
  for (let i = a.to; i < b.from; i++) if (words.newPicture.has(tokens[i]?.text ?? '')) return false
  if (anchors.some(anchor => anchor >= a.to && anchor < b.from)) return false
  const text = tokens[a.to]?.text
  if (!(text === 'and' || text === ',' || text === '&' || text === 'or' || text === 'to'))
    return b.from - a.to <= 2 && text !== '.' && text !== ';'
  for (let i = a.to; i < b.from; i++) if (words.verbs.has(tokens[i]?.text ?? '')) return false
  return true
}

const byLabel = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
