import type { FlagEvidence } from '../../data/records/mining.ts'
import type { MinedFlag } from '../../data/records/vocabulary.ts'
import type { ScopedCue } from './assertion.ts'
import { type CompiledLexicon, END_ALL, type EntryMatch } from './compiled.ts'
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
): FlagSign[] {
  const signs: FlagSign[] = []
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
      if (!namesDiagnosis(tokens, sentence, i, i + 1) || otherSays(tokens, sentence, cues, i, i + 1) === null)
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
        says = negated && entry.id === 'control.group' ? null : 'control'
      } else if (entry.flag === 'other')
        says =
          entry.id === 'other.weak' && !namesDiagnosis(tokens, sentence, from, to)
            ? null
            : otherSays(tokens, sentence, cues, from, to)
      else says = diseaseSays(tokens, sentence, statuses, cues, from, to, compiled)
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
  return signs
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

const HEDGES = new Set([
  'likely',
  'probable',
  'probably',
  'possible',
  'possibly',
  'presumed',
  'suspected',
  'may',
  'might',
  'could',
  'suggesting',
  'suggestive',
  'suggests',
  'differential',
  'concern',
  'concerning',
  'versus',
  'vs',
  'suspicious',
  'suspicion',
  '?',
  'or',
  'evaluate',
  'mimic',
  'mimics',
  'mimicking',
])
const HEDGES_AFTER = new Set(['versus', 'vs', 'or', '?'])
const COMES = new Set([
  'presents',
  'presented',
  'presenting',
  'complaining',
  'complains',
  'now',
  'here',
  'evaluated',
  'referred',
  'developed',
  'develops',
  'undergoing',
  'hospitalized',
  'admitted',
  'who',
])
const DIAGNOSIS_BEFORE = new Set(['with', 'of', 'from', 'to', 'by', 'diagnosis', 'has', 'had', 'developed'])
const NAME_AFTER = new Set([
  'with',
  'in',
  'after',
  'on',
  'patient',
  'due',
  'secondary',
  'following',
  'caused',
  'complicating',
])

/** A finding that can be a diagnosis too ("pulmonary edema") is one as a title or behind "patient with", "due to". */
function namesDiagnosis(tokens: readonly Token[], sentence: Sentence, from: number, to: number): boolean {
  const after = tokens[to]
  const titled = !after || to >= sentence.to || after.kind === 'sign' || NAME_AFTER.has(after.text)
  if (
    from - sentence.from <= 3 &&
    titled &&
    sentence.section === null &&
    isTitle(tokens, sentence) &&
    onlyWords(tokens, sentence.from, from)
  )
    return true
  for (let i = from - 1; i >= Math.max(sentence.from, from - 4); i--) {
    const text = tokens[i]?.text ?? ''
    if (text === 'due' || text === 'caused' || text === 'diagnosed' || text === 'diagnosis') return true
    if (DIAGNOSIS_BEFORE.has(text) && PEOPLE.has(tokens[i - 1]?.text ?? '')) return true
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
    if (tokens[i]?.kind !== 'word' || HEADLESS.has(tokens[i]?.text ?? '')) return false
  return true
}
const HEADLESS = new Set(['no', 'without', 'and', 'or', 'is', 'are', 'was', 'shows', 'with', 'showing'])
const PEOPLE = new Set([
  'patient',
  'patients',
  'man',
  'woman',
  'male',
  'female',
  'boy',
  'girl',
  'infant',
  'child',
  'case',
  'adult',
  'neonate',
  'diagnosis',
  'cases',
  'lady',
  'gentleman',
  'secondary',
])

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
    if (HEDGES.has(token.text)) return null
  }
  if (HEDGES_AFTER.has(tokens[to]?.text ?? '')) return null
  // "a man with COPD who presents with cough": what he had before, not what the picture shows.
  if (
    PEOPLE.has(tokens[from - 2]?.text ?? '') ||
    PEOPLE.has(tokens[from - 3]?.text ?? '') ||
    PEOPLE.has(tokens[from - 4]?.text ?? '')
  )
    for (let i = to; i < Math.min(sentence.to, to + 8); i++) if (COMES.has(tokens[i]?.text ?? '')) return null
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
  for (const { entry, from: start, to: end } of statuses) {
    if (entry.role !== 'flag') continue
    const ahead = start >= low && end <= from
    const behind = start >= to && end <= high
    if (!ahead && !behind) continue
    if (entry.flag === 'confirmed' && !(ahead && deniedAt(cues, start, end))) confirmed = true
    if (entry.flag === 'suspected' && (ahead || BEHIND_SUSPECTED.has(tokens[start]?.text ?? '')))
      suspected = true
    if (
      entry.flag === 'negative' &&
      (ahead || BEHIND_NEGATIVE.has(tokens[start]?.text ?? '') || tokens[end - 1]?.text === 'negative')
    )
      negative = true
  }
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

