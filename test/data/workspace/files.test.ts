import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  appendDurably,
  nodeFiles,
  readJson,
  readJsonIfThere,
  writeFileAtomically,
  writeFilesAtomically,
  writeJson,
} from '../../../data/workspace/files.ts'
import { temporaryFolder } from '../stores/sample.ts'
import { faultyFiles, systemError } from './faulty-files.ts'

describe('writing a file atomically', () => {
  test('makes the folders above it', async () => {
    const path = join(await temporaryFolder(), 'a', 'b', 'c.txt')
    await writeFileAtomically(nodeFiles, path, 'hello')
    expect(await readFile(path, 'utf8')).toBe('hello')
  })

  test.each(['open', 'write', 'sync', 'rename'] as const)(
    'that fails at %s leaves the old content and nothing else',
    async operation => {
      const folder = await temporaryFolder()
      const path = join(folder, 'c.txt')
      await writeFileAtomically(nodeFiles, path, 'old')
      const files = faultyFiles(now => {
        if (now === operation) throw systemError('ENOSPC')
      })
      await expect(writeFileAtomically(files, path, 'new')).rejects.toMatchObject({ code: 'ENOSPC' })
      expect(await readFile(path, 'utf8')).toBe('old')
      expect(await readdir(folder)).toEqual(['c.txt'])
    },
  )

  test('writes everything where the system takes one byte at a time', async () => {
    const path = join(await temporaryFolder(), 'c.txt')
    await writeFileAtomically(
      faultyFiles(operation => (operation === 'write' ? 1 : undefined)),
      path,
      'hello',
    )
    expect(await readFile(path, 'utf8')).toBe('hello')
  })

  test('fails where the system takes nothing, instead of trying for ever', async () => {
    const path = join(await temporaryFolder(), 'c.txt')
    const files = faultyFiles(operation => (operation === 'write' ? 0 : undefined))
    await expect(writeFileAtomically(files, path, 'hello')).rejects.toThrow(/0 bytes/)
  })

  test('syncs the file before the rename and the folder after it', async () => {
    const path = join(await temporaryFolder(), 'c.txt')
    const order: string[] = []
    await writeFileAtomically(
      faultyFiles(operation => void order.push(operation)),
      path,
      'x',
    )
    expect(order).toEqual(['makeFolder', 'open', 'write', 'sync', 'rename', 'syncFolder'])
  })

  test('by many at once leaves one whole content', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'c.txt')
    const contents = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1000 + i))
    await Promise.all(contents.map(content => writeFileAtomically(nodeFiles, path, content)))
    expect(contents).toContain(await readFile(path, 'utf8'))
    expect(await readdir(folder)).toEqual(['c.txt'])
  })
})

describe('writing several files atomically', () => {
  const three = (folder: string) =>
    ['a', 'b', 'c'].map(name => ({ path: join(folder, name), content: `new ${name}` }))

  test('syncs each before the first is renamed, and their folder once, at last', async () => {
    const order: string[] = []
    await writeFilesAtomically(
      faultyFiles(operation => void order.push(operation)),
      three(await temporaryFolder()),
    )
    const after = order.filter(each => ['sync', 'rename', 'syncFolder'].includes(each))
    expect(after).toEqual(['sync', 'sync', 'sync', 'rename', 'rename', 'rename', 'syncFolder'])
  })

  test('syncs every folder that one of them lies in', async () => {
    const folder = await temporaryFolder()
    const synced: string[] = []
    const files = faultyFiles((operation, path) => void (operation === 'syncFolder' && synced.push(path)))
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    await writeFilesAtomically(files, [...three(one), ...three(two)])
    expect(synced).toEqual([one, two])
    expect(await readFile(join(two, 'c'), 'utf8')).toBe('new c')
  })

  test.each(['open', 'write', 'sync', 'rename'] as const)(
    'that fails at the second %s leaves each as it was or as it was to be, and nothing else',
    async operation => {
      const folder = await temporaryFolder()
      for (const { path } of three(folder)) await writeFileAtomically(nodeFiles, path, 'old')
      let times = 0
      const files = faultyFiles(now => {
        if (now === operation && ++times === 2) throw systemError('EIO')
      })
      await expect(writeFilesAtomically(files, three(folder))).rejects.toMatchObject({ code: 'EIO' })
      const contents = ['a', 'b', 'c'].map(name => readFile(join(folder, name), 'utf8'))
      const renamed = operation === 'rename' ? 'new a' : 'old'
      expect(await Promise.all(contents)).toEqual([renamed, 'old', 'old'])
      expect(await readdir(folder)).toEqual(['a', 'b', 'c'])
    },
  )

  test('of none writes nothing', async () => {
    const order: string[] = []
    await writeFilesAtomically(
      faultyFiles(operation => void order.push(operation)),
      [],
    )
    expect(order).toEqual([])
  })
})

describe('appending durably', () => {
  test('adds to what is there', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    await appendDurably(nodeFiles, path, '1\n')
    await appendDurably(nodeFiles, path, '2\n')
    expect(await readFile(path, 'utf8')).toBe('1\n2\n')
  })

  test.each(['write', 'sync'] as const)('that fails at %s leaves the file as it was', async operation => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    await appendDurably(nodeFiles, path, '1\n')
    let writes = 0
    const files = faultyFiles(now => {
      // Half of it gets through before the disk is full.
      if (now === 'write' && writes++ === 0) return 3
      if (now === operation) throw systemError('EIO')
    })
    await expect(appendDurably(files, path, 'second\n')).rejects.toMatchObject({ code: 'EIO' })
    expect(await readFile(path, 'utf8')).toBe('1\n')
  })

  test('syncs the folder after the file is made, and only then', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl')
    const synced: string[] = []
    const files = faultyFiles(operation => void synced.push(operation))
    await appendDurably(files, path, '1\n')
    expect(synced.at(-1)).toBe('syncFolder')
    synced.length = 0
    await appendDurably(files, path, '2\n')
    expect(synced).not.toContain('syncFolder')
  })
})

describe('reading JSON', () => {
  const schema = z.object({ a: z.number(), b: z.object({ c: z.string() }) })

  test('gives back what was written', async () => {
    const path = join(await temporaryFolder(), 'a.json')
    await writeJson(nodeFiles, path, { a: 1, b: { c: 'x' } })
    expect(await readJson(path, schema)).toEqual({ a: 1, b: { c: 'x' } })
  })

  test('of a missing file says so, or is undefined where that is allowed', async () => {
    const path = join(await temporaryFolder(), 'a.json')
    await expect(readJson(path)).rejects.toMatchObject({ code: 'file-missing' })
    expect(await readJsonIfThere(path)).toBeUndefined()
  })

  test('of a damaged file names it', async () => {
    const path = join(await temporaryFolder(), 'a.json')
    await writeFile(path, '{"a": 1')
    await expect(readJson(path)).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining(path),
    })
  })

  test('of a file that is not as the schema says names every fault with its place', async () => {
    const path = join(await temporaryFolder(), 'a.json')
    await writeJson(nodeFiles, path, { a: 'one', b: {} })
    await expect(readJson(path, schema)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/a: .*; b\.c: .*; put it right/),
    })
  })
})
