import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../data/stores/open.ts'
import { draft, labelAct, newWorkspace, samplePanels } from '../data/stores/sample.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { runCli } from './run-cli.ts'

async function filled() {
  const workspace = await newWorkspace()
  const store = await openStore(workspace, { write: ['labels', 'cases'] })
  await store.cases.put('doc-1', samplePanels('AB'))
  await store.acts.append('ann', draft('doc-1#Figure 1#A', 0, labelAct()))
  await store.close()
  return workspace
}

describe.skipIf(!hasPostgres())('lesionloop migrate', () => {
  let postgres: PostgresOfTests
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.close())

  test('moves a workspace into a database, which every verb then works on, and back', async () => {
    const { dir, paths } = await filled()
    const address = await postgres.newDatabase()
    const there = await runCli(['migrate', '--workspace', dir, '--to', address, '--json'])
    expect(there).toMatchObject({ status: 0 })
    expect(JSON.parse(there.out)).toMatchObject({ acts: 1, cases: 2 })
    const stats = await runCli(['stats', '--workspace', dir])
    expect(stats.out).toContain('labelled by experts 1, open 1')
    const backup = ['backup', `${dir}-backups`, '--workspace', dir]
    const refused = await runCli(backup)
    expect([refused.status, refused.err]).toEqual([1, expect.stringMatching(/pg_dump.*--folder-only/)])
    expect((await runCli([...backup, '--folder-only'])).status).toBe(0)
    const back = await runCli(['migrate', '--workspace', dir, '--to', 'folder'])
    expect(back).toMatchObject({ status: 0, out: expect.stringContaining('both sides are the same') })
    expect((await readFile(paths.journal, 'utf8')).split('\n')).toHaveLength(2)
    expect((await runCli(['stats', '--workspace', dir])).out).toContain('labelled by experts 1, open 1')
  })

  test('--database and the environment name a database for one run', async () => {
    const { dir } = await filled()
    const address = await postgres.newDatabase()
    const empty = await runCli(['stats', '--workspace', dir, '--database', address])
    expect(empty.out).toContain('no cases yet')
    const same = await runCli(['stats', '--workspace', dir], { env: { LESIONLOOP_DATABASE: address } })
    expect(same.out).toBe(empty.out)
    expect((await runCli(['stats', '--workspace', dir])).out).toContain('2 cases')
  })
})

test('an address that is none is wrong usage, and is not repeated: it may hold a password', async () => {
  const { status, err } = await runCli(['stats', '--database', 'mysql://ann:secret@host/covid'])
  expect(status).toBe(2)
  expect(err).toMatch(/mysql is not postgres: expected postgres:\/\/USER@HOST\/DATABASE/)
  expect(err).not.toContain('secret')
})

test('a verb that works on a workspace tells of --database in its help', async () => {
  expect((await runCli(['mine', '--help'])).out).toContain('--database')
  expect((await runCli(['label', '--help'])).out).not.toContain('--database')
})
