import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { pictureHandlers } from '../../../data/jobs/queue/picture-work.ts'
import { openQueueRunner } from '../../../data/jobs/queue/runner.ts'
import { openWorker } from '../../../data/jobs/queue/worker.ts'
import { databaseAddress } from '../../../data/stores/database-address.ts'
import { openPostgresStore } from '../../../data/stores/postgres/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { newWorkspace } from '../stores/sample.ts'
import { end } from './conformance.ts'

const timing = { pollMs: 200, retryMs: 10, graceMs: 300, beatMs: 500, sweepMs: 1000 }

describe.skipIf(!hasPostgres())('a cycle by shards', () => {
  let postgres: PostgresOfTests
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.close())

  async function site() {
    const database = await postgres.newDatabase()
    const folder = await newWorkspace()
    const workspace = { ...folder, settings: { ...folder.settings, database } }
    const address = databaseAddress(database)
    const store = await openPostgresStore(workspace, address)
    const runner = await openQueueRunner(workspace, { store: store.jobs, address, timing })
    const program = { command: process.execPath, args: [join(import.meta.dirname, 'shard-program.mjs')] }
    const worker = await openWorker(workspace, {
      address,
      kinds: ['train', 'predict'],
      handlers: pictureHandlers,
      timing,
      program,
    })
    onTestFinished(async () => {
      await worker.close()
      await runner.close()
      await store.close()
    })
    return { workspace, runner }
  }

  test('goes on without a shard that ended its process three times, and names it', async () => {
    const { workspace, runner } = await site()
    const { id } = await runner.start('cycle', ['cycle', '--shards', '3'], 'ann')
    const job = await end(runner, id)
    expect(job).toMatchObject({ state: 'done', result: { shards: ['1-of-3', '3-of-3'] } })
    expect(job.problems).toEqual([
      {
        item: 'shard 2 of 3',
        code: 'job-ended',
        message: expect.stringContaining('shard 2 of 3: put aside after several tries'),
      },
    ])
    const tries = (await readdir(workspace.paths.features)).filter(name => name.startsWith('tried-'))
    expect(tries).toHaveLength(3)
  })

  test('has no shards where there is little to compute', async () => {
    const { workspace, runner } = await site()
    const job = await end(runner, (await runner.start('cycle', ['cycle'], 'ann')).id)
    expect(job).toMatchObject({ state: 'done', result: { shards: [] } })
    expect(await readdir(workspace.paths.features)).toEqual([])
  })

  test('of scoring is done when the last shard is', async () => {
    const { runner } = await site()
    const job = await end(runner, (await runner.start('predict', ['predict', '--shards', '3'], 'ann')).id)
    expect(job).toMatchObject({ state: 'done', progress: { step: 'scoring pictures', total: 3 } })
    expect(job.problems).toHaveLength(1)
  })
})
