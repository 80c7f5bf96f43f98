import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openFeatureFile } from '../../trainer/features/feature-file.ts'
import { temporaryFolder } from '../data/stores/sample.ts'

const WIDTH = 3
const row = (at: number) => Float32Array.from([at, at + 0.5, -at])

/** A cache of three batches of two images: a0, a1; b0, b1; c0, c1. */
async function filled() {
  const folder = await temporaryFolder()
  const cache = await openFeatureFile(nodeFiles, folder, WIDTH)
  for (const [at, name] of ['a', 'b', 'c'].entries())
    await cache.append([`${name}0`, `${name}1`], Float32Array.from([...row(2 * at), ...row(2 * at + 1)]))
  return { folder, binary: join(folder, 'features.bin'), index: join(folder, 'index.jsonl') }
}

const opened = (folder: string) => openFeatureFile(nodeFiles, folder, WIDTH)

describe('cached features on the disk', () => {
  it('are read back as they were written', async () => {
    const { folder } = await filled()
    const { rows } = await opened(folder)
    expect([...rows.keys()]).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1'])
    expect(rows.get('b1')).toEqual(row(3))
  })

  it('lose no more than the last batch where the index ends in a torn line', async () => {
    const { folder, index } = await filled()
    const text = await readFile(index, 'utf8')
    await writeFile(index, text.slice(0, -20))
    expect([...(await opened(folder)).rows.keys()]).toEqual(['a0', 'a1', 'b0', 'b1'])
  })

  it('can be gone on with after a torn line', async () => {
    const { folder, index } = await filled()
    await appendFile(index, '{"row":6,"ima')
    const cache = await opened(folder)
    await cache.append(['d0'], row(9))
    const { rows } = await opened(folder)
    expect(rows.size).toBe(7)
    expect(rows.get('d0')).toEqual(row(9))
  })

  it('lose the batches whose bytes are gone, and go on with whole rows', async () => {
    const { folder, binary } = await filled()
    await truncate(binary, 4 * WIDTH * 5 + 7)
    const cache = await opened(folder)
    expect([...cache.rows.keys()]).toEqual(['a0', 'a1', 'b0', 'b1'])
    await cache.append(['c0', 'c1'], Float32Array.from([...row(4), ...row(5)]))
    const { rows } = await opened(folder)
    expect([rows.size, rows.get('c1'), rows.get('b0')]).toEqual([6, row(5), row(2)])
  })

  it('never hand out a batch whose bytes were changed', async () => {
    const { folder, binary } = await filled()
    const bytes = await readFile(binary)
    bytes[4 * WIDTH * 2 + 1]! ^= 0xff
    await writeFile(binary, bytes)
    expect([...(await opened(folder)).rows.keys()]).toEqual(['a0', 'a1', 'c0', 'c1'])
  })

  it('ignore rows that were written without their line', async () => {
    const { folder, binary } = await filled()
    await appendFile(binary, new Uint8Array(4 * WIDTH))
    const cache = await opened(folder)
    await cache.append(['d0'], row(8))
    expect((await opened(folder)).rows.get('d0')).toEqual(row(8))
  })

  it('report a full disk and stay as they were', async () => {
    const { folder } = await filled()
    const full = {
      ...nodeFiles,
      open: async (...args: Parameters<typeof nodeFiles.open>) => ({
        ...(await nodeFiles.open(...args)),
        write: async () => {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        },
      }),
    }
    const cache = await openFeatureFile(full, folder, WIDTH)
    await expect(cache.append(['d0'], row(8))).rejects.toThrow('no space')
    expect((await opened(folder)).rows.size).toBe(6)
  })
})
