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

const JOINERS = new Set([',', 'and', '&', '/', ';', 'or', '+'])
const LEADS = new Set([
  'panel',
  'panels',
  'image',
  'images',
  'part',
  'parts',
  'left',
  'right',
  'top',
  'bottom',
  'upper',
  'lower',
  'row',
  'column',
  'arrow',
  'arrows',
  'picture',
  'pictures',
  'subfigure',
  'see',
  'slice',
  'frame',
  'frames',
])
const FIGURE = new Set(['fig', 'figs', 'figure', 'figures'])
const ANNEX = new Set([
  'arrow',
  'arrows',
  'arrowhead',
  'arrowheads',
  'left',
  'right',
  'top',
  'bottom',
  'panel',
  'panels',
  'row',
  'column',
  'axial',
  'coronal',
  'sagittal',
  'inset',
  'middle',
  'image',
  'images',
  'white',
  'black',
  'red',
  'yellow',
  'blue',
  'green',
  'day',
  'lung',
  'upper',
  'lower',
  'circle',
  'star',
  'asterisk',
  'and',
  'center',
  'enlarged',
  'magnified',
  'open',
  'solid',
  'short',
  'long',
  'box',
  'respectively',
  'ct',
  'cxr',
  'mediastinal',
  'window',
])
const VERBS = new Set([
  'show',
  'shows',
  'showed',
  'showing',
  'demonstrate',
  'demonstrates',
  'demonstrated',
  'reveal',
  'reveals',
  'revealed',
  'depict',
  'depicts',
  'depicted',
  'was',
  'were',
  'is',
  'are',
  'illustrate',
  'illustrates',
  'display',
  'displays',
  'displayed',
  'indicate',
  'indicates',
  'represent',
  'represents',
  'exhibit',
  'exhibits',
  'correspond',
  'corresponds',
  'obtained',
  'taken',
  'presents',
  'present',
])
const NOT_BEFORE = new Set([
  'type',
  'group',
  'groups',
  'hepatitis',
  'influenza',
  'vitamin',
  'class',
  'stage',
  'grade',
  'patient',
  'case',
  'virus',
  'strain',
  'child',
  'pugh',
  'category',
  'factor',
  'protein',
  'cell',
  'lymphocyte',
  'line',
  'lines',
  'plan',
  'cohort',
  'ward',
  'arm',
  'section',
  'appendix',
  'table',
  'formula',
])
const SHOW_VERBS = new Set([
  'show',
  'shows',
  'showed',
  'showing',
  'demonstrate',
  'demonstrates',
  'demonstrated',
  'demonstrating',
  'reveal',
  'reveals',
  'revealed',
  'revealing',
  'include',
  'includes',
  'including',
  'with',
  'of',
  'as',
  'follows',
  'depicting',
  'depicts',
  'are',
  'is',
])

/** Longest group of letters looked at, which bounds the work on a bracket that never closes. */
const LONGEST_GROUP = 24

