import type { FlagEvidence, Mention, Skipped, TextFindings } from '../../data/records/mining.ts'
import { findingOf, type MinedFlag, perLesion } from '../../data/records/vocabulary.ts'
import { type Lexicon, readLexicon } from '../lexicon/lexicon.ts'
import { abbreviationsIn, type Glossary, learnAbbreviations } from './abbreviations.ts'
import { alternativeAt, cueSpan, judge } from './assertion.ts'
import { type CompiledLexicon, compileLexicon, FINDING } from './compiled.ts'
import { evidenceOf, flagOf } from './flag.ts'
import { type FlagSign, flagSigns } from './flag-signs.ts'
import { type TermSpan, termsOf } from './lesions.ts'
import { panelFindings } from './panel-findings.ts'
import { panelBinder } from './panels.ts'
import { type ReadText, readText } from './reading.ts'
import type { Sentence } from './sentences.ts'
import { type AssertedTarget, assertTargets, type Target } from './targets.ts'
import type { Token } from './tokens.ts'

export type { AssertedTarget, Target } from './targets.ts'

export interface Miner {
  /**
   * Everything the text says of the lesions and of COVID-19. Offsets are UTF-16 units of the text as given.
   * `context`: the document's title and abstract; explains abbreviations, and is the weaker source for the flag.
   */
  mine(text: string, context?: string): TextFindings
  /** What the text asserts of each target; a target of words that do not occur is left out. */
  assertTargets(text: string, targets: readonly Target[]): AssertedTarget[]
}

export interface MinerOptions {
  /** Another lexicon than the package's own (see extractor/lexicon/schema.ts). */
  lexicon?: Lexicon
}

let own: CompiledLexicon | null = null

/** Makes a miner; its lexicon is read and compiled once a process. */
export function createMiner(options: MinerOptions = {}): Miner {
  let compiled: CompiledLexicon
  if (options.lexicon) compiled = compileLexicon(options.lexicon)
  else {
    own ??= compileLexicon(readLexicon())
    compiled = own
  }
  return {
    mine: (text, context) => mine(text, context, compiled),
    assertTargets: (text, targets) => assertTargets(text, targets, compiled),
  }
}

/** The figures of a document come one after another with the same title and abstract: it is read once. */
let lastContext: { text: string; compiled: CompiledLexicon; read: ReadText } | null = null
function readContext(text: string, compiled: CompiledLexicon): ReadText {
  if (lastContext?.text !== text || lastContext.compiled !== compiled)
    lastContext = { text, compiled, read: readText(text, compiled) }
  return lastContext.read
}

