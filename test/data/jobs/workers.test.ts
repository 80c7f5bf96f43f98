import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openQueueRunner } from '../../../data/jobs/queue/runner.ts'
import type { Timing } from '../../../data/jobs/queue/sweep.ts'
import type { JobRunner } from '../../../data/jobs/runner.ts'
import { databaseAddress } from '../../../data/stores/database-address.ts'
import { openPostgresStore } from '../../../data/stores/postgres/open.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { newWorkspace } from '../stores/sample.ts'
import { end, until, working } from './conformance.ts'

/** What takes half a minute in life takes a second or two here. */
const timing: Partial<Timing> = {
  beatMs: 200,
  deadMs: 1500,
  sweepMs: 300,
  pollMs: 200,
  retryMs: 40,
  graceMs: 500,
}
const program = [
  join(import.meta.dirname, '../workspace/run-typescript.mjs'),
  join(import.meta.dirname, 'work-for-ever.ts'),
]

describe.skipIf(!hasPostgres())('workers, each a process of its own,', () => {
  let postgres: PostgresOfTests
  let database: string
  let places = 0
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    database = await postgres.newDatabase()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => postgres?.close())

  async function open() {
    const workspace = await newWorkspace()
    const address = `${database}&workspace=work${++places}`
    const runners = await Promise.all([0, 1].map(() => server(workspace, address)))
    return {
      workspace,
      runner: runners[0]!,
      other: runners[1]!,
      worker: (of: { gpu?: boolean; slots?: number } = {}) => startWorker(workspace, address, of),
      go: () => writeFile(join(workspace.dir, 'go'), ''),
      trace: () => traceOf(workspace),
    }
  }

  async function server(workspace: Workspace, address: string): Promise<JobRunner> {
    const place = databaseAddress(address)
    const store = await openPostgresStore(workspace, place)
    const runner = await openQueueRunner(workspace, { store: store.jobs, address: place, timing })
    closing.push(() => store.close(), runner.close)
    return runner
  }

  async function startWorker(
    workspace: Workspace,
    address: string,
    options: { gpu?: boolean; slots?: number },
  ): Promise<ChildProcess> {
    const child = spawn(
      process.execPath,
      [...program, workspace.dir, address, JSON.stringify({ ...options, timing })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    closing.push(() => gone(child, 'SIGKILL'))
    await once(child.stdout!, 'data')
    return child
  }

  async function gone(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  async function traceOf(workspace: Workspace) {
    const text = await readFile(join(workspace.dir, 'trace'), 'utf8').catch(() => '')
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => {
        const [, what, name, attempt, pid] = /^(\S+) (.*) (\d+) (\d+)$/.exec(line)!
        return { what, name, attempt: Number(attempt), pid: Number(pid) }
      })
  }

  async function traced(workspace: Workspace, is: (trace: Awaited<ReturnType<typeof traceOf>>) => boolean) {
    for (;;) {
      const trace = await traceOf(workspace)
      if (is(trace)) return trace
      await delay(20)
    }
  }

  async function ask<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: databaseAddress(database).url })
    await client.connect()
    try {
      return (await client.query<T>(sql, values)).rows
    } finally {
      await client.end()
    }
  }

  test('take over from one that was killed in the middle, and the work is written once', async () => {
    const { runner, worker, go, workspace } = await open()
    const one = await worker()
    const { id } = await runner.start('export', ['export'], 'ann')
    await working(runner, id)
    await gone(one, 'SIGKILL')
    const two = await worker()
    await traced(workspace, trace => trace.some(({ pid }) => pid === two.pid))
    await go()
    expect(await end(runner, id)).toMatchObject({ state: 'done', result: two.pid })
    expect((await traceOf(workspace)).filter(({ what }) => what === 'write')).toEqual([
      { what: 'write', name: 'export', attempt: 2, pid: two.pid },
    ])
  })

  test('share the pieces of a job, and what comes after is done once', async () => {
    const { runner, worker, trace } = await open()
    const [one, two] = await Promise.all([worker(), worker()])
    const { id } = await runner.start('mine', ['mine', 'count', '24'], 'ann')
    const job = await end(runner, id)
    expect(job).toMatchObject({ state: 'done', problems: [] })
    expect(new Set(job.result as number[])).toEqual(new Set([one.pid, two.pid]))
    const names = (await trace()).map(({ name }) => name)
    expect(names.toSorted()).toEqual(Array.from({ length: 24 }, (_, at) => `piece-${at}`).toSorted())
  })

  test('put aside what kills them after three tries, and the rest goes through', async () => {
    const { runner, worker, trace } = await open()
    const { id } = await runner.start('mine', ['mine', 'poison', '4'], 'ann')
    let ended = false
    const keeping = (async () => {
      // As a supervisor does.
      while (!ended) {
        const child = await worker()
        await Promise.race([once(child, 'exit'), until(runner, id, job => job.state === 'done')])
      }
    })()
    const job = await end(runner, id)
    ended = true
    await keeping
    expect(job.result).toEqual(['fine', 'aside', 'fine', 'fine'])
    expect(job.problems).toMatchObject([{ item: 'piece-1', code: 'worker-gone' }])
    const of = (await trace()).filter(({ name }) => name === 'piece-1')
    expect(of.map(({ what, attempt }) => `${what} ${attempt}`)).toEqual([
      'begin 1',
      'begin 2',
      'begin 3',
      'aside 4',
    ])
  })

  test('stop at once when another server cancels', async () => {
    const { runner, other, worker } = await open()
    await worker()
    const { id } = await runner.start('mine', ['mine', 'slow', '3'], 'ann')
    await until(runner, id, job => job.progress?.step === 'counting')
    expect((await other.cancel(id)).state).toBe('cancelled')
    expect(await end(runner, id)).toMatchObject({ state: 'cancelled' })
    expect(await ask('select id from lesionloop.pieces where job = $1', [id])).toEqual([])
  })

  test('hand back what they hold when they are told to stop, and that is no failure', async () => {
    const { runner, worker, go, workspace } = await open()
    const one = await worker()
    const { id } = await runner.start('export', ['export'], 'ann')
    await working(runner, id)
    await gone(one, 'SIGTERM')
    expect((await runner.get(id))!.state).toBe('waiting')
    expect(await ask('select attempt, tries from lesionloop.pieces where job = $1', [id])).toEqual([
      { attempt: 1, tries: 0 },
    ])
    const two = await worker()
    await traced(workspace, trace => trace.some(({ pid }) => pid === two.pid))
    await go()
    expect(await end(runner, id)).toMatchObject({ state: 'done', result: two.pid })
  })

  test('write nothing any more when they come back from the dead', async () => {
    const { runner, worker, go, workspace, trace } = await open()
    const zombie = await worker()
    const { id } = await runner.start('export', ['export'], 'ann')
    await working(runner, id)
    zombie.kill('SIGSTOP')
    const two = await worker()
    await traced(workspace, all => all.some(({ pid }) => pid === two.pid))
    await go()
    await end(runner, id)
    const { id: next } = await runner.start('export', ['export', 'again'], 'ann')
    zombie.kill('SIGCONT')
    await gone(two, 'SIGTERM')
    // It lives again, and does what comes next.
    await end(runner, next)
    const written = (await trace()).filter(({ what }) => what === 'write')
    expect(written[0]).toMatchObject({ attempt: 2, pid: two.pid })
    expect(written).toHaveLength(2)
    expect((await runner.get(id))!.result).toBe(two.pid)
  })

  test('outlive a PostgreSQL that goes down under them, and write their work once', async () => {
    const { runner, worker, go, trace } = await open()
    await worker()
    const { id } = await runner.start('export', ['export'], 'ann')
    await working(runner, id)
    await postgres.stopAtOnce()
    await go()
    await postgres.start()
    expect((await end(runner, id)).state).toBe('done')
    expect((await trace()).filter(({ what }) => what === 'write')).toHaveLength(1)
  })

  test('wait longer after each failure, and go on after what passed', async () => {
    const { runner, worker } = await open()
    await worker()
    const { id } = await runner.start('mine', ['mine', 'flaky', '1'], 'ann')
    expect(await end(runner, id)).toMatchObject({ state: 'done', result: ['at last'] })
    const rows = await ask<{ wait: number }>(
      `select extract(epoch from start_after - created_on)::float * 1000 as wait
       from lesionloop_jobs.job where data->>'job' = $1 and start_after > created_on order by created_on`,
      [id],
    )
    expect(rows).toHaveLength(2)
    expect(rows[0]!.wait).toBeGreaterThanOrEqual(20)
    expect(rows[0]!.wait).toBeLessThanOrEqual(40)
    expect(rows[1]!.wait).toBeGreaterThanOrEqual(40)
    expect(rows[1]!.wait).toBeLessThanOrEqual(80)
  })

  test('train one after the other, and on a GPU where there is one', async () => {
    const { runner, worker, trace } = await open()
    const asked = await runner.start('cycle', ['cycle', '--backend', 'gpu'], 'ann')
    await worker()
    const waiting = await until(runner, asked.id, job => job.progress !== undefined)
    expect(waiting.state).toBe('waiting')
    expect(waiting.progress!.step).toMatch(/waiting for a worker with a GPU: none is running/)
    const gpu = await worker({ gpu: true })
    const more = await Promise.all([0, 1].map(() => runner.start('cycle', ['cycle'], 'ann')))
    await Promise.all([asked, ...more].map(({ id }) => end(runner, id)))
    const turns = await trace()
    expect(turns.map(({ what }) => what)).toEqual(Array(3).fill(['enter', 'leave']).flat())
    expect(new Set(turns.map(({ pid }) => pid))).toEqual(new Set([gpu.pid]))
  })
})
