import type { ActPayload } from '../../../data/records/act.ts'

/** A decision on its way to the disk. */
export interface Draft {
  /** Order of sending. */
  n: number
  op: string
  /** Account that decided it: another person's drafts in the same browser are left alone. */
  by: string
  case: string
  /** Version of the case it was based on; where `after` is set, the version its forerunner leaves behind. */
  base: number
  /** `op` of this person's draft on the same case that goes out before it. */
  after?: string
  act: ActPayload
}

/** Where drafts wait: IndexedDB, so that a closed tab or a dead server loses none. */
export interface DraftShelf {
  all(): Promise<Draft[]>
  put(draft: Draft): Promise<void>
  remove(op: string): Promise<void>
}

/** Keeps drafts in memory only: where the browser refuses IndexedDB (private windows of some). */
export function memoryShelf(): DraftShelf {
  const drafts = new Map<string, Draft>()
  return {
    all: async () => [...drafts.values()].sort((a, b) => a.n - b.n),
    put: async draft => void drafts.set(draft.op, draft),
    remove: async op => void drafts.delete(op),
  }
}