function mine(text: string, context: string | undefined, compiled: CompiledLexicon): TextFindings {
  const { tokens, matches, sentences } = readText(text, compiled)
  const glossary: Glossary = new Map()
  const contextRead = context ? readContext(context, compiled) : null
  if (contextRead) learnAbbreviations(contextRead.tokens, contextRead.matches, glossary)
  learnAbbreviations(tokens, matches, glossary)
  const abbreviations = abbreviationsIn(tokens, glossary, token =>
    compiled.trie.scan([token]).some(match => match.entry.role === 'term'),
  )

  const terms = new Map<Sentence, TermSpan[]>()
  for (const { sentence, matches: inside } of sentences) {
    const found =
      inside.length > 0 || abbreviations.length > 0
        ? termsOf(tokens, sentence, inside, abbreviations, compiled)
        : []
    if (found.length > 0) terms.set(sentence, found)
  }
  const anchors = new Map<Sentence, number[]>()
  for (const [sentence, found] of terms)
    anchors.set(
      sentence,
      found.filter(term => term.skip === null).map(term => term.from),
    )
  const none: number[] = []
  const binder = panelBinder(
    tokens,
    sentences.map(each => each.sentence),
    sentence => anchors.get(sentence) ?? none,
  )

  const mentions: Mention[] = []
  const skipped: Skipped[] = []
  for (const { sentence, cues } of sentences) {
    const found = terms.get(sentence) ?? []
    for (const term of found) {
      const start = (tokens[term.from] as Token).start
      const end = (tokens[term.to - 1] as Token).end
      const leave = (reason: string) => skipped.push({ lesion: term.lesion, start, end, reason })
      if (term.skip !== null) {
        leave(term.skip)
        continue
      }
      const judged = judge(cues, term.from, term.to)
      // "Previously described opacities are not seen": they were there.
      if (
        judged.assertion === 'absent' &&
        judged.cues.every(scoped => scoped.cue.direction === 'backward') &&
        wasThere(tokens, sentence, term.from)
      )
        judged.assertion = 'resolved'
      let alternative: { from: number; to: number } | null = null
      if (judged.assertion === 'present') {
        const isTerm = (at: number) =>
          found.some(other => other !== term && at >= other.from && at < other.to)
        alternative = alternativeAt(
          tokens,
          sentence,
          term.from,
          term.to,
          at => ((compiled.marks[(tokens[at] as Token).word] as number) & FINDING) !== 0 || isTerm(at),
        )
        if (alternative) judged.assertion = 'possible'
      }
      const bound = binder.bind(sentence, term.from, term.to)
      if (judged.skip === 'history' && bound.panels.length > 0) judged.skip = null
      const reason = judged.skip ?? sentence.skip
      if (reason !== null) {
        leave(reason)
        continue
      }
      const mention: Mention = {
        lesion: term.lesion,
        start,
        end,
        text: text.slice(start, end),
        assertion: judged.assertion,
        panels: bound.panels,
        rule: term.rule,
      }
      if (judged.cues.length > 0) mention.cues = judged.cues.map(scoped => cueSpan(text, tokens, scoped))
      else if (alternative)
        mention.cues = [cueSpan(text, tokens, { ...alternative, cue: { id: 'pos.alternative' } })]
      if (bound.clause && bound.panels.length > 0)
        mention.clause = {
          start: (tokens[bound.clause.from] as Token).start,
          end: (tokens[bound.clause.to - 1] as Token).end,
        }
      mentions.push(mention)
    }
  }

  const hasPanelText = binder.groups.some(group => group.atHead)
  const signs = flagSigns(
    tokens,
    sentences,
    (sentence, from, to) => {
      const { panels } = binder.bind(sentence, from, to)
      const head = binder.groups.find(group => group.atHead)
      return { panels, inPanel: head !== undefined && from >= head.from && panels.length > 0 }
    },
    compiled,
    mentions.length > 0,
  )
  const headed = new Set(binder.groups.filter(group => group.atHead).flatMap(group => group.labels))
  const flagged = flagOf(signs, hasPanelText, headed.size <= 1)
  let flag = flagged.flag
  const evidence: FlagEvidence[] = flagged.by.map(sign => evidenceOf(text, tokens, sign, 'text'))
  if (flag === 'unstated' && signs.length === 0 && context && contextRead) {
    const fromContext = contextFlag(contextRead, compiled)
    flag = fromContext.flag
    for (const sign of fromContext.by) evidence.push(evidenceOf(context, contextRead.tokens, sign, 'context'))
  }
  return {
    covid: { flag, evidence },
    findings: perLesion(lesion =>
      findingOf(mentions.filter(mention => mention.lesion === lesion).map(mention => mention.assertion)),
    ),
    mentions,
    skipped,
    panels: panelFindings(
      mentions,
      signs,
      binder.groups.flatMap(group => group.labels),
      flag,
    ),
  }
}

const BEFORE = new Set(['previously', 'previous', 'prior', 'earlier'])

/** Whether the words before a term say that it was seen before. */
function wasThere(tokens: readonly Token[], sentence: Sentence, at: number): boolean {
  for (let i = at - 1; i >= Math.max(sentence.from, at - 6); i--) {
    const token = tokens[i] as Token
    if (token.kind === 'sign') return false
    if (BEFORE.has(token.text)) return true
  }
  return false
}

/** Title and abstract speak for the flag only where they name COVID-19 and nothing against it. */
function contextFlag(context: ReadText, compiled: CompiledLexicon): { flag: MinedFlag; by: FlagSign[] } {
  const signs = flagSigns(
    context.tokens,
    context.sentences,
    () => ({ panels: [], inPanel: false }),
    compiled,
    true,
  )
  const positive = signs.filter(sign => sign.says === 'positive')
  if (
    positive.length === 0 ||
    signs.some(sign => sign.says === 'control' || sign.says === 'negative' || sign.says === 'other')
  )
    return { flag: 'unstated', by: [] }
  return { flag: 'positive', by: positive.slice(0, 3) }
}
