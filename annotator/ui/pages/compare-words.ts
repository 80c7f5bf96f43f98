import type { ComparedMeasure, ComparedName, ComparedSide, Flip } from '../../../data/records/comparison.ts'
import type { Measure } from '../../../data/records/cycle.ts'
import type { Head } from '../../../data/records/vocabulary.ts'

export const SIDE_WORDS: Record<ComparedSide, string> = {
  test: 'test',
  val: 'validation',
  oof: 'out of fold',
}
export const MEASURE_WORDS: Record<ComparedName, string> = {
  auc: 'AUC',
  ap: 'average precision',
  ece: 'calibration error',
  brier: 'Brier score',
}
export const VERDICT_WORDS: Record<ComparedMeasure['verdict'], string> = {
  better: 'better',
  worse: 'worse',
  same: 'no difference beyond the interval',
  na: 'n/a',
}
export const FLIP_WORDS: Record<Flip['verdict'], string> = {
  mended: 'now right',
  broken: 'now wrong',
  unknown: 'truth not known',
}

export const headWords = (head: Head) => (head === 'flag' ? 'COVID' : head)
export const cycleWords = (id: string) => `cycle ${Number(id) || id}`

/** "+0.031 (−0.012 to +0.070)", or n/a with its reason. */
export function differenceWords({ value, low, high, na }: Measure): string {
  if (value === null) return `n/a${na ? `: ${na}` : ''}`
  const interval = low === null || high === null ? '' : ` (${signed(low)} to ${signed(high)})`
  return signed(value) + interval
}

/** With its sign, the true minus of print. */
export const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`

/** The measure a head is judged by: AUC of the flag, average precision of a lesion. */
export const mainMeasure = (head: Head): ComparedName => (head === 'flag' ? 'auc' : 'ap')
