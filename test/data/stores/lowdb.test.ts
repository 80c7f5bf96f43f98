import { existsSync } from 'node:fs'
import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { type OpenStoreOptions, openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { faultyFiles, systemError } from '../workspace/faulty-files.ts'
import { describeStore } from './conformance.ts'
import { draft, labelAct, newWorkspace, samplePanels } from './sample.ts'

async function sealCycle(workspace: Workspace, id: string, queue: QueueEntry[]): Promise<void> {
  const folder = workspace.paths.cycle(id)
  await workspace.files.makeFolder(folder)
  await writeFile(join(folder, 'queue.jsonl'), queue.map(entry => `${JSON.stringify(entry)}\n`).join(''))
  await writeJson(workspace.files, join(folder, 'cycle.json'), { id })
}

describeStore('the store in files', async () => {
  const workspace = await newWorkspace()
  return {
    open: () => openStore(workspace, { write: ['labels', 'cases', 'accounts', 'jobs'] }),
    openReader: () => openStore(workspace),
    sealCycle: (id, queue) => sealCycle(workspace, id, queue),
  }
})

const A = 'doc-1#Figure 1#A'

async function open(
  workspace: Workspace,
  more: OpenStoreOptions = {},
): Promise<{ store: Store; problems: string[] }> {
  const problems: string[] = []
  const store = await openStore(workspace, {
    write: ['labels', 'cases'],
    onProblem: problem => problems.push(problem.code),
    ...more,
  })
  onTestFinished(() => store.close().catch(() => undefined))
  return { store, problems }
}

/** A workspace with two labelled cases of doc-1 and one open case of doc-2, closed. */
async function filled(): Promise<Workspace> {
  const workspace = await newWorkspace()
  const { store } = await open(workspace)
  await store.cases.put('doc-1', samplePanels('AB'))
  await store.cases.put('doc-2', samplePanels('A', { document: 'doc-2' }))
  await store.acts.append('ann', draft(A, 0, labelAct({ GGO: 'uncertain' })))
  await store.acts.append('bob', draft('doc-1#Figure 1#B', 0, labelAct()))
  await store.close()
  return workspace
}

async function everything(store: Store) {
  const cases = []
  for await (const state of store.cases.all()) cases.push(state)
  const uncertain = (await store.cases.list({ uncertain: true })).rows.map(row => row.id)
  return {
    cases,
    uncertain,
    labelled: await store.cases.count({ state: 'labelled' }),
    last: await store.acts.lastSeq(),
  }
}

describe('opening the store in files', () => {
  test('takes the locks of what it writes and gives them back', async () => {
    const workspace = await newWorkspace()
    const { store } = await open(workspace)
    await expect(openStore(workspace, { write: ['labels'] })).rejects.toMatchObject({ code: 'lock-held' })
    await store.close()
    await (await openStore(workspace, { write: ['labels'] })).close()
  })

  test('that fails gives its locks back', async () => {
    const workspace = await newWorkspace()
    const failing = await openWorkspace(workspace.dir, {
      files: faultyFiles((operation, path) => {
        if (operation === 'open' && path.endsWith('journal.jsonl')) throw systemError('EACCES')
      }),
    })
    await expect(openStore(failing, { write: ['labels', 'cases'] })).rejects.toMatchObject({ code: 'EACCES' })
    await (await openStore(workspace, { write: ['labels', 'cases'] })).close()
  })

  test('to read only makes no file', async () => {
    const workspace = await newWorkspace()
    const store = await openStore(workspace)
    await store.close()
    expect([existsSync(workspace.paths.labels), existsSync(workspace.paths.locks)]).toEqual([false, false])
  })

  test('while another writes labels may write cases', async () => {
    const workspace = await newWorkspace()
    const desk = await open(workspace, { write: ['labels'] })
    const miner = await open(workspace, { write: ['cases'] })
    await miner.store.cases.put('doc-1', samplePanels('AB'))
    await desk.store.refresh()
    await desk.store.acts.append('ann', draft(A, 0, labelAct()))
    await miner.store.refresh()
    expect((await miner.store.cases.get(A))!.version).toBe(1)
    await miner.store.cases.put('doc-1', samplePanels('AC'))
    await desk.store.refresh()
    expect((await desk.store.cases.list()).rows.map(row => [row.panel, row.version])).toEqual([
      ['A', 1],
      ['C', 0],
    ])
  })
})

describe('the snapshot', () => {
  test('gives the same store as reading everything', async () => {
    const workspace = await filled()
    expect(existsSync(workspace.paths.snapshot)).toBe(true)
    const fast = await open(workspace)
    const withSnapshot = await everything(fast.store)
    await fast.store.close()
    await rm(workspace.paths.snapshot)
    const slow = await open(workspace)
    expect(await everything(slow.store)).toEqual(withSnapshot)
    expect(withSnapshot).toMatchObject({ uncertain: [A], labelled: 2, last: 2 })
  })

  test.each([
    ['is no JSON', async (path: string) => writeFile(path, '{"format":2,')],
    ['is cut off', async (path: string) => truncate(path, 300)],
    ['is of an older format', async (path: string) => writeFile(path, '{"format":1,"seq":2,"figures":[]}')],
    ['is of another format', async (path: string) => writeFile(path, '{"format":99}')],
    ['is not even an object', async (path: string) => writeFile(path, 'null')],
    [
      'lacks its parts',
      async (path: string) =>
        writeFile(path, '{"format":2,"seq":0,"op":"","cases":{"end":0,"tail":"","living":0}}'),
    ],
    ['is empty', async (path: string) => writeFile(path, '')],
  ])('that %s is left aside and made anew', async (_what, spoil) => {
    const workspace = await filled()
    const before = await open(workspace)
    const expected = await everything(before.store)
    await before.store.close()
    await spoil(workspace.paths.snapshot)
    const { store } = await open(workspace)
    expect(await everything(store)).toEqual(expected)
    await store.close()
    expect(JSON.parse(await readFile(workspace.paths.snapshot, 'utf8'))).toMatchObject({ format: 3, seq: 2 })
  })

  test('that is behind the journal is brought up to it', async () => {
    const workspace = await filled()
    const old = await readFile(workspace.paths.snapshot)
    const first = await open(workspace)
    await first.store.acts.append('ann', draft('doc-2#Figure 1#A', 0, labelAct()))
    await first.store.acts.append('ann', draft(A, 1, { kind: 'undo', seq: 1 }))
    await first.store.cases.put('doc-3', samplePanels('A', { document: 'doc-3' }))
    const expected = await everything(first.store)
    await first.store.close()
    await writeFile(workspace.paths.snapshot, old)
    const { store } = await open(workspace)
    expect(await everything(store)).toEqual(expected)
    expect(expected.uncertain).toEqual([])
  })

  test('of another journal is left aside', async () => {
    const workspace = await filled()
    const journal = (await readFile(workspace.paths.journal, 'utf8')).split('\n')
    await writeFile(workspace.paths.journal, `${journal[0]}\n`)
    const { store } = await open(workspace)
    expect(await everything(store)).toMatchObject({ labelled: 1, last: 1 })
  })

  test('of other cases is left aside', async () => {
    const workspace = await filled()
    const other = await filled()
    const { store: change } = await open(other)
    await change.cases.put(
      'doc-1',
      samplePanels('AB', { caption: 'Something quite different.', mentions: [] }),
    )
    await change.close()
    await writeFile(workspace.paths.cases, await readFile(other.paths.cases))
    const { store } = await open(workspace)
    expect((await store.cases.get(A))!.caption).toBe('Something quite different.')
  })

  test('is written after a while of quiet, without being asked', async () => {
    const workspace = await newWorkspace()
    const { store } = await open(workspace, { snapshotAfter: 20 })
    await store.cases.put('doc-1', samplePanels('A'))
    await store.acts.append('ann', draft(A, 0, labelAct()))
    await expect
      .poll(() =>
        readFile(workspace.paths.snapshot, 'utf8').then(
          text => JSON.parse(text).seq,
          () => 0,
        ),
      )
      .toBe(1)
  })

  test('that can not be written stops nobody', async () => {
    const workspace = await newWorkspace({
      files: faultyFiles((operation, path) => {
        if (operation === 'rename' && path.endsWith('snapshot.json')) throw systemError('ENOSPC')
      }),
    })
    const { store } = await open(workspace)
    await store.cases.put('doc-1', samplePanels('A'))
    await store.acts.append('ann', draft(A, 0, labelAct()))
    await store.close()
    const again = await open(workspace)
    expect((await again.store.cases.get(A))!.version).toBe(1)
  })
})

describe('a damaged workspace', () => {
  test('with a torn journal tells it, and goes on without the torn act', async () => {
    const workspace = await filled()
    const { size } = await stat(workspace.paths.journal)
    await truncate(workspace.paths.journal, size - 20)
    const { store, problems } = await open(workspace)
    expect(problems).toEqual(['journal-torn'])
    expect(await everything(store)).toMatchObject({ labelled: 1, last: 1 })
    expect((await store.acts.append('bob', draft('doc-1#Figure 1#B', 0, labelAct()))).act.seq).toBe(2)
  })

  test('with a damaged act in the middle leaves that out of the cases, too, though the snapshot had it', async () => {
    const workspace = await filled()
    const bytes = await readFile(workspace.paths.journal)
    bytes[40]! ^= 1
    await writeFile(workspace.paths.journal, bytes)
    const { store, problems } = await open(workspace)
    expect(problems).toEqual(['journal-damaged', 'journal-missing'])
    expect(await everything(store)).toMatchObject({ labelled: 1, uncertain: [], last: 2 })
  })

  test('read by one who may not write is left as it is, and what is wrong is told', async () => {
    const workspace = await filled()
    const bytes = await readFile(workspace.paths.journal)
    bytes[40]! ^= 1
    await writeFile(workspace.paths.journal, bytes)
    await rm(workspace.paths.snapshot)
    const { store, problems } = await open(workspace, { write: [] })
    expect(problems).toEqual(['journal-damaged'])
    expect((await everything(store)).labelled).toBe(1)
    expect(await readFile(workspace.paths.journal)).toEqual(bytes)
  })

  test('with a document whose cases were not written to their end keeps what it had before', async () => {
    const workspace = await filled()
    await rm(workspace.paths.snapshot)
    const line = JSON.stringify(samplePanels('C')[0])
    await appendFile(
      workspace.paths.cases,
      `${JSON.stringify({ put: 'doc-1', count: 2 })}\n${line}\n${line.slice(0, 50)}`,
    )
    const { store, problems } = await open(workspace)
    expect(problems).toEqual(['cases-damaged'])
    expect((await store.cases.list()).total).toBe(3)
    await store.cases.put('doc-3', samplePanels('A', { document: 'doc-3' }))
    await store.close()
    const again = await open(workspace)
    expect([again.problems, (await again.store.cases.list()).total]).toEqual([[], 4])
  })

  test('with a line of cases that is no JSON loses that document and tells it', async () => {
    const workspace = await filled()
    await rm(workspace.paths.snapshot)
    const text = await readFile(workspace.paths.cases, 'utf8')
    await writeFile(workspace.paths.cases, text.replace('"id":"doc-1#Figure 1#B"', '"id:"doc-1#Figure 1#B"'))
    const { store, problems } = await open(workspace)
    expect(problems).toEqual(['cases-damaged'])
    expect((await store.cases.list()).rows.map(row => row.id)).toEqual(['doc-2#Figure 1#A'])
  })

  test('whose put fails for a full disk keeps what it had', async () => {
    const full = { is: false }
    const workspace = await newWorkspace({
      files: faultyFiles((operation, path) => {
        if (full.is && operation === 'sync' && path.endsWith('cases.jsonl')) throw systemError('ENOSPC')
      }),
    })
    const { store } = await open(workspace)
    await store.cases.put('doc-1', samplePanels('AB'))
    full.is = true
    await expect(store.cases.put('doc-1', samplePanels('C'))).rejects.toMatchObject({ code: 'ENOSPC' })
    full.is = false
    expect((await store.cases.list()).total).toBe(2)
    await store.cases.put('doc-1', samplePanels('ABC'))
    expect((await store.cases.list()).total).toBe(3)
  })

  test('whose journal can not be written tells the person, keeps the case as it was, and takes the act the next time', async () => {
    const full = { is: false }
    const workspace = await newWorkspace({
      files: faultyFiles((operation, path) => {
        if (full.is && operation === 'sync' && path.endsWith('journal.jsonl')) {
          full.is = false
          throw systemError('ENOSPC')
        }
      }),
    })
    const { store } = await open(workspace)
    await store.cases.put('doc-1', samplePanels('A'))
    const one = draft(A, 0, labelAct())
    full.is = true
    await expect(store.acts.append('ann', one)).rejects.toMatchObject({ code: 'journal-write' })
    expect((await store.cases.get(A))!.version).toBe(0)
    expect((await store.acts.append('ann', one)).state.version).toBe(1)
  })
})

describe('compacting the cases', () => {
  const big = (i: number) => samplePanels('AB', { caption: `${i} ${'words '.repeat(100_000)}`, mentions: [] })

  test('happens when most of the file is dead, and changes nothing but its size', {
    timeout: 20_000,
  }, async () => {
    const workspace = await newWorkspace()
    const { store } = await open(workspace)
    const reader = await open(workspace, { write: [] })
    await store.cases.put('doc-2', samplePanels('A', { document: 'doc-2' }))
    await store.cases.put('doc-1', samplePanels('AB'))
    await store.acts.append('ann', draft(A, 0, labelAct()))
    await reader.store.refresh()
    let largest = 0
    for (let i = 0; i < 12; i++) {
      await store.cases.put('doc-1', big(i))
      largest = Math.max(largest, (await stat(workspace.paths.cases)).size)
    }
    expect((await stat(workspace.paths.cases)).size).toBeLessThan(largest)
    expect((await store.cases.get(A))!).toMatchObject({
      version: 1,
      caption: expect.stringMatching(/^11 words/),
    })
    expect((await store.cases.list()).total).toBe(3)
    // Who read the old file reads on in it until the next refresh.
    expect((await reader.store.cases.get('doc-2#Figure 1#A'))!.document).toBe('doc-2')
    await reader.store.refresh()
    expect(await everything(reader.store)).toEqual(await everything(store))
    const before = await everything(store)
    await store.close()
    expect(await everything((await open(workspace)).store)).toEqual(before)
  })

  test('that fails leaves the old file, tells it, and the cases are there all the same', {
    timeout: 20_000,
  }, async () => {
    const workspace = await newWorkspace({
      files: faultyFiles((operation, path) => {
        if (operation === 'rename' && path.endsWith('cases.jsonl')) throw systemError('EIO')
      }),
    })
    const { store, problems } = await open(workspace)
    for (let i = 0; i < 12; i++) await store.cases.put('doc-1', big(i))
    expect(problems).toContain('cases-compact')
    expect((await store.cases.get(A))!.caption).toMatch(/^11 words/)
  })
})
