import { LesionloopError } from '../../data/errors.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import type { HeadTruth } from './targets.ts'

/** @throws LesionloopError `nothing-to-learn`, `one-class` (of the flag, which every model needs). */
export function checkClasses(lessons: readonly HeadTruth[][]): void {
  const known = (head: number, value: 0 | 1) => lessons.filter(row => row[head]!.value === value).length
  const all = lessons.reduce((sum, row) => sum + row.filter(one => one.value !== null).length, 0)
  if (all === 0)
    throw new LesionloopError(
      'nothing-to-learn',
      `training: ${lessons.length} cases outside validation and test, none with a label to learn from: mine documents, import a labelled dataset or label cases; leave --only-expert out where it is set`,
    )
  const [negatives, positives] = [known(0, 0), known(0, 1)]
  if (negatives === 0 || positives === 0)
    throw new LesionloopError(
      'one-class',
      `training: the flag has ${positives} positive and ${negatives} negative cases outside validation and test: both were expected; add cases of the other kind`,
      { positives, negatives },
    )
}

/** Of each head the base rate where it can't be learned, with a warning; null where it can. */
export const baseRates = (lessons: readonly HeadTruth[][], warnings: string[]) =>
  HEADS.map((head, at) => baseRate(lessons, at, head, warnings))

function baseRate(
  lessons: readonly HeadTruth[][],
  at: number,
  head: string,
  warnings: string[],
): number | null {
  const values = lessons.flatMap(row => row[at]!.value ?? [])
  const positives = values.reduce<number>((sum, value) => sum + value, 0)
  if (positives > 0 && positives < values.length) return null
  warnings.push(
    values.length === 0
      ? `${head}: no label to learn from: the head was not learned`
      : `${head}: ${positives} positive and ${values.length - positives} negative cases to learn from: the head was not learned and answers with its base rate`,
  )
  // Laplace's rule of succession.
  return (positives + 1) / (values.length + 2)
}

/** The lessons without the heads that can't be learned. */
export function withoutConstants(
  lessons: readonly HeadTruth[][],
  constants: readonly (number | null)[],
): HeadTruth[][] {
  return lessons.map(row =>
    row.map((one, at) => (constants[at] === null ? one : { value: null, source: null })),
  )
}
