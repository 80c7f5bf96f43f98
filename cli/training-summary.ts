import type { CycleMetrics, CycleRecord, Measure } from '../data/records/cycle.ts'
import type { Terminal } from './terminal.ts'

/** A figure with its interval, or why there is none. */
export const shownMeasure = ({ value, low, high, na, n, positives }: Measure) =>
  value === null
    ? `n/a (${na})`
    : `${value.toFixed(3)}${low === null || high === null ? '' : ` (95 % ${low.toFixed(3)} to ${high.toFixed(3)})`}, ${positives} of ${n} positive`

/** What a training gave, in a few lines. */
export function sayTrained(
  terminal: Terminal,
  of: Pick<CycleRecord, 'backend' | 'backbone' | 'learnedFrom'> & { metrics: CycleMetrics },
): void {
  const { backend, backbone, learnedFrom, metrics } = of
  terminal.print(`backend: ${backend.reason}`)
  terminal.print(`backbone: ${backbone.name}, weights ${backbone.weights}`)
  const sources = Object.entries(learnedFrom.sources).map(([source, count]) => `${count} ${source}`)
  terminal.print(`learned from: ${learnedFrom.cases.train} cases, labels: ${sources.join(', ')}`)
  const names = { oof: 'out of fold', val: 'validation', test: 'test', train: 'train' } as const
  for (const [side, name] of Object.entries(names)) {
    const auc = metrics.flag[side as keyof typeof names]?.['auc']
    if (auc) terminal.print(`flag AUC, ${name}: ${shownMeasure(auc)}`)
  }
  if (metrics.shortcut)
    terminal.print(`shortcut control AUC, test: ${shownMeasure(metrics.shortcut.shortcut)}`)
  for (const warning of metrics.warnings) terminal.say(`warning: ${warning}`)
}