const BEHIND_SUSPECTED = new Set([
  'suspected',
  'possible',
  'probable',
  'considered',
  'cannot',
  'pending',
  'likely',
  'presumed',
])
const BEHIND_NEGATIVE = new Set(['negative', 'excluded', 'ruled', 'undetected', 'not', 'was', 'were', 'is'])

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

/** The flag of a text from its signs, and the signs that gave it. */
export function flagOf(
  signs: readonly FlagSign[],
  hasPanelText: boolean,
  onePanel = true,
): { flag: MinedFlag; by: FlagSign[] } {
  const body = hasPanelText ? signs.filter(sign => sign.inPanel) : []
  const title = hasPanelText ? signs.filter(sign => !sign.inPanel) : [...signs]
  const pick = (list: readonly FlagSign[], ...says: FlagSign['says'][]) =>
    list.filter(sign => says.includes(sign.says))
  if (pick(body, 'positive').length > 0) return { flag: 'positive', by: pick(signs, 'positive') }
  const titled = pick(title, 'positive')
  const titleOther = pick(title, 'other', 'control', 'negative')
  if (pick(body, 'possible').length > 0 && titled.length === 0)
    return { flag: 'possible', by: pick(signs, 'possible') }
  const against = pick(body, 'negative', 'control')
  if (against.length > 0) return { flag: 'negative', by: against }
  const others = pick(body, 'other')
  if (others.length > 0 && (titled.length === 0 || titleOther.length > 0)) {
    const suspected = pick(title, 'possible')
    if (suspected.length > 0) return { flag: 'possible', by: suspected }
    return { flag: 'negative', by: others }
  }
  if (titled.length > 0) {
    // "Imaging of heart failure and COVID-19. B, …" does not say which of them B shows.
    if (hasPanelText && onePanel && titleOther.length > 0 && !saysBothOfOne(titled, titleOther))
      return { flag: 'unstated', by: [] }
    return { flag: 'positive', by: titled }
  }
  const possible = pick(title, 'possible')
  const denied = pick(title, 'negative', 'control')
  if (possible.length > 0) return { flag: 'possible', by: possible }
  if (denied.length > 0) return { flag: 'negative', by: denied }
  const other = pick(title, 'other')
  return other.length > 0 ? { flag: 'negative', by: other } : { flag: 'unstated', by: [] }
}

/** "a patient with both heart failure and COVID-19" has it. */
function saysBothOfOne(positive: readonly FlagSign[], others: readonly FlagSign[]): boolean {
  if (positive.some(sign => !others.some(other => other.sentence === sign.sentence)))
    return others.every(other => other.says === 'other')
  return positive.some(sign => sign.ofOnePatient)
}

/** The evidence as the miner's rows carry it. */
export function evidenceOf(
  text: string,
  tokens: readonly Token[],
  sign: FlagSign,
  source: 'text' | 'context',
): FlagEvidence {
  const start = (tokens[sign.from] as Token).start
  const end = (tokens[sign.to - 1] as Token).end
  return { start, end, text: text.slice(start, end), rule: `${sign.rule}.${sign.says}`, source }
}
