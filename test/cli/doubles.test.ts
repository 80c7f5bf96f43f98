import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DuplicatesRecord } from '../../data/duplicates/record.ts'
import type { SplitRecord } from '../../data/splits/split.ts'
import { encodePng } from '../../data/workspace/images.ts'
import { slice, VARIANTS } from '../data/duplicates/variants.ts'
import { runCli } from './run-cli.ts'

/** Two tables of pictures: the second holds a smaller double of the first one's picture, whose side is test. */
describe('taking pictures in', () => {
  let dir: string
  const workspace = (name: string) => join(dir, name)
  const read = async <T>(name: string, file: string) =>
    JSON.parse(await readFile(join(workspace(name), file), 'utf8')) as T
  const take = (table: string, name: string, ...more: string[]) =>
    runCli(['import', 'jsonl', join(dir, table), '--workspace', workspace(name), ...more])
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lesionloop-doubles-'))
    const original = slice('taken in', 0.5)
    await writeFile(join(dir, 'one.png'), await encodePng(original))
    await writeFile(join(dir, 'two.png'), await encodePng(await VARIANTS['half the size']!(original)))
    const row = { flag: 'positive', GGO: 'present', caption: 'CT with ground-glass opacity.' }
    const first = { ...row, image: 'one.png', patient: 'a', side: 'test' }
    await writeFile(join(dir, 'first.jsonl'), `${JSON.stringify(first)}\n`)
    await writeFile(
      join(dir, 'second.jsonl'),
      `${JSON.stringify({ ...row, image: 'two.png', patient: 'b' })}\n`,
    )
  }, 60_000)
  afterAll(() => rm(dir, { recursive: true, force: true }))

  it('links a double by itself and puts it on its picture’s side', async () => {
    expect((await take('first.jsonl', 'linked')).out).not.toContain('same slice')
    const { status, out } = await take('second.jsonl', 'linked')
    expect(status).toBe(0)
    expect(out).toContain('1 new pair of pictures that show the same slice')
    const split = await read<SplitRecord>('linked', 'splits.json')
    expect(Object.values(split.cases).map(({ side }) => side)).toEqual(['test', 'test'])
  }, 120_000)

  it('leaves it with --no-duplicates, and the next run catches up', async () => {
    await take('first.jsonl', 'left', '--no-duplicates')
    const { out } = await take('second.jsonl', 'left', '--no-duplicates')
    expect(out).not.toContain('same slice')
    await expect(read('left', 'duplicates.json')).rejects.toThrow('ENOENT')
    await take('second.jsonl', 'left')
    expect((await read<DuplicatesRecord>('left', 'duplicates.json')).links).toHaveLength(1)
    const split = await read<SplitRecord>('left', 'splits.json')
    // It had come to train; now it stands where its picture is held out.
    expect(Object.values(split.cases).map(({ side }) => side)).toEqual(['test', 'test'])
  }, 120_000)
})
