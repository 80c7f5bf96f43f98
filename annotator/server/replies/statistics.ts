import type { Finding, Head, Lesion, MinedFlag } from '../../../data/records/vocabulary.ts'

/** Counts and agreement. */

export interface StatsReply {
  cases: number
  documents: number
  people: number
  labelled: number
  adjudicated: number
  discuss: number
  disagreements: number
  /** Truths of each head by value, with the source each comes from. */
  truth: Record<Head, { positive: number; negative: number; masked: number; sources: Record<string, number> }>
  /** What the text says, by head and finding. */
  mined: { flag: Record<MinedFlag, number>; lesions: Record<Lesion, Record<Finding, number>> }
  sources: Record<string, number>
  sides: Record<string, number>
  kinds: Record<string, number>
  byPerson: { who: string; name: string; labelled: number }[]
  /** Cases to have labelled; null where none was set. */
  goal: number | null
}

/** Agreement on one head: kappa with its interval over patients, null where there is none to be had. */
export interface HeadAgreement {
  value: number | null
  low: number | null
  high: number | null
  /** Cases that count. */
  items: number
  /** Patients they come from. */
  groups: number
  /** Share of agreeing pairs of readings, chance included. */
  observed: number | null
}

/** How often first readings say what the text says. */
export interface SeenAgreement {
  cases: number
  agreed: number
  share: number | null
  low: number | null
  high: number | null
}

export interface AgreementReply {
  /** Of a moment ago: labels given since are being taken in; ask again in a second. */
  stale: boolean
  /** Cases that two people or more have read. */
  cases: number
  /** Cohen's kappa of each pair of readers. */
  pairs: { people: [string, string]; cases: number; heads: Record<Head, HeadAgreement> }[]
  /** Fleiss' kappa of three readers or more. */
  all: { people: string[]; heads: Record<Head, HeadAgreement> } | null
  /** Each reader with themselves, over the cases that came again. */
  self: { who: string; cases: number; heads: Record<Head, HeadAgreement> }[]
  /** Labels against the text, where it was seen and where it was hidden until the decision. */
  anchoring: Record<Head, { shown: SeenAgreement; hidden: SeenAgreement }>
}

/** Labels by day (UTC): given for the first time, and changed by who gave them. */
export interface LabelChangesReply {
  days: { day: string; first: number; changed: number }[]
}
