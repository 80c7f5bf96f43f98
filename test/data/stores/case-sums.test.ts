import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseAddress } from '../../../data/stores/database-address.ts'
import { openStore } from '../../../data/stores/open.ts'
import { caseSums } from '../../../data/stores/postgres/case-sums.ts'
import { openDatabase } from '../../../data/stores/postgres/connection.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { draft, newWorkspace, samplePanels } from './sample.ts'

const CASES = samplePanels('ABC')

describe.skipIf(!hasPostgres())('the sums of a database', () => {
  let server: PostgresOfTests
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.close())

  async function workspaceWithCases() {
    const address = await server.newDatabase()
    const workspace = await newWorkspace()
    const open = () => openStore(workspace, { write: ['labels', 'cases'], database: address })
    const store = await open()
    await store.cases.put('doc-1', CASES)
    return { address, store, open }
  }

  test('are the same after their rows were put together, which are fewer then', async () => {
    const { address, store } = await workspaceWithCases()
    const database = openDatabase(databaseAddress(address))
    try {
      const { id } = CASES[0]!
      for (let turn = 0; turn < 20; turn++)
        await store.acts.append('ann', draft(id, turn, { kind: 'kind', image: turn % 2 ? 'ct' : 'xray' }))
      const rows = async () =>
        (await database.ask<{ n: number }>('select count(*) as n from lesionloop.case_sums'))[0]!.n
      const scattered = await rows()
      const sums = caseSums(database, 1, { scattered: 3 })
      const before = await sums.shares()
      await expect.poll(rows).toBeLessThan(scattered)
      expect(await rows()).toBe(before.length)
      const after = await caseSums(database, 1).shares()
      const ordered = (all: typeof before) => all.map(each => JSON.stringify(each)).sort()
      expect(ordered(after)).toEqual(ordered(before))
      expect(await store.cases.count()).toBe(CASES.length)
    } finally {
      await database.close()
      await store.close()
    }
  })

  test('are made for cases that an earlier version put, when the store is opened', async () => {
    const { address, store, open } = await workspaceWithCases()
    await store.close()
    const database = openDatabase(databaseAddress(address))
    try {
      await database.ask('update lesionloop.cases set share = null, image = null')
      expect((await caseSums(database, 1).shares()).length).toBe(0)
      const again = await open()
      expect(await again.cases.count()).toBe(CASES.length)
      const { image } = CASES[0]!
      expect((await again.cases.pictures!.casesOf([image])).get(image)).toContain(CASES[0]!.id)
      await again.close()
    } finally {
      await database.close()
    }
  })
})
