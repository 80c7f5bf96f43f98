import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { openQueueRunner } from '../../../data/jobs/queue/runner.ts'
import type { Timing } from '../../../data/jobs/queue/sweep.ts'
import { openWorker } from '../../../data/jobs/queue/worker.ts'
import { databaseAddress } from '../../../data/stores/database-address.ts'
import { openPostgresStore } from '../../../data/stores/postgres/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { newWorkspace } from '../stores/sample.ts'
import { jobRunnerSuite, program } from './conformance.ts'

/** Waits of these tests: what takes seconds in life takes a moment here. */
const timing: Partial<Timing> = { pollMs: 200, retryMs: 10, graceMs: 300, beatMs: 500, sweepMs: 1000 }

describe.skipIf(!hasPostgres())('jobs that a worker takes from PostgreSQL', () => {
  let postgres: PostgresOfTests
  let address: string
  let workspaces = 0
  beforeAll(async () => {
    postgres = await startPostgres()
    address = await postgres.newDatabase()
  })
  afterAll(() => postgres?.close())

  jobRunnerSuite(async ({ now, program: given } = {}) => {
    const workspace = await newWorkspace()
    const place = databaseAddress(`${address}&workspace=jobs${++workspaces}`)
    const store = await openPostgresStore(workspace, place)
    const worker = await openWorker(workspace, {
      address: place,
      kinds: ['train', 'export'],
      timing,
      program: given ?? program,
    })
    const runner = await openQueueRunner(workspace, {
      store: store.jobs,
      address: place,
      timing,
      ...(now ? { now } : {}),
    })
    onTestFinished(async () => {
      await worker.close()
      await runner.close()
      await store.close()
    })
    return { workspace, runner }
  })
})
