import { flagWords as words } from '../lexicon/word-lists.ts'
import { type CompiledLexicon, END_ALL, type EntryMatch, LUNG } from './compiled.ts'
import type { ScopedCue } from './scopes.ts'
import type { Sentence } from './sentences.ts'
import type { Token } from './tokens.ts'

/** One thing a text says about the disease: for COVID-19, against it, only suspected, or another diagnosis. */
export interface FlagSign {
  says: 'positive' | 'negative' | 'possible' | 'control' | 'other'
  rule: string
  from: number
  to: number
  sentence: Sentence
  /** Whether it stands in a part that panel letters head, rather than in the figure's title. */
  inPanel: boolean
  panels: string[]
  /** "a patient with both heart failure and COVID-19": one patient has all that the sentence names. */
  ofOnePatient: boolean
}

const WINDOW = 7

/** The signs of a text for and against COVID-19. */
export function flagSigns(
  tokens: readonly Token[],
  sentences: readonly { sentence: Sentence; matches: readonly EntryMatch[]; cues: readonly ScopedCue[] }[],
  panelsOf: (sentence: Sentence, from: number, to: number) => { panels: string[]; inPanel: boolean },
  compiled: CompiledLexicon,
  hasMentions: boolean,
): FlagSign[] {
  const signs: FlagSign[] = []
  // A text without a word of the lung and without a lesion is of another field: there what it shows is the diagnosis.
  const elsewhere =
    !hasMentions && !tokens.some(token => ((compiled.marks[token.word] as number) & LUNG) !== 0)
  const imaged = tokens.some(
    token => ((compiled.marks[token.word] as number) & LUNG) !== 0 || words.imaging.has(token.text),
  )
  for (const { sentence, matches, cues } of sentences) {
    const flags = outermost(matches.filter(match => match.entry.kind === 'flag'))
    for (let i = sentence.from; i < sentence.to; i++) {
      const token = tokens[i] as Token
      if (
        token.kind !== 'word' ||
        !compiled.looksLikeDisease(token.text, i > sentence.from ? tokens[i - 1]?.text : undefined)
      )
        continue
      if (flags.some(match => match.from <= i && match.to > i)) continue
      if (
        !namesDiagnosis(tokens, sentence, i, i + 1, true) ||
        otherSays(tokens, sentence, cues, i, i + 1) === null
      )
        continue
      const { panels, inPanel } = panelsOf(sentence, i, i + 1)
      signs.push({
        says: 'other',
        rule: 'other.name',
        from: i,
        to: i + 1,
        sentence,
        panels,
        inPanel,
        ofOnePatient: onePatient(tokens, sentence),
      })
    }
    if (flags.length === 0) continue
    const statuses = matches.filter(match => match.entry.kind === 'status')
    for (const { entry, from, to } of flags) {
      if (entry.role !== 'flag' || entry.flag === 'nothing') continue
      let says: FlagSign['says'] | null = null
      if (entry.flag === 'control') {
        const negated = cues.some(
          scoped =>
            scoped.cue.category === 'negated' &&
            scoped.cue.direction === 'forward' &&
            from >= scoped.low &&
            from < scoped.high &&
            scoped.to <= from,
        )
        says =
          (negated && entry.id !== 'control.non-covid') || (entry.id === 'control.group' && !imaged)
            ? null
            : 'control'
      } else if (entry.flag === 'other')
        says =
          entry.id === 'other.weak' && !namesDiagnosis(tokens, sentence, from, to)
            ? null
            : otherSays(tokens, sentence, cues, from, to)
      else says = diseaseSays(tokens, sentence, statuses, cues, from, to, compiled)
      if (entry.id === 'covid.test-positive' && !isTestOfCovid(tokens, sentence, from)) continue
      if (entry.id === 'other.shown' && !elsewhere && !namesDiagnosis(tokens, sentence, from, to)) continue
      if (says === null) continue
      const { panels, inPanel } = panelsOf(sentence, from, to)
      signs.push({
        says,
        rule: entry.id,
        from,
        to,
        sentence,
        panels,
        inPanel,
        ofOnePatient: onePatient(tokens, sentence),
      })
    }
  }
  // A positive test is one of COVID-19 only where the text names it.
  return signs.some(sign => sign.rule === 'covid.name' || sign.rule === 'covid.virus')
    ? signs
    : signs.filter(sign => sign.rule !== 'covid.test-positive')
}

