import type { HeadTruth, TeachingOptions } from '../../fit/targets.ts'
import type { LossTable } from './loss-table.ts'

export interface LossOptions {
  /** Weight of the lesions' mean loss against the flag's. */
  lambda: number
  /** Weights by source and class, for the losses that know them; by default all sources alike, classes balanced. */
  teaching?: TeachingOptions
}

/** One of the losses a network is trained by. */
export interface Loss {
  name: string
  /** What it is, for people: one line. */
  about: string
  /** Whether the lesions' head learns from it. */
  lesions: boolean
  /** What it asks of examples, given what each teaches (the flag first). Pure. */
  table(lessons: readonly HeadTruth[][], options: LossOptions): LossTable
}
