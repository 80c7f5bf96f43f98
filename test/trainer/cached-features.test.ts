import { readdir, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Progress } from '../../data/records/job.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { type LoadedBackbone, loadBackbone } from '../../trainer/backbones/load.ts'
import { chooseBackend } from '../../trainer/backend/choose-backend.ts'
import { cachedFeatures } from '../../trainer/features/cached-features.ts'
import { newWorkspace } from '../data/stores/sample.ts'
import { phantomCase } from './phantom-cases.ts'

let starter: LoadedBackbone
beforeAll(async () => {
  await chooseBackend('wasm')
  starter = await loadBackbone('starter')
}, 300_000)

async function images(workspace: Workspace, count: number) {
  const list: { id: string; file: string }[] = []
  for (let at = 0; at < count; at++) {
    const { image, imageFile } = await phantomCase(workspace, {
      seed: at,
      document: 'd',
      at,
      covid: at % 2 === 0,
    })
    list.push({ id: image, file: imageFile })
  }
  return list
}

describe('features of images', () => {
  it('are computed once and then read from the cache, the same', async () => {
    const workspace = await newWorkspace()
    const list = await images(workspace, 5)
    const first = await cachedFeatures(workspace, starter, list, { batch: 2 })
    const steps: Progress[] = []
    const again = await cachedFeatures(workspace, starter, list, { onProgress: step => steps.push(step) })
    expect(steps).toEqual([{ step: 'reading features', done: 5, total: 5 }])
    for (const { id } of list) expect(again.rows.get(id)).toEqual(first.rows.get(id))
  })

  it('do not depend on how many are computed at a time', async () => {
    const [one, other] = [await newWorkspace(), await newWorkspace()]
    const [list] = [await images(one, 4), await images(other, 4)]
    const alone = await cachedFeatures(one, starter, list, { batch: 1 })
    const together = await cachedFeatures(other, starter, list, { batch: 4 })
    for (const { id } of list)
      alone.rows.get(id)!.forEach((value, at) => {
        expect(together.rows.get(id)![at]).toBeCloseTo(value, 3)
      })
  })

  it('leave out an image that does not decode, name it and count it', async () => {
    const workspace = await newWorkspace()
    const list = await images(workspace, 3)
    await writeFile(workspace.paths.image(list[1]!.file), '')
    const problems: Progress['problem'][] = []
    const found = await cachedFeatures(workspace, starter, list, {
      onProgress: step => step.problem && problems.push(step.problem),
    })
    expect([...found.rows.keys()].sort()).toEqual([list[0]!.id, list[2]!.id].sort())
    expect(found.leftOut).toEqual([expect.objectContaining({ image: list[1]!.id, code: 'image-empty' })])
    expect(problems[0]).toMatchObject({ item: list[1]!.file, code: 'image-empty' })
  })

  it('are kept as far as they came where the work is stopped, and gone on with', async () => {
    const workspace = await newWorkspace()
    const list = await images(workspace, 6)
    const controller = new AbortController()
    const stopped = cachedFeatures(workspace, starter, list, {
      batch: 2,
      signal: controller.signal,
      onProgress: ({ done }) => done >= 2 && controller.abort(new Error('stopped')),
    })
    await expect(stopped).rejects.toThrow('stopped')
    const dones: number[] = []
    await cachedFeatures(workspace, starter, list, { batch: 2, onProgress: ({ done }) => dones.push(done) })
    expect(dones).toEqual([2, 4, 6])
  })

  it('of other weights lie elsewhere', async () => {
    const workspace = await newWorkspace()
    const list = await images(workspace, 1)
    await cachedFeatures(workspace, starter, list)
    await cachedFeatures(workspace, { ...starter, weightsSha256: 'other' }, list)
    expect(await readdir(workspace.paths.features)).toHaveLength(2)
  })

  it('are written by one process at a time', async () => {
    const workspace = await newWorkspace()
    const lock = await acquireLock(workspace, 'features')
    await expect(cachedFeatures(workspace, starter, [])).rejects.toMatchObject({ code: 'lock-held' })
    await lock.release()
  })
})
