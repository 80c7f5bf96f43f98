import { join } from 'node:path'
import type { CycleMetrics, CycleRecord, QueueEntry } from '../../data/records/cycle.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import { sealedCycles } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readJsonLines } from './json-lines.ts'
import { readCycle } from './newest.ts'

/** What a cycle came to. */
export interface CycleResult {
  id: string
  record: CycleRecord
  metrics: CycleMetrics
  /** First ten of the queue. */
  queue: QueueEntry[]
  pool: number
  stopSignals: StopSignal[]
}

/** The cycle that a job has sealed already; null where it has not. The newest are looked at first. */
export async function sealedByJob(workspace: Workspace, job: string): Promise<CycleRecord | null> {
  for (const id of sealedCycles(workspace).reverse()) {
    const record = await readCycle(workspace, id)
    if (record.job === job) return record
  }
  return null
}

/** What a sealed cycle came to, as its folder tells. */
export async function readOutcome(workspace: Workspace, record: CycleRecord): Promise<CycleResult> {
  const folder = workspace.paths.cycle(record.id)
  const queue = await readJsonLines<QueueEntry>(join(folder, 'queue.jsonl'))
  return {
    id: record.id,
    record,
    metrics: await readJson<CycleMetrics>(join(folder, 'metrics.json')),
    queue: queue.slice(0, 10),
    pool: record.learnedFrom.cases.pool,
    stopSignals: await readJson<StopSignal[]>(join(folder, 'stop-signals.json')),
  }
}
