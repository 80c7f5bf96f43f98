import { join } from 'node:path'
import { messageOf } from '../../data/errors.ts'
import type { CycleMetrics, CycleRecord, Measure } from '../../data/records/cycle.ts'
import { unsoundFiles } from '../../data/stores/soundness.ts'
import { readPromotion, sealedCycles } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readCycle } from './newest.ts'

/** A line of the ledger. */
export interface ListedCycle {
  id: string
  promoted: boolean
  /** Files that are not as they were sealed, and what can't be read; empty: sound. */
  faults: string[]
  /** null where cycle.json or metrics.json can't be read. */
  record: CycleRecord | null
  /** The flag's AUC on test, else out of fold. */
  auc: (Measure & { side: 'test' | 'oof' }) | null
  warnings: number
}

/** The sealed cycles, the oldest first; one that can't be read is listed with its fault and stops nothing. */
export async function listCycles(workspace: Workspace): Promise<ListedCycle[]> {
  const promoted = (await readPromotion(workspace))?.cycle ?? null
  return await Promise.all(
    sealedCycles(workspace).map(async (id): Promise<ListedCycle> => {
      const row = { id, promoted: id === promoted }
      try {
        const record = await readCycle(workspace, id)
        const faults = await unsoundFiles(workspace, record)
        const metrics = await readJson<CycleMetrics>(join(workspace.paths.cycle(id), 'metrics.json'))
        const { test, oof } = metrics.flag
        const [side, auc] = test ? (['test', test['auc']] as const) : (['oof', oof?.['auc']] as const)
        return {
          ...row,
          faults,
          record,
          auc: auc ? { ...auc, side } : null,
          warnings: metrics.warnings.length,
        }
      } catch (error) {
        return { ...row, faults: [messageOf(error)], record: null, auc: null, warnings: 0 }
      }
    }),
  )
}
