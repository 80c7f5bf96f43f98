import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CycleMetrics, CycleRecord, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import { readPromotion, sealedCycles } from '../../data/stores/speaking.ts'
import { writeFileAtomically, writeJson } from '../../data/workspace/files.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { encodeFoldHeads } from '../model/fold-heads.ts'
import { buildReport } from '../report/build-report.ts'
import { reportHtml } from '../report/report.ts'
import type { CycleOptions } from './options.ts'
import { type Trained, TUNING, train } from './train.ts'
import { whoRuns } from './who.ts'

export interface CycleResult {
  id: string
  record: CycleRecord
  metrics: CycleMetrics
  /** First ten of the queue. */
  queue: QueueEntry[]
  pool: number
  stopSignals: StopSignal[]
}

/**
 * One full cycle: learns, predicts, ranks, and seals the outcome as cycles/NNNN. The folder is written under another
 * name and renamed as the last thing, so that no half cycle is ever seen; what a killed run left of one is cleared
 * away. Features are cached, so that a repeated run goes on where it was stopped.
 * @throws LesionloopError `lock-held`, `nothing-to-learn`, `one-class`, `weights-…`, `backend-…`.
 */
export async function runCycle(
  workspace: Workspace,
  options: CycleOptions,
  run: RunOptions & { by?: string } = {},
): Promise<CycleResult> {
  const lock = await acquireLock(workspace, 'cycles')
  try {
    await clearHalves(workspace)
    const startedAt = new Date().toISOString()
    const trained = await train(workspace, options, run)
    run.signal?.throwIfAborted()
    const id = await nextId(workspace)
    run.onProgress?.({ step: 'writing the cycle', done: 0, total: null, detail: id })
    const by = run.by ?? (await whoRuns(workspace))
    const record = await seal(workspace, id, trained, { startedAt, by, options }, run)
    await workspace.files.remove(join(workspace.paths.cycles, TUNING))
    return {
      id,
      record,
      metrics: trained.metrics,
      queue: trained.queue.slice(0, 10),
      pool: trained.learnedFrom.cases.pool,
      stopSignals: trained.stopSignals,
    }
  } finally {
    await lock.release()
  }
}

async function seal(
  workspace: Workspace,
  id: string,
  trained: Trained,
  { startedAt, by, options }: { startedAt: string; by: string; options: CycleOptions },
  run: RunOptions,
): Promise<CycleRecord> {
  const { files, paths } = workspace
  const folder = `${paths.cycle(id)}.half`
  await files.makeFolder(folder)
  const record: CycleRecord = {
    id,
    startedAt,
    sealedAt: new Date().toISOString(),
    by,
    code: `lesionloop ${packageVersion()}`,
    backend: trained.backend,
    backbone: trained.backbone,
    seed: options.seed,
    config: trained.config,
    learnedFrom: trained.learnedFrom,
    files: {},
  }
  const { metrics, queue, scored, learned, maps, stopSignals } = trained
  const data = await buildReport(
    {
      metrics,
      scored,
      maps,
      seed: options.seed,
      weights: trained.backbone.weights,
      ...(options.fit === 'heads'
        ? { chosen: { chosen: learned.chosen, tried: learned.tried, keptAt: learned.keptAt } }
        : {}),
      imagePath: paths.image,
    },
    run,
  )
  const contents: Record<string, string | Uint8Array> = {
    'config.json': json(record.config),
    'checkpoint.safetensors': trained.checkpoint,
    // Of a fine-tuned network there are no such heads: its folds are not trained apart.
    ...(options.fit === 'heads' ? { 'folds.safetensors': encodeFoldHeads(learned.foldHeads) } : {}),
    'metrics.json': json(trained.metrics),
    'predictions.jsonl': lines<Prediction>(trained.predictions),
    'queue.jsonl': lines<QueueEntry>(trained.queue),
    'stop-signals.json': json(stopSignals),
    'report.json': json(data),
    'report.html': await reportHtml({ record, metrics, queue, stopSignals, data }),
  }
  for (const [name, content] of Object.entries(contents)) {
    await writeFileAtomically(files, join(folder, name), content)
    record.files[name] = createHash('sha256').update(content).digest('hex')
  }
  // Last: its presence says that everything else is there.
  await writeJson(files, join(folder, 'cycle.json'), record)
  await files.rename(folder, paths.cycle(id))
  await files.syncFolder(paths.cycles)
  return record
}

/** One above every cycle there is and every one that ever was promoted: the ledger's numbers never mean another. */
async function nextId(workspace: Workspace): Promise<string> {
  const promoted = (await readPromotion(workspace))?.history.map(step => step.cycle) ?? []
  const highest = Math.max(0, ...[...sealedCycles(workspace), ...promoted].map(Number))
  return String(highest + 1).padStart(4, '0')
}

/** Removes what killed runs left of cycles they did not seal. */
async function clearHalves({ files, paths }: Workspace): Promise<void> {
  const names = await readdir(paths.cycles).catch(() => [] as string[])
  for (const name of names)
    if (/^\d+\.half$/.test(name)) await files.remove(join(paths.cycles, basename(name)))
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
export const lines = <T>(rows: readonly T[]) => rows.map(row => `${JSON.stringify(row)}\n`).join('')