/** Finds the panel letters of a caption, with their ranges spelt out. */
export function labelGroups(tokens: readonly Token[], sentences: readonly Sentence[]): LabelGroup[] {
  // Behind "Fig. 3" the caption begins.
  const number = tokens[1]?.text === '.' ? 2 : 1
  const behind = FIGURE.has(tokens[0]?.text ?? '') && tokens[number]?.kind === 'number' ? number + 1 : 0
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

/**
 * Outside captions, letters at the head of a line are often no panels ("S: … O: … A: … P: …", "T: 38.2"): there they
 * count only as a row from A on, or as the one letter a split caption begins with.
 */
function consistent(tokens: readonly Token[], groups: LabelGroup[]): LabelGroup[] {
  if (FIGURE.has(tokens[0]?.text ?? '')) return groups
  const isBare = (group: LabelGroup) => {
    const first = tokens[group.from] as Token
    return first.kind === 'word' && first.text.length <= 3 && labelOf(first, false, '') !== null
  }
  const all = new Set(groups.flatMap(group => group.labels))
  const follows = (label: string) => {
    if (!/^[A-Z]$/.test(label) || label === 'A') return true
    return all.has(String.fromCharCode(label.charCodeAt(0) - 1))
  }
  const bare = groups.filter(isBare)
  if (bare.every(group => group.labels.every(follows))) return groups
  const only = bare.length === 1 && bare[0]?.from === 0 && /^[A-H]$/.test(bare[0].labels[0] ?? '')
  return only ? groups : groups.filter(group => !isBare(group))
}

/** "1. … 2. …" are panels in a caption, but a list in a report. */
function usesNumbers(tokens: readonly Token[], sentences: readonly Sentence[]): boolean {
  if (sentences.some(sentence => sentence.section !== null)) return false
  const first = tokens[0]
  if (!first || !FIGURE.has(first.text))
    return tokens
      .slice(0, 40)
      .some(token => token.text === 'images' || token.text === 'panels' || token.text === 'panel')
  return true
}

interface Parsed {
  labels: string[]
  to: number
}

/** Reads "A", "A-C", "A, B and D", "A1–A3", "1B" from a position on. */
function readLabels(
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
    while (j < limit && j < i + 2 && JOINERS.has(tokens[j]?.text ?? '') && (loose || tokens[j]?.text !== '/'))
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

function labelOf(token: Token | undefined, allowNumbers: boolean, carried: string): string | null {
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

function bracketed(
  tokens: readonly Token[],
  open: number,
  atHead: boolean,
  numeric: boolean,
): LabelGroup | null {
  let i = open + 1
  let figure = false
  while (
    i < open + 6 &&
    (LEADS.has(tokens[i]?.text ?? '') ||
      FIGURE.has(tokens[i]?.text ?? '') ||
      (tokens[i]?.text === '.' && figure))
  ) {
    if (FIGURE.has(tokens[i]?.text ?? '')) figure = true
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
    const annexed = after.text === ',' || after.text === ';' || after.text === ':' || ANNEX.has(after.text)
    if (!annexed) return null
    while (to < open + LONGEST_GROUP && tokens[to] && tokens[to]?.text !== ')' && tokens[to]?.text !== ']')
      to++
    if (!tokens[to] || to >= open + LONGEST_GROUP) return null
    // "(a, 45-year-old man)" labels nothing; "(A, arrow)" and "(B, day 7)" do.
    if (
      after.text === ',' &&
      parsed.labels.length === 1 &&
      tokens[i]?.cased === 'a' &&
      !ANNEX.has(tokens[parsed.to + 1]?.text ?? '') &&
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
      (behind === ',' || behind === ':' || behind === ')' || ANNEX.has(behind)) &&
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

const isMark = (token: Token | undefined) =>
  token !== undefined &&
  (token.text === ':' || token.text === ';' || token.text === '.' || token.text === ',')

/** At the head of what follows: after a colon or stop, or after "shows". */
function isHeadPosition(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (!before) return true
  return (
    before.text === ':' ||
    before.text === ';' ||
    before.text === '.' ||
    (SHOW_VERBS.has(before.text) && before.kind === 'word')
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
  if (isPanel || FIGURE.has(token.text)) {
    let at = i + 1
    if (FIGURE.has(token.text)) {
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
        !VERBS.has(tokens[parsed.to]?.text ?? '')
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
    if (after && after.kind !== 'sign' && !JOINERS.has(after.text) && !VERBS.has(after.text)) return null
    if (after?.text === '.' && tokens[parsed.to + 1] && !heads.has(parsed.to + 1)) return null
    return { from: i, to: parsed.to, labels: parsed.labels, atHead: heads.has(i) }
  }
  return null
}

/** "A. CT", "B, Chest", "c) follow-up", "C and D were", "1. Small": letters without brackets. */
function bare(tokens: readonly Token[], i: number, heads: Set<number>, numeric: boolean): LabelGroup | null {
  const token = tokens[i] as Token
  const before = tokens[i - 1]
  if (
    token.hyphened ||
    (before &&
      (NOT_BEFORE.has(before.text) || before.text === "'" || before.text === '(' || before.text === '/'))
  )
    return null
  // "Figure S2." names the figure.
  if (FIGURE.has(before?.text ?? '') || (before?.text === '.' && FIGURE.has(tokens[i - 2]?.text ?? '')))
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
    if (!atStart && (parsed.labels.length > 1 || !FIGURE.has(tokens[0]?.text ?? ''))) return null
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  }
  if ((after.text === '-' || after.text === '=') && upper && atStart && after.spaced)
    return { from: i, to: parsed.to + 1, labels: parsed.labels, atHead: true }
  if (
    upper &&
    VERBS.has(after.text) &&
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

/** "a. b. c. d. Chest CT": a row of labels heads what follows it together. */
function rowsJoined(groups: readonly LabelGroup[]): LabelGroup[] {
  const out: LabelGroup[] = []
  for (const group of groups) {
    const last = out[out.length - 1]
    if (last && last.to === group.from && last.atHead && group.atHead) {
      last.to = group.to
      last.labels = [...new Set([...last.labels, ...group.labels])]
    } else out.push({ ...group })
  }
  return out
}

const BOUNDARIES = new Set([',', ';', ':', 'and', 'while', 'whereas', 'but', 'then', 'followed', 'which'])
const RESETS = new Set([
  'all',
  'both',
  'none',
  'neither',
  'each',
  'arrows',
  'arrowheads',
  'scale',
  'abbreviations',
  'abbreviation',
  'note',
  'notes',
  'bar',
  'these',
  'overall',
  'images',
  'window',
  'source',
  'adapted',
  'reproduced',
  'reprinted',
])

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
    if (own.length === 0 && first && (RESETS.has(first.text) || saysOfAll(tokens, sentence))) carry = null
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
      if (WHOLE.has(next)) return true
    }
  }
  return false
}
const WHOLE = new Set([
  '.',
  ',',
  ';',
  'of',
  'panels',
  'images',
  'patients',
  'cases',
  'scans',
  'pictures',
  'levels',
  'panel',
  'image',
])

function boundaryBetween(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (BOUNDARIES.has(tokens[i]?.text ?? '')) return true
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

/** Words that show the next letter to be another picture than the one before. */
const NEW_PICTURE = new Set([
  'its',
  'their',
  'after',
  'following',
  'with',
  'without',
  'disappearance',
  'resolution',
  'improvement',
  'showed',
  'showing',
  'before',
])

function chained(
  tokens: readonly Token[],
  a: LabelGroup,
  b: LabelGroup,
  anchors: readonly number[],
): boolean {
  if (b.atHead || b.from - a.to > 6) return false
  for (let i = a.to; i < b.from; i++) if (NEW_PICTURE.has(tokens[i]?.text ?? '')) return false
  if (anchors.some(anchor => anchor >= a.to && anchor < b.from)) return false
  const text = tokens[a.to]?.text
  if (!(text === 'and' || text === ',' || text === '&' || text === 'or' || text === 'to'))
    return b.from - a.to <= 2 && text !== '.' && text !== ';'
  for (let i = a.to; i < b.from; i++) if (VERBS.has(tokens[i]?.text ?? '')) return false
  return true
}

const byLabel = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
