import { once } from 'node:events'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { takeTurn } from '../../trainer/cycle/turn.ts'
import { runCli } from '../cli/run-cli.ts'
import { isBuilt } from '../faults/served.ts'
import { hasPostgres } from '../postgres/server-of-tests.ts'
import {
  CYCLE,
  cli,
  closeSites,
  end,
  hashesOf,
  logged,
  newSite,
  openSites,
  recordOf,
  type Site,
  shards,
  startWorker,
  until,
} from './queue-sites.ts'

let dir: string
let unbroken: Record<string, string>
beforeAll(async () => {
  if (hasPostgres() && isBuilt()) ({ dir, unbroken } = await openSites())
}, 120_000)
afterAll(closeSites)

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
