import type { TextFindings } from '../../data/records/mining.ts'

export interface Prf {
  precision: number
  recall: number
  f1: number
  tp: number
  fp: number
  fn: number
}
export interface GoldMention {
  lesion: string
  start: number
  end: number
  assertion: string
  panels?: string[]
}
export interface TextScore {
  texts: number
  finding: Prf
  exact: Prf
  overlap: Prf
  strict: Prf
  panels: Prf
  flagAccuracy: number
  notPresent: number
  notPresentFound: number
}
export const LESIONS: string[]
export function prf(tp: number, fp: number, fn: number): Prf
export function scoreTexts(
  rows: {
    gold: { covid: string; mentions: GoldMention[] }
    mined: Pick<TextFindings, 'covid' | 'mentions'>
  }[],
): TextScore
export function scoreReports(rows: { gold: boolean; positive: boolean }[]): Prf
export function scoreNegex(rows: { negated: boolean; mined: string | undefined }[]): {
  accuracy: number
  negated: Prf
}
export function negexRow(row: { id: string; sentence: string; concept: string; assertion: string }): {
  id: string
  text: string
  targets: string[]
  negated: boolean
}
