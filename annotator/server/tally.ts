import type { CaseState } from '../../data/records/case.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Cycles } from './cycles.ts'
import { KeptTally } from './kept-tally.ts'
import type { Counts, Labelled, TableCount } from './numbers.ts'
import { WalkedTally } from './walked-tally.ts'

/** Counts over all cases as they stand. */
export interface Tally {
  /** @param how `gently`: nobody waits for it yet, and whoever asks for something else meanwhile goes first. */
  counts(how?: { gently?: boolean }): Promise<Counts>
  /** Of some documents; one without cases is left out. */
  documents(ids: readonly string[]): Promise<Map<string, Labelled>>
  tables(): Promise<TableCount[]>
  /** Takes in cases as they stand after an act. */
  take(states: readonly CaseState[]): Promise<void>
}

/** A store that keeps sums is asked for them; else somebody has to walk. */
export function openTally(workspace: Workspace, store: Store, cycles: Cycles): Tally {
  const { sums } = store.cases
  return sums ? new KeptTally(workspace, { store, sums }, cycles) : new WalkedTally(workspace, store, cycles)
}
