import { HEADS, type Side } from '../../../data/records/vocabulary.ts'
import { sigmoid } from '../../../data/statistics/logit.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import type { CorpusCase } from '../../../trainer/cycle/corpus.ts'
import type { Scored } from '../../../trainer/cycle/predict.ts'

export interface WantedCase {
  id?: string
  side?: Side
  fold?: number | null
  group?: string
  /** Truths in the order of `HEADS`; absent ones are not known. */
  truths?: (0 | 1 | null)[]
  logits?: number[]
  probabilities?: number[]
  file?: string
  source?: string
}

/** A case as a cycle scored it; only what reports and measures read of it is there. */
export function scoredCase(at: number, wanted: WantedCase = {}): Scored {
  const { side = 'test', truths = [], logits = HEADS.map(() => 0) } = wanted
  const id = wanted.id ?? `case ${String(at).padStart(3, '0')}`
  const image = `image${at}`
  const state = {
    id,
    image,
    imageFile: wanted.file ?? `${image}.png`,
    source: { name: wanted.source ?? 'made', file: 'made.csv', format: 'csv' },
  }
  return {
    case: {
      state,
      side,
      group: wanted.group ?? `group ${at >> 1}`,
      pool: false,
      truth: HEADS.map((_, head) => ({ value: truths[head] ?? null, source: 'published' })),
    } as unknown as CorpusCase,
    fold: wanted.fold ?? (side === 'train' ? at % 3 : null),
    probabilities: wanted.probabilities ?? logits.map(sigmoid),
    logits,
  }
}

/** A whole corpus: every second case COVID, lesions by chance, scores that know something of both. */
export function scoredCorpus(counts: Record<Side, number>, seed = 3): Scored[] {
  const random = seededRandom(seed)
  let at = 0
  return (['train', 'val', 'test'] as const).flatMap(side =>
    Array.from({ length: counts[side] }, () => {
      const covid = at % 2 === 0
      const truths = HEADS.map((_, head): 0 | 1 =>
        head === 0 ? (covid ? 1 : 0) : covid && random.chance(0.5) ? 1 : 0,
      )
      const logits = truths.map(value => 2 * random.normal() + 2 * value - 1)
      return scoredCase(at++, {
        side,
        truths,
        logits,
        file: `image${at - 1}.${at % 3 === 0 ? 'jpg' : 'png'}`,
      })
    }),
  )
}
