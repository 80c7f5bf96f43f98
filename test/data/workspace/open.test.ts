import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeFiles, readJson, writeJson } from '../../../data/workspace/files.ts'
import { FORMAT, type Migration, migrate } from '../../../data/workspace/migrations.ts'
import { changeSettings, openWorkspace } from '../../../data/workspace/open.ts'
import { fileSafe, workspacePaths } from '../../../data/workspace/paths.ts'
import { newWorkspace, temporaryFolder } from '../stores/sample.ts'

describe('opening a workspace', () => {
  test('makes one where it is told to, and finds it again', async () => {
    const dir = join(await temporaryFolder(), 'new')
    const made = await openWorkspace(dir, { create: true, now: () => new Date(0) })
    expect(made.createdAt).toBe('1970-01-01T00:00:00.000Z')
    expect(await readJson(made.paths.workspaceFile)).toEqual({
      format: FORMAT,
      createdAt: made.createdAt,
      settings: {},
    })
    expect((await openWorkspace(dir)).createdAt).toBe(made.createdAt)
  })

  test('does not make another over one that is there', async () => {
    const { dir, createdAt } = await newWorkspace({ now: () => new Date(0) })
    expect((await openWorkspace(dir, { create: true })).createdAt).toBe(createdAt)
  })

  test('of a missing folder says how to make one', async () => {
    const dir = join(await temporaryFolder(), 'nothing')
    await expect(openWorkspace(dir)).rejects.toMatchObject({
      code: 'workspace-missing',
      message: expect.stringMatching(/no such folder; make one with `lesionloop demo/),
    })
  })

  test('of a folder that is none says so', async () => {
    await expect(openWorkspace(await temporaryFolder())).rejects.toThrow(/no workspace.json in this folder/)
  })

  test('of a newer format is refused and left as it is', async () => {
    const { dir, paths } = await newWorkspace()
    await writeJson(nodeFiles, paths.workspaceFile, { format: FORMAT + 1, anything: true })
    await expect(openWorkspace(dir)).rejects.toMatchObject({
      code: 'workspace-newer',
      message: expect.stringMatching(/install a newer/),
    })
    expect(await readJson(paths.workspaceFile)).toEqual({ format: FORMAT + 1, anything: true })
  })

  test('with a damaged workspace.json names the file', async () => {
    const { dir, paths } = await newWorkspace()
    await writeFile(paths.workspaceFile, '{')
    await expect(openWorkspace(dir)).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test.each([
    { format: 0, createdAt: 'x', settings: {} },
    { createdAt: 'x', settings: {} },
    { format: 1, createdAt: 'x', settings: { goal: 'many' } },
    [],
  ])('with workspace.json %j says what is wrong with it', async content => {
    const { dir, paths } = await newWorkspace()
    await writeJson(nodeFiles, paths.workspaceFile, content)
    await expect(openWorkspace(dir)).rejects.toMatchObject({ code: 'file-invalid' })
  })
})

describe('settings', () => {
  test('are changed in the file and in the hand', async () => {
    const workspace = await newWorkspace()
    await changeSettings(workspace, { goal: 200, showText: false })
    expect(workspace.settings).toEqual({ goal: 200, showText: false })
    expect((await openWorkspace(workspace.dir)).settings).toEqual({ goal: 200, showText: false })
  })

  test('nobody here knows are kept', async () => {
    const workspace = await newWorkspace()
    await writeJson(nodeFiles, workspace.paths.workspaceFile, {
      format: 1,
      createdAt: 'x',
      settings: { later: 1 },
    })
    await changeSettings(workspace, { goal: 5 })
    expect((await openWorkspace(workspace.dir)).settings).toEqual({ later: 1, goal: 5 })
  })

  test('that make no sense change nothing', async () => {
    const workspace = await newWorkspace()
    await expect(changeSettings(workspace, { goal: 0 })).rejects.toMatchObject({ code: 'settings-invalid' })
    expect((await openWorkspace(workspace.dir)).settings).toEqual({})
  })
})

describe('migrating', () => {
  const steps: Migration[] = [
    { from: 1, what: 'a to b', run: async (_root, { a, ...rest }) => ({ ...rest, b: a }) },
    {
      from: 2,
      what: 'b doubled',
      run: async (_root, content) => ({ ...content, b: Number(content['b']) * 2 }),
    },
  ]
  const content = { format: 1, a: 21 }

  test('goes step by step to the newest format and keeps a copy of the old file', async () => {
    const root = await temporaryFolder()
    expect(await migrate(root, content, nodeFiles, { migrations: steps, target: 3 })).toEqual({
      format: 3,
      b: 42,
    })
    expect(await readJson(join(root, 'workspace.json'))).toEqual({ format: 3, b: 42 })
    expect(await readJson(join(root, 'workspace.format-1.json'))).toEqual(content)
  })

  test('goes on from where it was stopped', async () => {
    const root = await temporaryFolder()
    const failing = [steps[0]!, { ...steps[1]!, run: () => Promise.reject(new Error('stopped')) }]
    await expect(migrate(root, content, nodeFiles, { migrations: failing, target: 3 })).rejects.toThrow(
      'stopped',
    )
    const half = await readJson<{ format: number }>(join(root, 'workspace.json'))
    expect(half.format).toBe(2)
    expect(await migrate(root, half, nodeFiles, { migrations: steps, target: 3 })).toEqual({
      format: 3,
      b: 42,
    })
  })

  test('from a format with no way onward says so', async () => {
    const root = await temporaryFolder()
    await expect(migrate(root, content, nodeFiles, { migrations: [], target: 3 })).rejects.toMatchObject({
      code: 'workspace-format',
    })
  })
})

describe('a file-safe name', () => {
  test.each(['0001', 'a.png', 'sha256-0123abcd', 'efficientnet-lite0'])('leaves %s as it is', name => {
    expect(fileSafe(name)).toBe(name)
  })

  test.each([
    '../../etc/passwd',
    '..',
    '.',
    '',
    '/abs',
    'a\\b',
    'a\0b',
    'CON',
    'nul.txt',
    'x'.repeat(300),
    '<script>',
    'Ä',
    'a.',
    '~',
    'a/../b',
    '%2e%2e',
  ])('of %j names one file in the folder', name => {
    expect(fileSafe(name)).toMatch(/^[a-z0-9_][a-z0-9._-]{0,120}$/)
    expect(fileSafe(name)).not.toMatch(/^(con|nul)(\.|$)/)
  })

  test('never gives two ids the same name, also where case does not count', () => {
    const ids = [
      'a/b',
      'a_b',
      'A_b',
      'a:b',
      '10.1101/x',
      '10.1101_x',
      'ABC',
      'abc',
      'Abc',
      `${'y'.repeat(200)}1`,
      `${'y'.repeat(200)}2`,
    ]
    expect(new Set(ids.map(id => fileSafe(id).toLowerCase())).size).toBe(ids.length)
  })

  test('keeps every path inside the workspace', async () => {
    const paths = workspacePaths('/w')
    for (const made of [
      paths.document('../../x'),
      paths.image('../x.png'),
      paths.job('../x'),
      paths.cycle('..'),
      paths.dataset('a/../../b'),
      paths.featuresOf('../b'),
    ])
      expect(made.startsWith('/w/')).toBe(true)
  })
})

test('workspace.json is written for people to read', async () => {
  const { paths } = await newWorkspace()
  expect(await readFile(paths.workspaceFile, 'utf8')).toMatch(/^\{\n {2}"format": 1,\n/)
})
