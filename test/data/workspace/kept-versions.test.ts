import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { restoreWorkspace } from '../../../data/backup/restore.ts'
import { openStore } from '../../../data/stores/open.ts'
import { newestSealed } from '../../../data/stores/queue.ts'
import { checkWorkspace } from '../../../data/stores/soundness.ts'
import { nodeFiles, readJson } from '../../../data/workspace/files.ts'
import { FORMAT, MIGRATIONS, migrate, type WorkspaceFile } from '../../../data/workspace/migrations.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { temporaryFolder } from '../stores/sample.ts'

const kept = packagePath('test', 'fixtures', 'workspaces')
const versions = readdirSync(kept, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name)

/** A copy that may be changed. */
async function copyOf(version: string): Promise<string> {
  const dir = join(await temporaryFolder(), 'workspace')
  cpSync(join(kept, version), dir, { recursive: true })
  return dir
}

/** Every label of the kept workspace, as make.mjs put it in, read through the store of today. */
async function expectEverything(workspace: Workspace): Promise<void> {
  const store = await openStore(workspace, { write: ['labels'] })
  const acts: string[] = []
  for await (const { op, who, act } of store.acts.read()) acts.push(`${op} ${who} ${act.kind}`)
  expect(acts).toEqual([
    'kept-operation-0 ann label',
    'kept-operation-1 bo label',
    'kept-operation-2 ann label',
    'kept-operation-3 ann note',
    'kept-operation-4 bo label',
  ])
  const first = (await store.cases.get('10.0/kept.0v1#Figure 1#A'))!
  expect(first.version).toBe(2)
  expect(Object.values(first.labels).map(({ who, flag, lesions }) => [who, flag, lesions.GGO])).toEqual([
    ['ann', 'positive', 'present'],
    ['bo', 'negative', 'absent'],
  ])
  const noted = (await store.cases.get('10.0/kept.0v1#Figure 1#B'))!
  expect(JSON.stringify(noted)).toContain('Motion; “left” is right. \u{1fac1}')
  expect((await store.accounts.list()).map(({ name, role }) => `${name} ${role}`)).toEqual([
    'Ann curator',
    'Bo annotator',
  ])
  expect(await store.cases.count({ kind: 'all' })).toBe(20)
  await store.close()
  expect(newestSealed(workspace)).toBe('0001')
  expect((await checkWorkspace(workspace)).filter(check => !check.ok)).toEqual([])
}

describe.each(versions)('a workspace of version %s', version => {
  test('is opened with every label, person and cycle, after a backup where its format is older', async () => {
    const dir = await copyOf(version)
    const { format } = await readJson<WorkspaceFile>(join(dir, 'workspace.json'))
    await expectEverything(await openWorkspace(dir))
    const backups = readdirSync(dir).includes('backups') ? readdirSync(join(dir, 'backups')) : []
    expect(backups).toEqual(format < FORMAT ? [`before-format-${FORMAT}`] : [])
  })

  test('comes through one more step of the format, and its backup is the workspace as it was', async () => {
    const dir = await copyOf(version)
    const next = {
      from: FORMAT,
      what: 'a made-up step: a field of workspace.json, and people under another name for a while',
      run: async (root: string, content: WorkspaceFile) => {
        await nodeFiles.rename(join(root, 'accounts.json'), join(root, 'people.json'))
        return { ...content, people: 'people.json' }
      },
    }
    const content = await readJson<WorkspaceFile>(join(dir, 'workspace.json'))
    const target = FORMAT + 1
    const now = await migrate(dir, content, nodeFiles, { migrations: [...MIGRATIONS, next], target })
    expect(now).toMatchObject({ format: target, people: 'people.json' })
    await expect(openWorkspace(dir)).rejects.toMatchObject({ code: 'workspace-newer' })
    const root = join(await temporaryFolder(), 'old')
    await restoreWorkspace(join(dir, 'backups', `before-format-${target}`), root, nodeFiles)
    await expectEverything(await openWorkspace(root))
  })
})

test('a workspace of this version is kept', async () => {
  const { version } = await readJson<{ version: string }>(packagePath('package.json'))
  expect(versions).toContain(version)
})
