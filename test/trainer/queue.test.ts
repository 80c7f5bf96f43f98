import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
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
import { takeTurn } from '../../trainer/cycle/turn.ts'
import { runCli } from '../cli/run-cli.ts'
import { isBuilt } from '../faults/served.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

const CYCLE = 'cycle --backend wasm --samples 50 --epochs 30 --penalties 100 --lambdas 0.3'.split(' ')

let postgres: PostgresOfTests
let dir: string
let unbroken: Record<string, string>
let cases: MinedCase[] | undefined
let copies = 0

/** Cases of ten documents, in a database of their own and a folder with nothing computed yet. */
interface Site {
  workspace: Workspace
  database: string
  store: Store
  runner: JobRunner
}

beforeAll(async () => {
  if (!hasPostgres() || !isBuilt()) return
  postgres = await startPostgres()
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-queue-'))
  const site = await newSite()
  unbroken = await hashesOf(site, await cli(site, CYCLE))
}, 120_000)
afterAll(async () => {
  await postgres?.close()
  if (dir) await nodeFiles.remove(dir)
})

/** @param of.filled false: without any case. */
async function newSite({ filled = true } = {}): Promise<Site> {
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

async function cli({ workspace, database }: Site, args: readonly string[]): Promise<string> {
  const run = await runCli([...args, '--workspace', workspace.dir, '--database', database])
  expect(run.err.split('\n').slice(-3).join('\n') + run.status).toMatch(/0$/)
  return sealedCycles(workspace).at(-1)!
}

/** A worker process; killed when the test ends. */
async function startWorker(
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

async function until(site: Site, id: string, is: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = (await site.store.jobs.get(id))!
    if (is(job)) return job
    if (!isUnderWay(job)) throw new Error(`job ended: ${JSON.stringify(job)}`)
    await delay(20)
  }
}
const end = (site: Site, id: string) => until(site, id, job => !isUnderWay(job))

async function recordOf({ workspace }: Site, id: string): Promise<CycleRecord> {
  return JSON.parse(await readFile(join(workspace.paths.cycle(id), 'cycle.json'), 'utf8')) as CycleRecord
}

/** Hashes of a cycle's files but for the page, which says when it was made. */
async function hashesOf(site: Site, id: string): Promise<Record<string, string>> {
  const { 'report.html': _, ...files } = (await recordOf(site, id)).files
  return files
}

/** Waits for words in the log of a job, which stand there at once. */
async function logged({ workspace }: Site, id: string, words: RegExp): Promise<void> {
  while (!words.test(await readFile(workspace.paths.jobLog(id), 'utf8').catch(() => ''))) await delay(2)
}

const shards = (said: string) => (said.match(/shard \d+ of \d+/g) ?? []).sort()

describe.skipIf(!hasPostgres() || !isBuilt())('a cycle that workers make', { timeout: 120_000 }, () => {
  it('has its features read by several of them, is sealed for the person who wanted it, and its queue is in the database', async () => {
    const site = await newSite()
    const [one, other] = [await startWorker(site), await startWorker(site, { kinds: 'predict' })]
    const { id: ann } = await site.store.accounts.add('Dr Ann', 'trainer')
    const { id } = await site.runner.start('cycle', [...CYCLE, '--shards', '4'], ann)
    const job = await end(site, id)
    expect(job).toMatchObject({ state: 'done', result: { cycle: '0001' } })
    expect(shards(one.said() + other.said())).toEqual([1, 2, 3, 4].map(at => `shard ${at} of 4`))
    expect(await hashesOf(site, '0001')).toEqual(unbroken)
    // The person whose job it is.
    expect(await recordOf(site, '0001')).toMatchObject({ by: 'Dr Ann', job: id })
    const { cycle, entries } = await site.store.queue.read()
    expect([cycle, entries.length > 0]).toEqual(['0001', true])
  })

  it('is taken over where its worker is killed in the middle of a shard', async () => {
    const site = await newSite()
    const first = await startWorker(site)
    const { id } = await site.runner.start('cycle', [...CYCLE, '--shards', '3'], 'ann')
    await until(site, id, ({ progress }) => progress?.step === 'reading features')
    while (shards(first.said()).length < 2) await delay(5)
    first.child.kill('SIGKILL')
    await startWorker(site)
    expect(await end(site, id)).toMatchObject({ state: 'done', result: { cycle: '0001' } })
    expect(await hashesOf(site, '0001')).toEqual(unbroken)
  })

  it('is taken over where its worker is killed in the middle of the training: one cycle, as of an unbroken run', async () => {
    const site = await newSite()
    const first = await startWorker(site)
    const { id } = await site.runner.start('cycle', CYCLE, 'ann')
    await logged(site, id, /choosing settings/)
    // Its machine is gone: with it the process that trains.
    process.kill(-first.child.pid!, 'SIGKILL')
    await once(first.child, 'exit')
    await startWorker(site)
    expect(await end(site, id)).toMatchObject({ state: 'done', result: { cycle: '0001' } })
    expect(await readdir(site.workspace.paths.cycles)).toEqual(['0001'])
    expect(await hashesOf(site, '0001')).toEqual(unbroken)
  })

  it('is not made a second time where its worker was killed between the seal and the word of it', async () => {
    const site = await newSite()
    const first = await startWorker(site)
    const { id } = await site.runner.start('cycle', CYCLE, 'ann')
    while (sealedCycles(site.workspace).length === 0) await delay(2)
    first.child.kill('SIGKILL')
    await startWorker(site)
    expect(await end(site, id)).toMatchObject({ state: 'done' })
    expect(await readdir(site.workspace.paths.cycles)).toEqual(['0001'])
  })

  it('is not written by a worker that was frozen, was taken for dead and comes to itself again', async () => {
    const site = await newSite()
    const first = await startWorker(site)
    const { id } = await site.runner.start('cycle', CYCLE, 'ann')
    await logged(site, id, /choosing settings/)
    process.kill(-first.child.pid!, 'SIGSTOP')
    await startWorker(site)
    expect(await end(site, id)).toMatchObject({ state: 'done', result: { cycle: '0001' } })
    const sealed = await recordOf(site, '0001')
    process.kill(-first.child.pid!, 'SIGCONT')
    while (!first.said().includes('another worker has it')) await delay(20)
    expect(await readdir(site.workspace.paths.cycles)).toEqual(['0001'])
    expect(await recordOf(site, '0001')).toEqual(sealed)
  })

  it('waits for the one before it', async () => {
    const site = await newSite()
    await startWorker(site)
    await startWorker(site)
    const jobs = [
      await site.runner.start('cycle', CYCLE, 'ann'),
      await site.runner.start('cycle', CYCLE, 'ben'),
    ]
    const [one, other] = await Promise.all(jobs.map(({ id }) => end(site, id)))
    expect([one!.state, other!.state]).toEqual(['done', 'done'])
    const records = [await recordOf(site, '0001'), await recordOf(site, '0002')]
    expect(records[1]!.startedAt > records[0]!.sealedAt).toBe(true)
    expect(records.map(({ job }) => job).sort()).toEqual(jobs.map(({ id }) => id).sort())
  })

  it('with a GPU asked for waits for a worker that has one, and says so', async () => {
    const site = await newSite()
    await startWorker(site)
    const { id } = await site.runner.start('cycle', [...CYCLE, '--backend', 'gpu'], 'ann')
    const waiting = await until(site, id, ({ progress }) => /GPU/.test(progress?.step ?? ''))
    expect(waiting).toMatchObject({ state: 'waiting' })
    expect(waiting.progress!.step).toMatch(/waiting for a worker with a GPU: none is running; start/)
    const withGpu = await startWorker(site, { gpu: true })
    while (!withGpu.said().includes(id)) await delay(20)
    await site.runner.cancel(id)
  })
})

describe.skipIf(!hasPostgres() || !isBuilt())('the turn to make a cycle, over a database', () => {
  const turnOf = async ({ workspace, database }: Site, job?: string) => {
    const settled = { ...workspace, settings: { ...workspace.settings, database } }
    return await takeTurn(settled, job === undefined ? {} : { job })
  }

  it('is refused to a person while a job has it, and to be had when that gives it back', async () => {
    const site = await newSite({ filled: false })
    const turn = await turnOf(site, 'j1')
    await expect(turnOf(site)).rejects.toMatchObject({
      code: 'lock-held',
      message: expect.stringContaining('a cycle is being made by job j1'),
    })
    await turn.release()
    await (await turnOf(site)).release()
  })

  it('is waited for by another job', async () => {
    const site = await newSite({ filled: false })
    const first = await turnOf(site, 'j1')
    let has = false
    const second = turnOf(site, 'j2').then(turn => {
      has = true
      return turn
    })
    await delay(100)
    expect(has).toBe(false)
    await first.release()
    await (await second).release()
  })

  it('goes to the next attempt at the same job, where the one before holds on to it', async () => {
    const site = await newSite({ filled: false })
    const before = await turnOf(site, 'j1')
    await (await turnOf(site, 'j1')).release()
    await before.release()
  })
})

describe.skipIf(!hasPostgres() || !isBuilt())('predictions that workers make', { timeout: 120_000 }, () => {
  it('are put together with the bytes of the verb without workers', async () => {
    const site = await newSite()
    await cp(join(dir, 'site-1', 'cycles'), site.workspace.paths.cycles, { recursive: true })
    const verb = (out: string) => ['predict', '--backend', 'wasm', '--out', join(dir, out)]
    await startWorker(site)
    await startWorker(site, { kinds: 'predict' })
    const by = ['--queue', '--shards', '3']
    await cli(site, [...verb('by-workers.jsonl'), ...by])
    const [job] = await site.runner.list()
    expect(job).toMatchObject({ kind: 'predict', state: 'done' })
    expect(job!.args).toContain('--model=0001')
    await nodeFiles.remove(site.workspace.paths.features)
    await cli(site, verb('alone.jsonl'))
    const bytes = (name: string) => readFile(join(dir, name), 'utf8')
    expect(await bytes('by-workers.jsonl')).toBe(await bytes('alone.jsonl'))
    expect((await bytes('alone.jsonl')).split('\n')).toHaveLength(41)
  })

  it('are refused where there is no database', async () => {
    const folder = join(dir, 'alone')
    await openWorkspace(folder, { create: true })
    const { status, err } = await runCli(['cycle', '--queue', '--workspace', folder])
    expect([status, err]).toEqual([
      1,
      expect.stringContaining('cycle: --queue: this workspace has no database'),
    ])
  })
})
