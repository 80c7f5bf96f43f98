import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { backupWorkspace } from '../../../data/backup/backup.ts'
import { listBackups, readManifest } from '../../../data/backup/manifest.ts'
import { piecePath } from '../../../data/backup/pieces.ts'
import { restoreWorkspace } from '../../../data/backup/restore.ts'
import { mendWorkspace } from '../../../data/stores/mend.ts'
import { openStore } from '../../../data/stores/open.ts'
import { checkWorkspace } from '../../../data/stores/soundness.ts'
import { nodeFiles, writeJson } from '../../../data/workspace/files.ts'
import { migrate } from '../../../data/workspace/migrations.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { draft, labelAct, newWorkspace, samplePanels, temporaryFolder } from '../stores/sample.ts'
import { faultyFiles, systemError } from '../workspace/faulty-files.ts'

/** A workspace with two cases and so many labels on the first. */
async function used(labels = 3): Promise<Workspace> {
  const workspace = await newWorkspace()
  await mkdir(workspace.paths.images)
  const store = await openStore(workspace, { write: ['labels', 'cases'] })
  const cases = samplePanels('AB')
  await store.cases.put('doc-1', cases)
  for (const { imageFile } of cases) await writeFile(workspace.paths.image(imageFile), 'a picture')
  for (let base = 0; base < labels; base++)
    await store.acts.append('ann', draft(cases[0]!.id, base, labelAct()))
  await store.close()
  return workspace
}

async function ops(workspace: Workspace): Promise<string[]> {
  const store = await openStore(workspace)
  const found: string[] = []
  for await (const act of store.acts.read()) found.push(act.op)
  await store.close()
  return found
}

const tick = (minute: number) => ({ now: () => new Date(Date.UTC(2026, 0, 1, 0, minute)) })

describe('a backup', () => {
  test('is restored to the same acts and cases, and is sound', async () => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    const made = await backupWorkspace(workspace.dir, dir, nodeFiles)
    expect(made.journalSeq).toBe(3)
    const root = join(await temporaryFolder(), 'restored')
    const result = await restoreWorkspace(dir, root, nodeFiles)
    expect(result).toMatchObject({ backup: made.name, files: made.files, journalSeq: 3 })
    const restored = await openWorkspace(root)
    expect(await ops(restored)).toEqual(await ops(workspace))
    expect((await checkWorkspace(restored)).filter(check => !check.ok)).toEqual([])
  })

  test('made while decisions are saved holds all those up to one, and only whole lines', async () => {
    const workspace = await used(1)
    const store = await openStore(workspace, { write: ['labels'] })
    const dir = join(await temporaryFolder(), 'backups')
    let base = 1
    let isOver = false
    const saving = (async () => {
      while (!isOver) await store.acts.append('ann', draft('doc-1#Figure 1#A', base++, labelAct()))
    })()
    const made = await backupWorkspace(workspace.dir, dir, nodeFiles)
    isOver = true
    await saving
    await store.close()
    const root = join(await temporaryFolder(), 'restored')
    await restoreWorkspace(dir, root, nodeFiles)
    const all = await ops(workspace)
    expect(made.journalSeq).toBeGreaterThan(0)
    expect(await ops(await openWorkspace(root))).toEqual(all.slice(0, made.journalSeq))
  })

  test('leaves out a line that is being written', async () => {
    const workspace = await used()
    await appendFile(workspace.paths.journal, '{"seq":4,"op":"half')
    const dir = join(await temporaryFolder(), 'backups')
    const made = await backupWorkspace(workspace.dir, dir, nodeFiles)
    const { manifest } = await readManifest(dir, made.name)
    const journal = manifest.files.find(({ path }) => path === 'labels/journal.jsonl')!
    expect(journal.bytes).toBe(
      (await readFile(workspace.paths.journal)).length - '{"seq":4,"op":"half'.length,
    )
  })

  test('takes in only what is new, and the earlier one is still there', async () => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    const first = await backupWorkspace(workspace.dir, dir, nodeFiles, tick(1))
    const unchanged = await backupWorkspace(workspace.dir, dir, nodeFiles, tick(2))
    expect(unchanged.written).toBe(0)
    const store = await openStore(workspace, { write: ['labels'] })
    await store.acts.append('ann', draft('doc-1#Figure 1#A', 3, labelAct()))
    await store.close()
    const second = await backupWorkspace(workspace.dir, dir, nodeFiles, tick(3))
    expect(second.written).toBe((await readFile(workspace.paths.journal)).length)
    expect(await listBackups(dir)).toEqual([first.name, unchanged.name, second.name])
    const root = join(await temporaryFolder(), 'old')
    await restoreWorkspace(dir, root, nodeFiles, { backup: first.name })
    expect(await ops(await openWorkspace(root))).toHaveLength(3)
  })

  test('leaves out locks, sessions and cycles that are not sealed', async () => {
    const workspace = await used()
    await writeJson(nodeFiles, join(workspace.paths.cycles, '0001.half', 'config.json'), {})
    await writeJson(nodeFiles, join(workspace.paths.cycles, '0001', 'cycle.json'), { id: '0001', files: {} })
    await writeJson(nodeFiles, join(workspace.paths.locks, 'labels.x.lock'), {})
    await writeJson(nodeFiles, join(workspace.dir, 'sessions.json'), {})
    const dir = join(await temporaryFolder(), 'backups')
    await backupWorkspace(workspace.dir, dir, nodeFiles)
    const paths = (await readManifest(dir)).manifest.files.map(({ path }) => path)
    expect(paths.filter(path => /^(cycles|locks|sessions)/.test(path))).toEqual(['cycles/0001/cycle.json'])
  })

  test('on a full disk ends with the disk’s error and is no backup', async () => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    for (let fail = 1; ; fail++) {
      let write = 0
      const files = faultyFiles(operation => {
        if (operation === 'write' && ++write === fail) throw systemError('ENOSPC')
      })
      const outcome = await backupWorkspace(workspace.dir, dir, files).catch(error => error)
      if (!(outcome instanceof Error)) {
        expect(fail).toBeGreaterThan(3)
        break
      }
      expect(outcome).toMatchObject({ code: 'ENOSPC' })
      expect(await listBackups(dir)).toEqual([])
    }
    const left = await readdir(dir, { recursive: true })
    expect(left.filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('in the workspace itself is refused', async () => {
    const workspace = await used()
    await expect(backupWorkspace(workspace.dir, join(workspace.dir, 'x'), nodeFiles)).rejects.toMatchObject({
      code: 'backup-place',
    })
  })
})

