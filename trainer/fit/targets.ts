import type { CaseState } from '../../data/records/case.ts'
import { HEADS, type Head, TRUTH_SOURCES, type TruthSource } from '../../data/records/vocabulary.ts'

/** How truths teach (design: "What a case teaches"). */
export interface TeachingOptions {
  /** Leave published and mined truths out. */
  onlyExpert: boolean
  /** A lesion the text does not name: not assessed (masked), or absent, as the paper does. */
  unmentioned: 'masked' | 'absent'
  /** Lesions of controls that nobody read: masked, or absent as published datasets imply. */
  controls: 'masked' | 'absent'
  /** How much a truth counts, by its source. */
  sourceWeights: Record<TruthSource, number>
  /** `balanced`: the positives of a head weigh as much as its negatives. */
  classWeights: 'balanced' | 'none'
}

export const DEFAULT_TEACHING: TeachingOptions = {
  onlyExpert: false,
  unmentioned: 'masked',
  controls: 'masked',
  sourceWeights: { adjudicated: 1, agreed: 1, expert: 1, published: 1, mined: 1 },
  classWeights: 'balanced',
}

/** What one head of one case is, and who says so; value null: nothing to learn or to compare with. */
export interface HeadTruth {
  value: 0 | 1 | null
  source: TruthSource | null
}

const EXPERTS: readonly TruthSource[] = ['adjudicated', 'agreed', 'expert']

/** The truths of a case's six heads, the flag first, as they are measured against. */
export function truths(
  { truth }: Pick<CaseState, 'truth'>,
  { unmentioned }: Pick<TeachingOptions, 'unmentioned'>,
): HeadTruth[] {
  return HEADS.map(head => {
    const { value, source } = head === 'flag' ? truth.flag : truth.lesions[head]
    if (value === null && source === null && head !== 'flag' && unmentioned === 'absent')
      return { value: 0, source: 'mined' }
    return { value: value === null ? null : value === 'positive' || value === 'present' ? 1 : 0, source }
  })
}

/**
 * What of a case is learned from. A control's lesions are masked unless an expert read them or its own text says so:
 * a dataset that lists no lesion for its controls has not looked for one.
 */
export function lessons(state: Pick<CaseState, 'truth'>, options: TeachingOptions): HeadTruth[] {
  const control = state.truth.flag.value === 'negative'
  const masked: HeadTruth = { value: null, source: null }
  return truths(state, options).map((truth, at) => {
    if (truth.value === null || truth.source === null) return masked
    const expert = EXPERTS.includes(truth.source)
    if (options.onlyExpert && !expert) return masked
    if (at > 0 && control && options.controls === 'masked' && !expert) {
      const said =
        truth.source === 'mined' && state.truth.lesions[HEADS[at] as Exclude<Head, 'flag'>].source === 'mined'
      if (!said) return masked
    }
    return truth
  })
}

/** True where an expert has judged the case, so that it is no longer in the pool. */
export function isRead({ labels, adjudicated }: Pick<CaseState, 'labels' | 'adjudicated'>): boolean {
  return labels.length > 0 || adjudicated !== undefined
}

/**
 * How much each value counts, [n, 6]: its source's weight, times its class's where classes are balanced (each class
 * of a head then weighs half of the head's total).
 */
export function lessonWeights(all: readonly HeadTruth[][], options: TeachingOptions): Float32Array {
  const weights = new Float32Array(all.length * HEADS.length)
  HEADS.forEach((_, head) => {
    const sums = [0, 0]
    all.forEach((row, at) => {
      const { value, source } = row[head]!
      if (value === null || source === null) return
      const weight = options.sourceWeights[source]
      weights[at * HEADS.length + head] = weight
      sums[value]! += weight
    })
    if (options.classWeights === 'none' || sums[0]! === 0 || sums[1]! === 0) return
    const total = sums[0]! + sums[1]!
    all.forEach((row, at) => {
      const { value } = row[head]!
      if (value !== null) weights[at * HEADS.length + head]! *= total / (2 * sums[value]!)
    })
  })
  return weights
}

/** Values as numbers for the loss, [n, 6]; masked ones are 0 and weigh nothing. */
export function lessonValues(all: readonly HeadTruth[][]): Float32Array {
  return Float32Array.from(all.flatMap(row => row.map(({ value }) => value ?? 0)))
}

/** Truths by source over all heads, in the order of trust. */
export function countSources(all: readonly HeadTruth[][]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const source of TRUTH_SOURCES) {
    const n = all.reduce(
      (sum, row) => sum + row.filter(one => one.value !== null && one.source === source).length,
      0,
    )
    if (n > 0) counts[source] = n
  }
  return counts
}
