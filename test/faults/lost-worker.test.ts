import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sealedCycles } from '../../data/stores/speaking.ts'
import { isLong } from '../long.ts'
import { hasPostgres } from '../postgres/server-of-tests.ts'
import {
  CYCLE,
  closeSites,
  end,
  hashesOf,
  logged,
  newSite,
  openSites,
  recordOf,
  shards,
  startWorker,
  until,
} from '../trainer/queue-sites.ts'
import { isBuilt } from './served.ts'

// In `npm test` a worker is killed in mid-training, by test/trainer/queue.test.ts, and in mid-job by test/data/jobs.
const here = isLong && hasPostgres() && isBuilt()

let unbroken: Record<string, string>
beforeAll(async () => {
  if (here) unbroken = (await openSites()).unbroken
}, 120_000)
afterAll(closeSites)

describe.skipIf(!here)('a cycle whose worker is lost', { timeout: 120_000 }, () => {
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
})
