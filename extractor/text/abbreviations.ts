import type { Lesion } from '../../data/records/vocabulary.ts'
import type { EntryMatch } from './compiled.ts'
import { type Token, UNKNOWN } from './tokens.ts'

/** Where an abbreviation that this document explained stands for a lesion. */
export interface Abbreviation {
  lesion: Lesion
  from: number
  to: number
}

/** Abbreviations a document explains, by their letters as written. */
export type Glossary = Map<string, Lesion>

/**
 * Learns abbreviations of lesions in the way of Schwartz and Hearst (PSB 2003): "crazy-paving pattern (CPP)" and
 * "CPP, crazy-paving pattern". The short form's letters must run through the long form, its first letter at the
 * beginning. Panel letters ("consolidation (C)") have one letter and are none.
 */
export function learnAbbreviations(
  tokens: readonly Token[],
  matches: readonly EntryMatch[],
  glossary: Glossary,
): void {
  for (const { entry, from, to } of matches) {
    if (entry.role !== 'term') continue
    const open = tokens[to]
    const short = tokens[to + 1]
    if (
      open?.text === '(' &&
      short &&
      isShortForm(short) &&
      closes(tokens[to + 2]?.text) &&
      runsThrough(short.text, tokens, from, to)
    )
      glossary.set(short.cased, entry.lesion)
    const before = tokens[from - 1]?.text
    const listed = tokens[from - 2]
    if (
      (before === ',' || before === ':' || before === '=') &&
      listed &&
      isShortForm(listed) &&
      listStart(tokens[from - 3]) &&
      runsThrough(listed.text, tokens, from, to)
    )
      glossary.set(listed.cased, entry.lesion)
  }
}

const closes = (text: string | undefined) => text === ')' || text === ',' || text === ';'
const listStart = (token: Token | undefined) =>
  token === undefined || token.kind === 'sign' || token.breaks > 0
const isShortForm = (token: Token) =>
  token.word === UNKNOWN &&
  token.kind === 'word' &&
  token.cased.length >= 2 &&
  token.cased.length <= 8 &&
  /[A-Z].*[A-Z]/.test(token.cased)

/** The letters of the short form, from the right, each found in the long form; the first at a word's beginning. */
function runsThrough(short: string, tokens: readonly Token[], from: number, to: number): boolean {
  const letters = short.endsWith('s') && short.length > 2 ? short.slice(0, -1) : short
  let at = letters.length - 1
  for (let i = to - 1; i >= from && at >= 0; i--) {
    const word = (tokens[i] as Token).text
    for (let k = word.length - 1; k >= 0 && at >= 0; k--)
      if (word[k] === letters[at] && (at > 0 || k === 0)) at--
  }
  return at < 0
}

/** All places where a learned abbreviation stands; its own explanations are left out. */
export function abbreviationsIn(
  tokens: readonly Token[],
  glossary: Glossary,
  known: (token: Token) => boolean,
): Abbreviation[] {
  if (glossary.size === 0) return []
  const found: Abbreviation[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    if (token.kind !== 'word') continue
    const lesion = glossary.get(token.cased) ?? glossary.get(token.cased.replace(/s$/, ''))
    if (lesion === undefined || known(token)) continue
    const before = tokens[i - 1]?.text
    const after = tokens[i + 1]?.text
    if (before === '(' && closes(after)) continue
    if (
      (after === ',' || after === ':' || after === '=') &&
      listStart(tokens[i - 1]) &&
      explains(tokens, i + 2)
    )
      continue
    found.push({ lesion, from: i, to: i + 1 })
  }
  return found
}

/** Whether the words at a position begin a long form rather than go on with the sentence. */
function explains(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text ?? ''
  return [
    'ground',
    'groundglass',
    'crazy',
    'air',
    'interlobular',
    'consolidation',
    'septal',
    'inter',
    'paving',
    'thickening',
    'thickened',
    'consolidative',
  ].includes(text)
}
