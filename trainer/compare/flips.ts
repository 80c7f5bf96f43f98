import type { ComparedSide, Comparison, Flip } from '../../data/records/comparison.ts'
import type { CycleMetrics } from '../../data/records/cycle.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import type { PairedSide } from './pairs.ts'

/** A workspace may hold a hundred thousand cases; the counts are of all. */
const MOST = 500

/** Cases that the two cycles call differently, each at its own operating points. */
export function flipsBetween(
  sides: readonly PairedSide[],
  before: CycleMetrics,
  after: CycleMetrics,
): Pick<Comparison, 'flips' | 'flipCounts'> {
  const all = sides.flatMap(({ side, pairs }) =>
    HEADS.flatMap((head, at) => {
      const [then, now] = [thresholdOf(before, side, head), thresholdOf(after, side, head)]
      if (then === null || now === null) return []
      return pairs.flatMap((pair): Flip[] => {
        const called = pair.after[at]! >= now
        if (pair.before[at]! >= then === called) return []
        const truth = pair.truth[at]!.value
        return [
          {
            case: pair.state.id,
            image: pair.state.image,
            imageFile: pair.state.imageFile,
            side,
            head,
            truth,
            before: pair.before[at]!,
            after: pair.after[at]!,
            called,
            verdict: truth === null ? 'unknown' : (truth === 1) === called ? 'mended' : 'broken',
          },
        ]
      })
    }),
  )
  const change = (flip: Flip) => Math.abs(flip.after - flip.before)
  const flips = all.toSorted((one, other) => change(other) - change(one)).slice(0, MOST)
  const flipCounts = sides.flatMap(({ side }) =>
    HEADS.flatMap(head => {
      const here = all.filter(flip => flip.side === side && flip.head === head)
      const count = (verdict: Flip['verdict']) => here.filter(flip => flip.verdict === verdict).length
      return here.length === 0
        ? []
        : [{ side, head, mended: count('mended'), broken: count('broken'), unknown: count('unknown') }]
    }),
  )
  return { flips, flipCounts }
}

/** A fine-tuned cycle has other operating points out of fold than on test: those stand beside its calls. */
function thresholdOf(metrics: CycleMetrics, side: ComparedSide, head: Head): number | null {
  const called = metrics.confusion?.find(one => one.side === side && one.head === head)
  if (called) return called.threshold
  if (metrics.thresholds) return metrics.thresholds[head] ?? null
  return head === 'flag' ? metrics.threshold : null
}
