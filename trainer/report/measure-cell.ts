import type { Measure } from '../../data/records/cycle.ts'
import { type Cell, escaped } from './html.ts'

/** "0.879 (0.783 to 0.943)", or n/a with its reason. */
export function measureCell(measure: Measure | undefined): Cell {
  if (!measure) return { html: '', number: true }
  const { value, low, high, na } = measure
  if (value === null) return { html: `<span class="i">n/a: ${escaped(na ?? '')}</span>`, number: true }
  const range =
    low === null || high === null ? '' : ` <span class="i">(${low.toFixed(3)} to ${high.toFixed(3)})</span>`
  return { html: `${value.toFixed(3)}${range}`, number: true }
}

/** "98 of 203" */
export const countCell = (measure: Measure | undefined): Cell => ({
  html: measure ? `${measure.positives} of ${measure.n}` : '',
  number: true,
})

export const SIDE_NAMES = { train: 'train', oof: 'out of fold', val: 'validation', test: 'test' } as const
