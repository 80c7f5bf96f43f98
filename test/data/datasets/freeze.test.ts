import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { diffDatasets } from '../../../data/datasets/diff.ts'
import { freezeDataset, listDatasets, verifyDataset } from '../../../data/datasets/freeze.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { folderOf, picture } from '../formats/folder.ts'
import { caseState } from './case-state.ts'

async function desk(cases: CaseState[], files = nodeFiles) {
  const workspace = await openWorkspace(folderOf({}), { create: true, files })
  mkdirSync(workspace.paths.images, { recursive: true })
  for (const [at, row] of cases.entries())
    writeFileSync(workspace.paths.image(row.imageFile), await picture(at + 1))
  return workspace
}
const negative = {
  truth: { ...caseState('x').truth, flag: { value: 'negative', source: 'agreed' } },
} as const

describe('a frozen version', () => {
  test('holds rows, pictures, card, Croissant file, checksums and a manifest, and verifies', async () => {
    const cases = [caseState('a'), caseState('b')]
    const workspace = await desk(cases)
    const frozen = await freezeDataset(workspace, 'v1', cases)
    expect(frozen).toMatchObject({ name: 'v1', cases: 2, images: 2 })
    const folder = workspace.paths.dataset('v1')
    for (const file of ['cases.jsonl', 'README.md', 'croissant.json', 'SHA256SUMS', 'manifest.json'])
      expect(existsSync(join(folder, file)), file).toBe(true)
    expect(await verifyDataset(workspace, 'v1')).toMatchObject({ changed: [], missing: [], extra: [] })
  })
  test('has the same hash for the same cases, whatever the clock and its place', async () => {
    const cases = [caseState('a')]
    const freeze = async (now: string) =>
      (await freezeDataset(await desk(cases), 'v1', cases, { now: () => new Date(now) })).sha256
    expect(await freeze('2026-01-01')).toBe(await freeze('2030-06-01'))
  })
  test('is never made twice, and the first stays as it is', async () => {
    const cases = [caseState('a')]
    const workspace = await desk(cases)
    const { sha256 } = await freezeDataset(workspace, 'v1', cases)
    await expect(freezeDataset(workspace, 'v1', [])).rejects.toMatchObject({ code: 'dataset-exists' })
    expect((await listDatasets(workspace))[0]!.sha256).toBe(sha256)
  })
  test('is not there at all where the disk fills while it is made', async () => {
    const cases = [caseState('a'), caseState('b')]
    let copies = 0
    const workspace = await desk(cases, {
      ...nodeFiles,
      async open(path, flags) {
        if (path.includes('manifest')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return await nodeFiles.open(path, flags)
      },
      async copy(from, to) {
        copies++
        await nodeFiles.copy(from, to)
      },
    })
    await expect(freezeDataset(workspace, 'v1', cases)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(copies).toBe(2)
    expect(readdirSync(workspace.paths.datasets)).toEqual([])
  })
  test('tells what was changed, taken away and put beside it', async () => {
    const cases = [caseState('a'), caseState('b')]
    const workspace = await desk(cases)
    await freezeDataset(workspace, 'v1', cases)
    const folder = workspace.paths.dataset('v1')
    writeFileSync(join(folder, 'README.md'), 'better')
    writeFileSync(join(folder, 'more.txt'), '')
    await nodeFiles.remove(join(folder, 'images', cases[0]!.imageFile))
    expect(await verifyDataset(workspace, 'v1')).toMatchObject({
      changed: ['README.md'],
      missing: [`images/${cases[0]!.imageFile}`],
      extra: ['more.txt'],
    })
  })
  test.each(['../v1', 'V1', '', '.x', 'a/b'])('refuses the name %j', async name => {
    const workspace = await desk([])
    await expect(freezeDataset(workspace, name, [])).rejects.toMatchObject({ code: 'dataset-name' })
  })
  test('of nothing is refused', async () => {
    await expect(freezeDataset(await desk([]), 'v1', [])).rejects.toMatchObject({ code: 'dataset-empty' })
  })
})

describe('the difference of two versions', () => {
  test('names what was added, removed, relabelled from what to what, and moved', async () => {
    const before = [caseState('a'), caseState('b'), caseState('c'), caseState('d')]
    const workspace = await desk([...before, caseState('e')])
    await freezeDataset(workspace, 'v1', before)
    const after = [
      caseState('a', negative),
      caseState('b', { officialSide: 'test' }),
      caseState('c'),
      caseState('e'),
    ]
    await freezeDataset(workspace, 'v2', after)
    expect(await diffDatasets(workspace, 'v1', 'v2')).toEqual({
      before: 'v1',
      after: 'v2',
      added: ['e'],
      removed: ['d'],
      relabelled: [{ case: 'a', changes: [{ head: 'flag', from: 'positive', to: 'negative' }] }],
      moved: [{ case: 'b', from: 'train', to: 'test' }],
      repictured: [],
      superseded: [],
      byHead: { 'flag: positive → negative': 1 },
      unchanged: 1,
    })
  })
  test('shows a case of a newer version of its preprint as such, with what was relabelled', async () => {
    const before = [caseState('pv1'), caseState('other')]
    const newer = caseState('pv2', { ...negative, supersedes: ['pv1'], image: caseState('pv1').image })
    const workspace = await desk([...before, newer])
    await freezeDataset(workspace, 'v1', before)
    await freezeDataset(workspace, 'v2', [newer, caseState('other')])
    expect(await diffDatasets(workspace, 'v1', 'v2')).toMatchObject({
      added: [],
      removed: [],
      superseded: [{ case: 'pv2', before: 'pv1' }],
      relabelled: [{ case: 'pv2', changes: [{ head: 'flag', from: 'positive', to: 'negative' }] }],
      repictured: [],
      unchanged: 1,
    })
  })
  test('counts a case once where two newer ones name it', async () => {
    const both = [caseState('pv2', { supersedes: ['pv1'] }), caseState('pv3', { supersedes: ['pv2', 'pv1'] })]
    const workspace = await desk([caseState('pv1'), ...both])
    await freezeDataset(workspace, 'v1', [caseState('pv1')])
    await freezeDataset(workspace, 'v2', both)
    expect(await diffDatasets(workspace, 'v1', 'v2')).toMatchObject({
      added: ['pv3'],
      removed: [],
      superseded: [{ case: 'pv2', before: 'pv1' }],
    })
  })
  test('of a version with itself is empty', async () => {
    const cases = [caseState('a')]
    const workspace = await desk(cases)
    await freezeDataset(workspace, 'v1', cases)
    const diff = await diffDatasets(workspace, 'v1', 'v1')
    expect([diff.added, diff.removed, diff.relabelled, diff.moved]).toEqual([[], [], [], []])
    expect(diff.unchanged).toBe(1)
  })
  test('of a version that is not there says which are known how', async () => {
    await expect(diffDatasets(await desk([]), 'v1', 'v2')).rejects.toMatchObject({ code: 'dataset-unknown' })
  })
})

test('the checksums stand for the files as sha256sum reads them', async () => {
  const cases = [caseState('a')]
  const workspace = await desk(cases)
  const frozen = await freezeDataset(workspace, 'v1', cases)
  const sums = readFileSync(join(workspace.paths.dataset('v1'), 'SHA256SUMS'), 'utf8')
    .trim()
    .split('\n')
  const listed = Object.fromEntries(sums.map(line => line.split('  ').reverse()))
  for (const { path, sha256 } of frozen.files)
    if (path !== 'SHA256SUMS') expect(listed[path], path).toBe(sha256)
})
