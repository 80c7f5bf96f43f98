import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFileStore } from '../../../data/stores/file-store.ts'
import { migrateToDatabase } from '../../../data/stores/migrate/to-database.ts'
import { migrateToFolder } from '../../../data/stores/migrate/to-folder.ts'
import { openStore } from '../../../data/stores/open.ts'
import { Passwords, passwordFile } from '../../../data/stores/passwords.ts'
import type { Store } from '../../../data/stores/store.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { CAPTION, draft, labelAct, newWorkspace, sampleCase, samplePanels } from './sample.ts'

const A = 'doc-1#Figure 1#A'

/** A workspace in files with everything that can be in one: acts of many kinds, gone and newer cases, people, a queue. */
async function filled(): Promise<Workspace> {
  const workspace = await newWorkspace()
  const store = await openFileStore(workspace, { write: ['labels', 'cases', 'accounts'] })
  await store.cases.put('doc-1', samplePanels('ABC'))
  await store.cases.put('doc-2', samplePanels('AB', { document: 'doc-2' }))
  await store.cases.put('table', [
    sampleCase({
      document: null,
      figure: null,
      panel: null,
      id: 'image-1',
      caption: 'odd \u0000 \ud800 😀',
      mentions: [],
    }),
  ])
  const ann = await store.accounts.add('Ann', 'annotator')
  await store.acts.append(ann.id, draft(A, 0, labelAct({ GGO: 'present' })))
  await store.acts.append(ann.id, draft(A, 1, { kind: 'caption', text: `${CAPTION} Edited.` }))
  await store.acts.append('bob', draft('doc-1#Figure 1#C', 1, labelAct()))
  await store.acts.append('bob', draft('doc-1#Figure 1#C', 2, { kind: 'undo', seq: 3 }))
  await store.cases.put('doc-1', samplePanels('AB'))
  await store.cases.put('doc-3', [
    sampleCase({ document: 'doc-3', id: 'doc-3#Figure 1#A', supersedes: ['doc-2#Figure 1#A'] }),
  ])
  await store.acts.append('bob', draft('doc-2#Figure 1#A', 0, labelAct()))
  await store.sessions.begin('hash', {
    account: ann.id,
    owner: false,
    createdAt: '2020-01-01T00:00:00.000Z',
    expiresAt: '2999-01-01T00:00:00.000Z',
  })
  await store.jobs.put({
    id: 'one',
    kind: 'mine',
    args: ['mine'],
    by: 'ann',
    state: 'done',
    startedAt: '2020-01-01',
    problems: [],
    points: [],
  })
  await store.close()
  await new Passwords(passwordFile(workspace)).set(ann, 'a long enough password')
  const folder = workspace.paths.cycle('0001')
  await workspace.files.makeFolder(folder)
  const entry = {
    case: 'doc-2#Figure 1#B',
    rank: 1,
    score: 1,
    strategy: 'entropy',
    head: 'GGO',
    why: 'unsure',
  }
  await writeFile(join(folder, 'queue.jsonl'), `${JSON.stringify(entry)}\n`)
  await writeJson(workspace.files, join(folder, 'cycle.json'), { id: '0001' })
  return workspace
}

async function everything(store: Store) {
  const acts = []
  for await (const act of store.acts.read()) acts.push(act)
  return {
    acts,
    cases: (await store.cases.list({ kind: 'all', sort: 'document' })).rows,
    accounts: await store.accounts.list(),
    passwords: await store.passwords.all(),
    jobs: await store.jobs.list(),
    session: await store.sessions.session('hash'),
    queue: await store.queue.read(),
  }
}

async function seen(workspace: Workspace) {
  const store = await openStore(workspace)
  try {
    return await everything(store)
  } finally {
    await store.close()
  }
}

describe.skipIf(!hasPostgres())('moving a workspace', () => {
  let postgres: PostgresOfTests
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.close())

  test('into a database and back leaves everything as it was', async () => {
    const workspace = await filled()
    const before = await seen(workspace)
    expect(before.acts).toHaveLength(5)
    const address = await postgres.newDatabase()
    const moved = await migrateToDatabase(workspace, address)
    expect(moved).toMatchObject({ acts: 5, cases: 6 })
    expect(workspace.settings.database).toBe(moved.to)
    expect(await seen(await openWorkspace(workspace.dir))).toEqual(before)

    // Work goes on there, with the next number.
    const store = await openStore(workspace, { write: ['labels'] })
    expect((await store.acts.append('ann', draft(A, 2, { kind: 'note', text: 'x' }))).act.seq).toBe(6)
    await store.close()
    const after = await seen(workspace)

    const back = await migrateToFolder(workspace)
    expect(back).toMatchObject({ acts: 6, cases: 6 })
    expect(workspace.settings.database).toBeUndefined()
    expect(await seen(await openWorkspace(workspace.dir))).toEqual(after)
    // And once more: the database's name is free again.
    expect((await migrateToDatabase(workspace, address)).hash).toBe(back.hash)
  })

  test('refuses a place that holds something, and leaves both as they were', async () => {
    const workspace = await filled()
    const address = await postgres.newDatabase()
    await migrateToDatabase(workspace, address)
    const other = await filled()
    await expect(migrateToDatabase(other, address)).rejects.toMatchObject({ code: 'migrate-target' })
    expect(other.settings.database).toBeUndefined()
    expect((await seen(other)).acts).toHaveLength(5)
    // Beside it, under another name, there is room.
    await migrateToDatabase(other, `${address}&workspace=other`)
    await writeFile(workspace.paths.accounts, '{"accounts":[]}')
    await expect(migrateToFolder(workspace)).rejects.toMatchObject({ code: 'migrate-target' })
    expect(await readFile(workspace.paths.accounts, 'utf8')).toBe('{"accounts":[]}')
  })

  test('that is stopped half way leaves the database empty and the folder as it was', async () => {
    const workspace = await filled()
    const address = await postgres.newDatabase()
    const stopping = new AbortController()
    const stopped = migrateToDatabase(workspace, address, {
      signal: stopping.signal,
      onProgress: ({ step }) => {
        if (step === 'documents copied') stopping.abort(new Error('stopped'))
      },
    })
    await expect(stopped).rejects.toThrow('stopped')
    expect((await seen(workspace)).acts).toHaveLength(5)
    const store = await openStore(workspace, { database: address })
    expect([await store.acts.lastSeq(), await store.cases.count({ kind: 'all' })]).toEqual([0, 0])
    await store.close()
    await migrateToDatabase(workspace, address)
  })

  test('out of a database refuses who still writes to it there', async () => {
    const workspace = await filled()
    await migrateToDatabase(workspace, await postgres.newDatabase())
    const server = await openStore(workspace, { write: ['labels', 'cases'] })
    await migrateToFolder(workspace)
    await expect(server.acts.append('ann', draft(A, 2, { kind: 'note', text: 'x' }))).rejects.toMatchObject({
      code: 'database-moved',
    })
    await expect(server.cases.put('doc-9', samplePanels('A', { document: 'doc-9' }))).rejects.toMatchObject({
      code: 'database-moved',
    })
    await server.close()
  })

  test('never writes a password down', async () => {
    const workspace = await filled()
    const address = (await postgres.newDatabase()).replace('user=postgres', 'user=postgres&password=secret')
    const { to } = await migrateToDatabase(workspace, address)
    expect(to).not.toContain('secret')
    expect(await readFile(workspace.paths.workspaceFile, 'utf8')).not.toContain('secret')
  })
})
