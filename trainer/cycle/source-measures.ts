import type { SourceMeasure } from '../../data/records/cycle.ts'
import { headMeasures } from '../../data/statistics/measures.ts'
import { judged, type MeasureOptions, onSide } from './judged.ts'
import type { Scored } from './predict.ts'
import { formatOf } from './shortcut-rows.ts'

/** A workspace may hold thousands of documents. */
const MOST_SOURCES = 12

/** The flag's AUC, sensitivity and specificity within each source (the largest ones) and within each file format. */
export function sourceMeasures(
  scored: readonly Scored[],
  threshold: number | null,
  options: MeasureOptions,
): SourceMeasure[] {
  const found: SourceMeasure[] = []
  for (const side of ['test', 'oof'] as const)
    for (const by of ['source', 'format'] as const) {
      const nameOf = ({ case: { state } }: Scored) =>
        by === 'source' ? state.source.name : formatOf(state.imageFile)
      const here = onSide(scored, side)
      for (const name of largest(here.map(nameOf))) {
        const { scores, labels, groups } = judged(
          here.filter(one => nameOf(one) === name),
          'flag',
        )
        const { auc, sensitivity, specificity } = headMeasures(scores, labels, groups, threshold, options)
        found.push({ side, by, name, auc, sensitivity, specificity })
      }
    }
  return found
}

/** The names that occur most often, at most as many as a table shows, in the order of the alphabet. */
function largest(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts.keys()]
    .sort((one, other) => counts.get(other)! - counts.get(one)! || (one < other ? -1 : 1))
    .slice(0, MOST_SOURCES)
    .sort()
}
