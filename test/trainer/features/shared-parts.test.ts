import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { filesOf } from '../../../data/files/files-address.ts'
import { openObjects } from '../../../data/files/open-objects.ts'
import { SharedFiles } from '../../../data/files/shared-files.ts'
import { sharedOperations } from '../../../data/files/shared-operations.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { openKeptRows, readKeptRows } from '../../../trainer/features/kept-rows.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'

const [A, B, C] = ['0'.repeat(32), '8'.repeat(32), 'f'.repeat(32)] as const

/** Folders of machines that share one storage. */
async function machines(): Promise<(name: string) => Promise<Workspace>> {
  const dir = await temporaryFolder()
  await mkdir(join(dir, 'storage'))
  const address = filesOf({ settings: { files: pathToFileURL(join(dir, 'storage')).href } })!
  return async name => {
    const workspace = await openWorkspace(join(dir, name), { create: true })
    const shared = new SharedFiles(workspace.paths, await openObjects(address))
    return { ...workspace, shared, files: sharedOperations(nodeFiles, shared) }
  }
}

it('rows that one machine computed are read by another, of the places it asks for alone', async () => {
  const machine = await machines()
  const [one, other] = [await machine('one'), await machine('other')]
  const folder = ({ paths }: Workspace) => paths.featuresOf('starter')
  for (const [id, value] of [
    [A, 1],
    [B, 2],
  ] as const) {
    const rows = await openKeptRows(one, folder(one), 2, [id])
    await rows.add([id], Float32Array.of(value, -value))
    await rows.close()
  }
  expect(await readKeptRows(other, folder(other), 2, [B, C])).toEqual(new Map([[B, Float32Array.of(2, -2)]]))
  expect(await readdir(join(folder(other), 'parts'))).toHaveLength(1)
  expect((await readKeptRows(other, folder(other), 2, [A, B])).size).toBe(2)
})
