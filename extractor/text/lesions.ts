import type { Lesion } from '../../data/records/vocabulary.ts'
import type { Abbreviation } from './abbreviations.ts'
import { type CompiledLexicon, ELSEWHERE, type EntryMatch, LUNG } from './compiled.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

/** A term of the lexicon where it stands, before anything is said of it. */
export interface TermSpan {
  lesion: Lesion
  rule: string
  from: number
  to: number
  /** Why it is no mention, where its own words show that ("another meaning", "gloss"). */
  skip: string | null
}

/**
 * The lesion terms of a sentence: of each lesion the longest from the left, without those that mean something else
 * or only explain an abbreviation.
 */
export function termsOf(
  tokens: readonly Token[],
  sentence: Sentence,
  matches: readonly EntryMatch[],
  abbreviations: readonly Abbreviation[],
  compiled: CompiledLexicon,
): TermSpan[] {
  const terms: TermSpan[] = []
  const reached = new Map<Lesion, number>()
  const skips = matches.filter(match => match.entry.role === 'skip')
  for (const match of matches) {
    if (match.entry.role !== 'term') continue
    const { lesion, id } = match.entry
    if (match.from < (reached.get(lesion) ?? 0)) continue
    reached.set(lesion, match.to)
    let skip: string | null = null
    for (const other of skips)
      if (
        other.entry.role === 'skip' &&
        other.from <= match.from &&
        other.to >= match.to &&
        !(other.from === match.from && other.to < match.to)
      ) {
        skip = other.entry.reason
        break
      }
    terms.push({ lesion, rule: id, from: match.from, to: match.to, skip })
  }
  for (const { from, to, lesion } of abbreviations)
    if (from >= sentence.from && to <= sentence.to)
      terms.push({ lesion, rule: 'abbreviation.learned', from, to, skip: null })
  for (const skip of skips)
    if (
      skip.entry.role === 'skip' &&
      skip.entry.id === 'other.intralobular' &&
      !terms.some(term => term.from < skip.to && term.to > skip.from)
    )
      terms.push({
        lesion: 'InSepThi',
        rule: skip.entry.id,
        from: skip.from,
        to: skip.to,
        skip: skip.entry.reason,
      })
  if (terms.length === 0) return terms
  const elsewhere = saysElsewhere(tokens, sentence, terms, compiled)
  const lung = hasLungWord(tokens, sentence, compiled)
  for (const term of terms) {
    // "consolidated samples": the adjective alone needs a word of the lung by it.
    if (term.skip === null && term.rule === 'csld.adjective' && term.to - term.from === 1 && !lung)
      term.skip = 'another meaning'
    if (term.skip === null && elsewhere && term.lesion !== 'AirBr') term.skip = 'another meaning'
    if (term.skip === null) term.skip = glossOf(tokens, sentence, term)
  }
  return terms.sort((a, b) => a.from - b.from)
}

/** Words of another organ in the sentence, and none of the lung: the lesion word means something else. */
function saysElsewhere(
  tokens: readonly Token[],
  sentence: Sentence,
  terms: readonly TermSpan[],
  { marks }: CompiledLexicon,
): boolean {
  let other = false
  for (let i = sentence.from; i < sentence.to; i++) {
    const mark = marks[(tokens[i] as Token).word] as number
    if (mark & (ELSEWHERE | LUNG)) {
      // "interlobular" speaks of the lung within the term, too.
      if (mark & LUNG) return false
      if (terms.some(term => i >= term.from && i < term.to)) continue
      other = true
    }
  }
  return other
}

function hasLungWord(tokens: readonly Token[], sentence: Sentence, { marks }: CompiledLexicon): boolean {
  for (let i = sentence.from; i < sentence.to; i++)
    if ((marks[(tokens[i] as Token).word] as number) & LUNG) return true
  return false
}

/**
 * "ground-glass opacity (GGO)": the abbreviation in brackets only names the term again; "GGO, ground-glass opacity"
 * and "GGO = ground glass opacity" explain it. Neither says that anything is there.
 */
function glossOf(tokens: readonly Token[], sentence: Sentence, term: TermSpan): string | null {
  const before = tokens[term.from - 1]
  const after = tokens[term.to]
  const short = term.to - term.from === 1 && isShort(tokens[term.from] as Token)
  if (short) {
    if (before?.text === '(' && after?.text === ')') {
      const named = tokens[term.from - 2]
      return named && named.kind === 'word' && term.from - 2 >= sentence.from ? 'gloss' : null
    }
    // "GGO, ground glass opacity", "GGO: ground-glass opacity", "GGO = …"
    if (
      after &&
      (after.text === ',' ||
        after.text === ':' ||
        after.text === '=' ||
        after.text === '-' ||
        after.text === '(') &&
      longFormAt(tokens, term.to + 1)
    )
      return 'gloss'
    return null
  }
  const mark = before?.text
  const abbreviation = tokens[term.from - 2]
  if (
    (mark === ',' || mark === ':' || mark === '=' || mark === '-') &&
    abbreviation &&
    isShort(abbreviation) &&
    initialsFit(tokens, abbreviation, term)
  ) {
    if (mark === ',' && /[a-z]/.test(abbreviation.cased)) return null
    // "CT: consolidation" is no explanation: one word has one initial.
    if (term.to - term.from === 1 && mark !== '=') return null
    return 'gloss'
  }
  // "GGO (ground-glass opacity)"
  if (mark === '(' && abbreviation && isShort(abbreviation) && initialsFit(tokens, abbreviation, term))
    return 'gloss'
  return null
}

const isShort = (token: Token) =>
  token.kind === 'word' &&
  token.cased.length >= 2 &&
  token.cased.length <= 6 &&
  /^[A-Z]{2,}s?$/.test(token.cased)

function longFormAt(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text
  return (
    (text === 'ground' || text === 'groundglass') &&
    (text === 'groundglass' || tokens[at + 1]?.text === 'glass')
  )
}

function initialsFit(tokens: readonly Token[], short: Token, term: TermSpan): boolean {
  let initials = ''
  for (let i = term.from; i < term.to; i++) initials += (tokens[i] as Token).text[0] ?? ''
  const letters = short.text.replace(/s$/, '')
  return (
    letters === initials || (letters.length >= 2 && letters[0] === initials[0] && letters[1] === initials[1])
  )
}
