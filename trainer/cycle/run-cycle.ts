import { createHash, randomInt } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CycleRecord, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { databaseOf } from '../../data/stores/database-address.ts'
import { openStore } from '../../data/stores/open.ts'
import { readPromotion, sealedCycles } from '../../data/stores/speaking.ts'
import { writeFileAtomically, writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { encodeFoldHeads } from '../model/fold-heads.ts'
import { buildReport } from '../report/build-report.ts'
import { reportHtml } from '../report/report.ts'
import { type CycleResult, readOutcome, sealedByJob } from './cycle-result.ts'
import type { CycleOptions } from './options.ts'
import { type Trained, TUNING, train } from './train.ts'
import { takeTurn } from './turn.ts'
import { whoRuns } from './who.ts'

/** Who makes a cycle, and for which job. */
export interface CycleMaker {
  by?: string
  /** The job it is made for: one cycle, however often the job runs. */
  job?: string
  /** Does what the newest attempt at the job alone may do (data/jobs/queue/fence.ts); by default at once. */
  fence?: <T>(work: () => Promise<T>) => Promise<T>
}

/**
 * One full cycle: learns, predicts, ranks, and seals the outcome as cycles/NNNN. The folder is written under another
 * name and renamed as the last thing, so that no half cycle is ever seen; what a killed run left of one is cleared
 * away. Features are cached, so that a repeated run goes on where it was stopped. A job that has sealed its cycle
 * already comes to that one.
 * @throws LesionloopError `lock-held`, `nothing-to-learn`, `one-class`, `weights-…`, `backend-…`, `job-taken-over`.
 */
export async function runCycle(
  workspace: Workspace,
  options: CycleOptions,
  { by, job, fence = work => work(), ...run }: RunOptions & CycleMaker = {},
): Promise<CycleResult> {
  const turn = await takeTurn(workspace, { ...run, ...(job === undefined ? {} : { job }) })
  try {
    await clearHalves(workspace)
    await workspace.shared?.pull()
    const there = job === undefined ? null : await sealedByJob(workspace, job)
    const maker = { ...(by ? { by } : {}), ...(job ? { job } : {}), fence }
    const result = there
      ? await readOutcome(workspace, there)
      : await makeCycle(workspace, options, { ...maker, ...run })
    await letQueueIn(workspace)
    return result
  } finally {
    await turn.release()
  }
}

async function makeCycle(
  workspace: Workspace,
  options: CycleOptions,
  { by, job, fence, ...run }: RunOptions & CycleMaker & Required<Pick<CycleMaker, 'fence'>>,
): Promise<CycleResult> {
  const startedAt = new Date().toISOString()
  const trained = await train(workspace, options, run)
  run.signal?.throwIfAborted()
  run.onProgress?.({ step: 'writing the cycle', done: 0, total: null })
  const made = {
    startedAt,
    by: by ?? (await whoRuns(workspace)),
    ...(job === undefined ? {} : { job }),
    seed: options.seed,
  }
  const contents = await contentsOf(workspace, trained, options, run)
  const { record, isOurs } = await fence(async () => {
    await workspace.shared?.pull()
    const there = job === undefined ? null : await sealedByJob(workspace, job)
    return { record: there ?? (await seal(workspace, trained, made, contents)), isOurs: there === null }
  })
  await workspace.files.remove(join(workspace.paths.cycles, TUNING))
  if (!isOurs) return await readOutcome(workspace, record)
  const { metrics, queue, stopSignals, learnedFrom } = trained
  return {
    id: record.id,
    record,
    metrics,
    queue: queue.slice(0, 10),
    pool: learnedFrom.cases.pool,
    stopSignals,
  }
}

/** Files of a cycle by name; the report and the record come when its number is known. */
interface Contents {
  files: Record<string, string | Uint8Array>
  report: Awaited<ReturnType<typeof buildReport>>
}

async function contentsOf(
  workspace: Workspace,
  trained: Trained,
  options: CycleOptions,
  run: RunOptions,
): Promise<Contents> {
  const { metrics, scored, learned, maps, stopSignals } = trained
  const isFrozen = options.fit === 'heads'
  const report = await buildReport(
    {
      metrics,
      scored,
      maps,
      seed: options.seed,
      weights: trained.backbone.weights,
      ...(isFrozen
        ? { chosen: { chosen: learned.chosen, tried: learned.tried, keptAt: learned.keptAt } }
        : {}),
      imagePath: file => pictureAt(workspace, file),
    },
    run,
  )
  const files = {
    'config.json': json(trained.config),
    'checkpoint.safetensors': trained.checkpoint,
    // Of a fine-tuned network there are no such heads: its folds are not trained apart.
    ...(isFrozen ? { 'folds.safetensors': encodeFoldHeads(learned.foldHeads) } : {}),
    'metrics.json': json(metrics),
    'predictions.jsonl': lines<Prediction>(trained.predictions),
    'queue.jsonl': lines<QueueEntry>(trained.queue),
    'stop-signals.json': json(stopSignals),
    'report.json': json(report),
  }
  return { files, report }
}

async function seal(
  workspace: Workspace,
  trained: Trained,
  made: Pick<CycleRecord, 'startedAt' | 'by' | 'job' | 'seed'>,
  { files: before, report: data }: Contents,
): Promise<CycleRecord> {
  const { files, paths } = workspace
  const id = await nextId(workspace)
  const folder = `${paths.cycle(id)}${halfMark(workspace)}.half`
  await files.makeFolder(folder)
  const { seed, ...who } = made
  const record: CycleRecord = {
    id,
    ...who,
    sealedAt: new Date().toISOString(),
    code: `lesionloop ${packageVersion()}`,
    backend: trained.backend,
    backbone: trained.backbone,
    seed,
    config: trained.config,
    learnedFrom: trained.learnedFrom,
    files: {},
  }
  const { metrics, queue, stopSignals } = trained
  const contents = {
    ...before,
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

/** Over a database more machines may be at it: a folder that was taken over must not be written by two. */
const halfMark = (workspace: Workspace) =>
  databaseOf(workspace) ? String(randomInt(10_000_000, 100_000_000)) : ''

/** Puts the new queue into the database, which tells the servers; over files they see it in the folder. */
async function letQueueIn(workspace: Workspace): Promise<void> {
  if (!databaseOf(workspace)) return
  const store = await openStore(workspace)
  try {
    await store.refresh()
  } finally {
    await store.close()
  }
}

/** One above every cycle there is and every one that ever was promoted: the ledger's numbers never mean another. */
async function nextId(workspace: Workspace): Promise<string> {
  const promoted = (await readPromotion(workspace))?.history.map(step => step.cycle) ?? []
  const highest = Math.max(0, ...[...sealedCycles(workspace), ...promoted].map(Number))
  return workspace.shared
    ? await workspace.shared.claimCycle(highest + 1)
    : String(highest + 1).padStart(4, '0')
}

/** Removes what killed runs left of cycles they did not seal. */
async function clearHalves({ files, paths }: Workspace): Promise<void> {
  const names = await readdir(paths.cycles).catch(() => [] as string[])
  for (const name of names)
    if (/^\d+\.half$/.test(name)) await files.remove(join(paths.cycles, basename(name)))
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
export const lines = <T>(rows: readonly T[]) => rows.map(row => `${JSON.stringify(row)}\n`).join('')
