import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { openQueueRunner } from '../../data/jobs/queue/runner.ts'
import type { JobRunner } from '../../data/jobs/runner.ts'
import type { MinedCase } from '../../data/records/case.ts'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { isUnderWay, type Job } from '../../data/records/job.ts'
import { databaseAddress } from '../../data/stores/database-address.ts'
import { openPostgresStore } from '../../data/stores/postgres/open.ts'
import { sealedCycles } from '../../data/stores/speaking.ts'
import type { Store } from '../../data/stores/store.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { runCli } from '../cli/run-cli.ts'
import { type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

/** A small cycle, the same bytes each time. */
export const CYCLE = 'cycle --backend wasm --samples 50 --epochs 30 --penalties 100 --lambdas 0.3'.split(' ')

let postgres: PostgresOfTests
let dir: string
let cases: MinedCase[] | undefined
let copies = 0

/** Cases of ten documents, in a database of their own and a folder with nothing computed yet. */
export interface Site {
  workspace: Workspace
  database: string
  store: Store
  runner: JobRunner
}

/**
 * Starts the database and makes the cycle once without workers; to be called in `beforeAll`.
 * @returns the folder of all sites, and the hashes of that unbroken run.
 */
export async function openSites(): Promise<{ dir: string; unbroken: Record<string, string> }> {
  postgres = await startPostgres()
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-queue-'))
  const site = await newSite()
  return { dir, unbroken: await hashesOf(site, await cli(site, CYCLE)) }
}

/** To be called in `afterAll`. */
export async function closeSites(): Promise<void> {
  await postgres?.close()
  if (dir) await nodeFiles.remove(dir)
}

/** @param of.filled false: without any case. */
export async function newSite({ filled = true } = {}): Promise<Site> {
  const folder = join(dir, `site-${++copies}`)
  const database = await postgres.newDatabase()
  if (filled && copies > 1)
    await cp(join(dir, 'site-1', 'images'), join(folder, 'images'), { recursive: true })
  const workspace = await openWorkspace(folder, { create: true })
  const address = databaseAddress(database)
  const store = await openPostgresStore(workspace, address, { write: ['cases'] })
  const runner = await openQueueRunner(workspace, { store: store.jobs, address })
  const close = async () => {
    await runner.close()
    await store.close()
  }
  if (copies > 1) onTestFinished(close)
  if (filled) {
    cases ??= await fillWithPhantoms(await openWorkspace(folder), 10)
    for (const document of new Set(cases.map(one => one.document!)))
      await store.cases.put(
        document,
        cases.filter(one => one.document === document),
      )
  }
  if (copies === 1) await close()
  return { workspace, database, store, runner }
}

export async function cli({ workspace, database }: Site, args: readonly string[]): Promise<string> {
  const run = await runCli([...args, '--workspace', workspace.dir, '--database', database])
  expect(run.err.split('\n').slice(-3).join('\n') + run.status).toMatch(/0$/)
  return sealedCycles(workspace).at(-1)!
}

/** A worker process; killed when the test ends. */
export async function startWorker(
  { workspace, database }: Site,
  { gpu = false, kinds = 'predict,train' } = {},
): Promise<{ child: ChildProcess; said: () => string }> {
  const script = join(import.meta.dirname, 'queue-worker.mjs')
  const child = spawn(process.execPath, [script, workspace.dir, database, gpu ? 'gpu' : 'no-gpu', kinds], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // All of it is gone.
    }
  })
  let said = ''
  await new Promise<void>(resolve => {
    child.stdout!.setEncoding('utf8').on('data', text => {
      said += text
      if (said.includes('ready')) resolve()
    })
  })
  return { child, said: () => said }
}

export async function until(site: Site, id: string, is: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = (await site.store.jobs.get(id))!
    if (is(job)) return job
    if (!isUnderWay(job)) throw new Error(`job ended: ${JSON.stringify(job)}`)
    await delay(20)
  }
}
export const end = (site: Site, id: string) => until(site, id, job => !isUnderWay(job))

export async function recordOf({ workspace }: Site, id: string): Promise<CycleRecord> {
  return JSON.parse(await readFile(join(workspace.paths.cycle(id), 'cycle.json'), 'utf8')) as CycleRecord
}

/** Hashes of a cycle's files but for the page, which says when it was made. */
export async function hashesOf(site: Site, id: string): Promise<Record<string, string>> {
  const { 'report.html': _, ...files } = (await recordOf(site, id)).files
  return files
}

/** Waits for words in the log of a job, which stand there at once. */
export async function logged({ workspace }: Site, id: string, words: RegExp): Promise<void> {
  while (!words.test(await readFile(workspace.paths.jobLog(id), 'utf8').catch(() => ''))) await delay(2)
}

export const shards = (said: string) => (said.match(/shard \d+ of \d+/g) ?? []).sort()
