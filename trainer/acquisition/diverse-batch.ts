import type { Novelty } from './novelty.ts'
import type { Candidate } from './strategy.ts'

/** What each case of the same patient or paper, read or chosen before, leaves of a case's worth. */
const SAME_GROUP = 0.7

/**
 * A batch that grows case by case: each is worth most at its time, where worth falls with what was read or chosen
 * before, near-twins by their likeness (to nothing), cases of one patient or paper by 0.7 each.
 */
export class DiverseBatch {
  readonly rows: number[] = []
  private readonly candidates: readonly Candidate[]
  private readonly novelty: Novelty | null
  private readonly ofGroup = new Map<string, number>()
  private readonly taken: Uint8Array

  /** @param candidates in the order of the rows of `novelty`; null where there are no features to compare. */
  constructor(
    candidates: readonly Candidate[],
    novelty: Novelty | null,
    read: readonly { group?: string }[],
  ) {
    this.candidates = candidates
    this.novelty = novelty
    this.taken = new Uint8Array(candidates.length)
    for (const { group } of read) this.count(group)
  }

  /** The row worth most by now; null where none is worth anything. */
  best(worth: (row: number) => number): number | null {
    let best: number | null = null
    let most = 0
    for (let row = 0; row < this.candidates.length; row++) {
      if (this.taken[row] === 1) continue
      const own = worth(row)
      if (own <= most) continue
      const value = own * this.diversity(row)
      if (value > most) {
        most = value
        best = row
      }
    }
    return best
  }

  /** How unlike everything read or chosen a row is, 0…1; null where there are no features. */
  noveltyOf(row: number): number | null {
    return this.novelty?.of(row) ?? null
  }

  take(row: number): void {
    this.rows.push(row)
    this.taken[row] = 1
    this.novelty?.add(row)
    this.count(this.candidates[row]!.group)
  }

  has(row: number): boolean {
    return this.taken[row] === 1
  }

  private diversity(row: number): number {
    const { group } = this.candidates[row]!
    const before = group === undefined ? 0 : (this.ofGroup.get(group) ?? 0)
    return (this.novelty?.of(row) ?? 1) * SAME_GROUP ** before
  }

  private count(group: string | undefined): void {
    if (group !== undefined) this.ofGroup.set(group, (this.ofGroup.get(group) ?? 0) + 1)
  }
}