/** "influenza PCR positive" is another test; "repeat PCR was positive" is not. */
function isTestOfCovid(tokens: readonly Token[], sentence: Sentence, from: number): boolean {
  const before = tokens[from - 1]
  return (
    from === sentence.from ||
    before === undefined ||
    before.kind === 'sign' ||
    words.testBefore.has(before.text)
  )
}

function onePatient(tokens: readonly Token[], sentence: Sentence): boolean {
  for (let i = sentence.from; i < sentence.to; i++) {
    const text = tokens[i]?.text
    if (text === 'both' || text === 'coexisting' || text === 'concomitant' || text === 'comorbid') return true
  }
  return false
}

function outermost(matches: readonly EntryMatch[]): EntryMatch[] {
  const out: EntryMatch[] = []
  for (const match of matches) {
    const last = out[out.length - 1]
    if (last && match.from < last.to) {
      if (match.from === last.from && match.to === last.to && rank(match) > rank(last))
        out[out.length - 1] = match
      else if (match.to <= last.to) continue
      else if (match.from === last.from || match.to - match.from > last.to - last.from)
        out[out.length - 1] = match
      continue
    }
    out.push(match)
  }
  return out
}
const ORDER = ['other', 'disease', 'control', 'nothing']
const rank = (match: EntryMatch) => (match.entry.role === 'flag' ? ORDER.indexOf(match.entry.flag) : -1)

/** A finding that can be a diagnosis too ("pulmonary edema") is one as a title or behind "patient with", "due to". */
function namesDiagnosis(
  tokens: readonly Token[],
  sentence: Sentence,
  from: number,
  to: number,
  shown = false,
): boolean {
  const after = tokens[to]
  const titled = !after || to >= sentence.to || after.kind === 'sign' || words.nameAfter.has(after.text)
  if (
    from - sentence.from <= 3 &&
    titled &&
    sentence.section === null &&
    isTitle(tokens, sentence) &&
    onlyWords(tokens, sentence.from, from)
  )
    return true
  for (let i = from - 1; i >= Math.max(0, sentence.from - 2, from - 9); i--)
    if (words.concludes.has(tokens[i]?.text ?? '')) return true
  for (let i = from - 1; i >= Math.max(sentence.from, from - 4); i--) {
    const text = tokens[i]?.text ?? ''
    if (text === 'due' || text === 'caused' || text === 'diagnosed' || text === 'diagnosis') return true
    if (shown && words.shows.has(text) && sentence.section === null && isTitle(tokens, sentence)) return true
    if (words.diagnosisBefore.has(text) && words.people.has(tokens[i - 1]?.text ?? '')) return true
  }
  return false
}
/** The first sentences of a text, or one that a panel letter heads: there a name alone is the diagnosis. */
function isTitle(tokens: readonly Token[], sentence: Sentence): boolean {
  let stops = 0
  for (let i = 0; i < sentence.from && stops < 3; i++) if (tokens[i]?.text === '.') stops++
  return stops < 3 && sentence.from < 12
}

function onlyWords(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++)
    if (tokens[i]?.kind !== 'word' || words.headless.has(tokens[i]?.text ?? '')) return false
  return true
}

/** Another disease counts as the diagnosis unless it is denied, only suspected, history, or said in general. */
function otherSays(
  tokens: readonly Token[],
  sentence: Sentence,
  cues: readonly ScopedCue[],
  from: number,
  to: number,
): FlagSign['says'] | null {
  for (const scoped of cues) {
    const { cue } = scoped
    if (cue.category === 'affirmed' || cue.category === 'asserted' || cue.category === 'resolved') continue
    if (scoped.from < to && scoped.to > from) continue
    if (
      cue.direction === 'forward'
        ? from >= scoped.low && from < scoped.high
        : cue.direction === 'backward' && to > scoped.low && to <= scoped.high
    )
      return null
  }
  if (sentence.skip !== null && sentence.section !== 'indication') return null
  if (cues.some(scoped => scoped.cue.category === 'general')) return null
  for (let i = from - 1; i >= Math.max(sentence.from, from - 5); i--) {
    const token = tokens[i] as Token
    if (token.kind === 'sign' && token.text !== '?') break
    if (words.hedges.has(token.text)) return null
  }
  if (words.hedgesAfter.has(tokens[to]?.text ?? '')) return null
  // "a man with COPD who presents with cough": what he had before, not what the picture shows.
  if (
    words.people.has(tokens[from - 2]?.text ?? '') ||
    words.people.has(tokens[from - 3]?.text ?? '') ||
    words.people.has(tokens[from - 4]?.text ?? '')
  )
    for (let i = to; i < Math.min(sentence.to, to + 8); i++)
      if (words.comes.has(tokens[i]?.text ?? '')) return null
  return 'other'
}