describe('restoring', () => {
  test('into a folder that is not empty is refused, and changes nothing', async () => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    await backupWorkspace(workspace.dir, dir, nodeFiles)
    const before = await readdir(workspace.dir)
    await expect(restoreWorkspace(dir, workspace.dir, nodeFiles)).rejects.toMatchObject({
      code: 'restore-place',
    })
    expect(await readdir(workspace.dir)).toEqual(before)
  })

  test.each(['changed', 'missing'])('finds a %s piece and leaves nothing behind', async what => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    await backupWorkspace(workspace.dir, dir, nodeFiles)
    const { manifest } = await readManifest(dir)
    const piece = piecePath(dir, manifest.files.find(({ path }) => path.startsWith('cases'))!.pieces[0]!)
    if (what === 'missing') await nodeFiles.remove(piece)
    else await writeFile(piece, 'something else')
    const parent = await temporaryFolder()
    await expect(restoreWorkspace(dir, join(parent, 'w'), nodeFiles)).rejects.toMatchObject({
      code: 'backup-damaged',
      message: expect.stringContaining('cases/cases.jsonl'),
    })
    expect(await readdir(parent)).toEqual([])
  })

  test('refuses a list of files that was changed', async () => {
    const workspace = await used()
    const dir = join(await temporaryFolder(), 'backups')
    const { name } = await backupWorkspace(workspace.dir, dir, nodeFiles)
    const path = join(dir, 'backups', `${name}.json`)
    for (const [from, code] of [
      ['workspace.json', 'backup-damaged'],
      ['../workspace.json', 'file-invalid'],
    ] as const) {
      const text = (await readFile(path, 'utf8')).replace(
        /"path": "[^"]*workspace2?.json"/,
        `"path": "${from}"`,
      )
      await writeFile(path, text.replace(/"bytes": (\d+)/, '"bytes": 1$1'))
      await expect(restoreWorkspace(dir, join(dir, 'w'), nodeFiles)).rejects.toMatchObject({ code })
    }
  })

  test('from a folder without a backup says so', async () => {
    await expect(restoreWorkspace(await temporaryFolder(), 'w', nodeFiles)).rejects.toMatchObject({
      code: 'backup-missing',
    })
  })
})

describe('a migration', () => {
  test('backs the workspace up first, so that the old one can be put back', async () => {
    const workspace = await used()
    const content = { format: 1, createdAt: 'x', settings: {} }
    const migrations = [
      {
        from: 1,
        what: 'loses the labels',
        run: async (_root: string, old: typeof content) => {
          await nodeFiles.remove(workspace.paths.labels)
          return old
        },
      },
    ]
    const before = await ops(workspace)
    await migrate(workspace.dir, content, nodeFiles, { migrations, target: 2 })
    const root = join(await temporaryFolder(), 'old')
    await restoreWorkspace(join(workspace.dir, 'backups', 'before-format-2'), root, nodeFiles)
    expect(await ops(await openWorkspace(root))).toEqual(before)
  })
})

describe('repairing', () => {
  test('does nothing to a sound workspace', async () => {
    expect(await mendWorkspace(await used())).toEqual([])
  })

  test('mends journal, cases, snapshot and half cycles, says so, and puts aside what it takes out', async () => {
    const workspace = await used()
    const { paths } = workspace
    await appendFile(paths.journal, '{"seq":4,"op":"half')
    await appendFile(paths.cases, '{"put":"doc-2","count":2}\n{"id":"half')
    await truncate(paths.snapshot, 20)
    await writeJson(nodeFiles, join(paths.cycles, '0001.half', 'config.json'), { seed: 7 })
    const done = await mendWorkspace(workspace, new Date(0))
    expect(new Set(done.map(({ name }) => name))).toEqual(new Set(['journal', 'cases', 'snapshot', 'cycles']))
    expect(await readFile(join(paths.root, 'cases', 'damaged-1970-01-01T00-00-00-000Z.jsonl'), 'utf8')).toBe(
      '{"put":"doc-2","count":2}\n{"id":"half',
    )
    expect(await readdir(paths.labels)).toContain('damaged-1970-01-01T00-00-00-000Z.jsonl')
    expect(await readdir(join(paths.root, 'put-aside', 'cycle-0001.half-1970-01-01T00-00-00-000Z'))).toEqual([
      'config.json',
    ])
    expect(await ops(workspace)).toHaveLength(3)
    expect((await checkWorkspace(workspace)).filter(check => !check.ok)).toEqual([])
    expect(await mendWorkspace(workspace)).toEqual([])
  })

  test('is refused while somebody is at work', async () => {
    const workspace = await used()
    const store = await openStore(workspace, { write: ['labels'] })
    await expect(mendWorkspace(workspace)).rejects.toMatchObject({ code: 'lock-held' })
    await store.close()
  })
})
