import type { QueueEntry } from '../../data/records/cycle.ts'
import { HEADS, type TruthSource } from '../../data/records/vocabulary.ts'
import { type ConfidentLearning, confidentLearning, type Suspect } from './confident-learning.ts'
import type { Candidate } from './strategy.ts'
import { headName, listed } from './words.ts'

/** A case with the labels it teaches, for the audit of labels. */
export interface LabelledCase {
  case: string
  /** Calibrated, by heads that did not see the case, in the order of `HEADS`. */
  probabilities: readonly number[]
  labels: readonly { value: 0 | 1 | null; source: TruthSource | null }[]
}

/**
 * Text against image: unread cases whose mined finding and calibrated probability contradict each other, because
 * either the miner or the label is wrong. Each case once, for the head that contradicts most; hedged findings and
 * silence contradict nothing.
 */
export function disagreementQueue(
  candidates: readonly Candidate[],
  learned: readonly string[],
): QueueEntry[] {
  const found = HEADS.flatMap((head, at) => {
    if (!learned.includes(head)) return []
    const labels = candidates.flatMap(one => {
      const given = statedValue(one.said?.[at])
      return given === null ? [] : [{ case: one.case, given, probability: one.probabilities[at]! }]
    })
    return confidentLearning(head, labels).suspects
  })
  return asQueue(found, 'disagreement', one => {
    const said = one.given === 1 ? 'states' : 'denies'
    return `the text ${said} ${headName(one.head)}, the picture makes it ${likelihood(one)}`
  })
}

/**
 * Label audit: labels that are likely wrong, experts' and mined ones, by confident learning head by head on
 * probabilities out of fold. Each case once; the evidence stands in the line.
 */
export function labelAudit(cases: readonly LabelledCase[]): {
  queue: QueueEntry[]
  heads: ConfidentLearning[]
} {
  const sources = new Map<string, TruthSource | null>()
  const heads = HEADS.map((head, at) => {
    const labels = cases.flatMap(one => {
      const { value, source } = one.labels[at]!
      sources.set(`${head} ${one.case}`, source)
      return value === null ? [] : [{ case: one.case, given: value, probability: one.probabilities[at]! }]
    })
    return confidentLearning(head, labels)
  })
  const queue = asQueue(
    heads.flatMap(one => one.suspects),
    'labels',
    one => {
      const source = sources.get(`${one.head} ${one.case}`) ?? 'unknown'
      const value = one.given === 1 ? 'positive' : 'negative'
      return `${headName(one.head)} is ${value} (${OF[source] ?? source}), the picture makes it ${likelihood(one)}`
    },
  )
  return { queue, heads }
}

const OF: Readonly<Record<string, string>> = {
  adjudicated: 'adjudicated',
  agreed: 'agreed by experts',
  expert: "one expert's label",
  published: "the dataset's label",
  mined: 'mined from the text',
}

/** "0.91, where 0.72 is usual for positives" */
function likelihood({ probability, usual, given }: Suspect): string {
  const mean = given === 0 ? usual : 1 - usual
  return `${probability.toFixed(2)}, and ${mean.toFixed(2)} is usual where it is ${given === 0 ? 'present' : 'absent'}`
}

function statedValue(said: string | undefined): 0 | 1 | null {
  if (said === 'present' || said === 'positive') return 1
  return said === 'absent' || said === 'negative' || said === 'resolved' ? 0 : null
}

/** One line a case, by its strongest contradiction; others of the same case are named in it. */
function asQueue(
  suspects: readonly Suspect[],
  queue: 'disagreement' | 'labels',
  why: (one: Suspect) => string,
): QueueEntry[] {
  const byCase = new Map<string, Suspect[]>()
  for (const one of suspects) byCase.set(one.case, [...(byCase.get(one.case) ?? []), one])
  return [...byCase.values()]
    .map(all => all.sort((one, other) => other.margin - one.margin))
    .sort((one, other) => other[0]!.margin - one[0]!.margin || (one[0]!.case < other[0]!.case ? -1 : 1))
    .map(([first, ...others], at) => ({
      case: first!.case,
      rank: at + 1,
      score: Math.round(first!.margin * 1e6) / 1e6,
      strategy: 'confident-learning',
      head: first!.head,
      why: `${why(first!)}${others.length > 0 ? `; ${listed(others.map(one => headName(one.head)))} too` : ''}`,
      queue,
    }))
}