function diseaseSays(
  tokens: readonly Token[],
  sentence: Sentence,
  statuses: readonly EntryMatch[],
  cues: readonly ScopedCue[],
  from: number,
  to: number,
  { marks }: CompiledLexicon,
): FlagSign['says'] | null {
  // The words around it, up to a stop, bracket or "but".
  let low = from
  while (low > sentence.from && low > from - WINDOW && !stops(tokens[low - 1] as Token, marks)) low--
  let high = to
  while (high < sentence.to && high < to + WINDOW && !stops(tokens[high] as Token, marks)) high++
  let negative = false
  let suspected = false
  let confirmed = false
  let tested = false
  for (const { entry, from: start, to: end } of statuses) {
    if (entry.role !== 'flag') continue
    // "cannot be excluded" excludes nothing.
    if (
      entry.flag === 'negative' &&
      statuses.some(
        other =>
          other.entry.role === 'flag' &&
          other.entry.flag === 'suspected' &&
          other.from <= start &&
          other.to >= end &&
          other.to - other.from > end - start,
      )
    )
      continue
    // "severe and non-severe COVID-19": a prefix denies the word it stands at.
    if (
      words.prefixes.has(tokens[start]?.text ?? '') &&
      end - start === 1 &&
      start < from &&
      nextWord(tokens, end) !== from
    )
      continue
    const ahead = start >= low && end <= from
    const behind = start >= to && end <= high
    if (!ahead && !behind) continue
    if (entry.flag === 'confirmed' && !(ahead && deniedAt(cues, start, end))) confirmed = true
    if (entry.flag === 'suspected' && (ahead || words.behindSuspected.has(tokens[start]?.text ?? '')))
      suspected = true
    if (
      entry.flag === 'negative' &&
      (ahead || words.behindNegative.has(tokens[start]?.text ?? '') || tokens[end - 1]?.text === 'negative')
    ) {
      negative = true
      if (behind && tokens[end - 1]?.text === 'negative') tested = true
    }
  }
  // "suspected COVID-19, first two swabs negative" is still suspected.
  if (tested && suspected) negative = false
  for (const scoped of cues) {
    const { cue } = scoped
    if (scoped.from < to && scoped.to > from) continue
    const applies =
      cue.direction === 'forward'
        ? from >= scoped.low && from < scoped.high
        : cue.direction === 'backward' && to > scoped.low && to <= scoped.high
    if (!applies) continue
    if (cue.category === 'negated') negative = true
    if (cue.category === 'possible') suspected = true
    if (cue.category === 'hypothetical') suspected = true
    if (cue.category === 'general' && cue.direction === 'forward' && !confirmed) return null
  }
  if (sentence.skip === 'indication section' && !confirmed) return 'possible'
  if (negative && !(confirmed && !suspected && afterwardsConfirmed(tokens, to, high))) return 'negative'
  if (confirmed) return 'positive'
  return suspected ? 'possible' : 'positive'
}

/** The next word's place, over hyphens. */
function nextWord(tokens: readonly Token[], at: number): number {
  return tokens[at]?.text === '-' ? at + 1 : at
}

function deniedAt(cues: readonly ScopedCue[], from: number, to: number): boolean {
  return cues.some(scoped => scoped.cue.category === 'negated' && from >= scoped.low && to <= scoped.high)
}

function afterwardsConfirmed(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++)
    if (tokens[i]?.text === 'confirmed' || tokens[i]?.text === 'positive') return true
  return false
}

function stops(token: Token, marks: Uint16Array): boolean {
  return (
    token.text === ';' ||
    token.text === '.' ||
    token.text === ':' ||
    ((marks[token.word] as number) & END_ALL) !== 0
  )
}
