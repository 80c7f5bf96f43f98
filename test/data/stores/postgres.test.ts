import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { openStore } from '../../../data/stores/open.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { describeStore } from './conformance.ts'
import { newWorkspace } from './sample.ts'

describe.skipIf(!hasPostgres())('over PostgreSQL', () => {
  let server: PostgresOfTests
  let database: string
  let places = 0
  beforeAll(async () => {
    server = await startPostgres()
    database = await server.newDatabase()
  })
  afterAll(() => server?.close())

  describeStore('the store on PostgreSQL', async () => {
    const workspace = await newWorkspace()
    const at = { database: `${database}&workspace=place-${++places}` }
    return {
      open: () => openStore(workspace, { ...at, write: ['labels', 'cases', 'accounts', 'jobs'] }),
      openReader: () => openStore(workspace, at),
      async sealCycle(id: string, queue: QueueEntry[]) {
        const folder = workspace.paths.cycle(id)
        await workspace.files.makeFolder(folder)
        await writeFile(join(folder, 'queue.jsonl'), queue.map(each => `${JSON.stringify(each)}\n`).join(''))
        await writeJson(workspace.files, join(folder, 'cycle.json'), { id })
      },
    }
  })
})
