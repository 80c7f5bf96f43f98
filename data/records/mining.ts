import type { Assertion, Finding, Lesion, MinedFlag, PerLesion } from './vocabulary.ts'

/**
 * What the miner finds in one text. Offsets are UTF-16 units of the text as given, `end` exclusive, so that
 * `text.slice(start, end)` is the span. Types only: rows of the miner's own making are not checked again.
 */
export interface Span {
  start: number
  end: number
  text: string
}

/** A cue or term of the lexicon that took part in a decision, and where it stood. */
export interface CueSpan extends Span {
  rule: string
}

/** A span of text that names a lesion of the patient pictured. */
export interface Mention extends Span {
  lesion: Lesion
  assertion: Assertion
  /** Upper-case letters or numbers of the panels it is bound to; empty: the whole figure. */
  panels: string[]
  /** The lexicon's id of the term that matched. */
  rule: string
  /** The cues that gave the assertion; absent for a plain affirmation. */
  cues?: CueSpan[]
  /** The clause that binds the mention to its panels, as offsets. */
  clause?: { start: number; end: number }
}

/** A lesion word that is no mention, with the reason ("history", "general statement", "gloss", …). */
export interface Skipped {
  lesion: Lesion
  start: number
  end: number
  reason: string
}

/** A span that speaks for or against COVID-19. */
export interface FlagEvidence extends Span {
  rule: string
  /** `context`: the document's title or abstract, the weaker source. Offsets then point into the context. */
  source: 'text' | 'context'
}

/** What is said of one panel: its flag where it is said, and its findings other than `none`. */
export type PanelFindings = { flag?: MinedFlag } & Partial<Record<Lesion, Finding>>

export interface TextFindings {
  covid: { flag: MinedFlag; evidence: FlagEvidence[] }
  findings: PerLesion<Finding>
  mentions: Mention[]
  skipped: Skipped[]
  panels: Record<string, PanelFindings>
}

/** One line of `lesionloop label`. */
export interface LabelLine extends TextFindings {
  id: string
  /** Assertions of the `targets` given with a row, in their order. */
  targets?: { start: number; end: number; text: string; assertion: Assertion; cues?: CueSpan[] }[]
}
