import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type ObjectHead, ObjectRace, type ObjectStore } from '../../../data/files/object-store.ts'

const sum = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What every storage of files does. @param open an empty one, for each test. */
export function storesObjects(name: string, open: () => Promise<ObjectStore>): void {
  describe(`the storage of files over ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lesionloop-objects-'))
    let store: ObjectStore
    let files = 0
    beforeEach(async () => {
      store = await open()
      return () => store.close()
    })
    afterAll(() => rm(folder, { recursive: true }))

    async function file(content: string | Uint8Array): Promise<{ path: string; sha256: string }> {
      const path = join(folder, `in-${++files}`)
      await writeFile(path, content)
      return { path, sha256: sum(content) }
    }
    async function put(key: string, content: string | Uint8Array, only?: 'absent' | { match: string }) {
      const { path, sha256 } = await file(content)
      return await store.put(key, path, { sha256, ...(only ? { only } : {}) })
    }
    async function listed(prefix: string): Promise<ObjectHead[]> {
      const all: ObjectHead[] = []
      for await (const head of store.list(prefix)) all.push(head)
      return all
    }

    test('gives back what was put, with its hash and size', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251)
      const info = await put('images/one.png', bytes)
      const path = join(folder, 'out')
      expect(await store.get('images/one.png', path)).toEqual(info)
      expect(new Uint8Array(await readFile(path))).toEqual(bytes)
      expect(info).toMatchObject({ key: 'images/one.png', bytes: 300_000, sha256: sum(bytes) })
      expect(await store.head('images/one.png')).toEqual(info)
    })

    test('keeps an empty file, and names with spaces and letters of other alphabets', async () => {
      await put('documents/ä b+c/quelle 肺.pdf', '')
      expect((await listed('documents/')).map(({ key, bytes }) => ({ key, bytes }))).toEqual([
        { key: 'documents/ä b+c/quelle 肺.pdf', bytes: 0 },
      ])
      expect(await store.get('documents/ä b+c/quelle 肺.pdf', join(folder, 'empty'))).toMatchObject({
        bytes: 0,
      })
    })

    test('says of an object that is not there that it is not', async () => {
      const path = join(folder, 'nothing')
      expect(await store.head('images/none.png')).toBeUndefined()
      expect(await store.get('images/none.png', path)).toBeUndefined()
      expect(await readdir(folder)).not.toContain('nothing')
    })

    test('refuses a file that is not what its hash says, and keeps nothing of it', async () => {
      const { path } = await file('what it is')
      await expect(store.put('a', path, { sha256: sum('what it should be') })).rejects.toThrow()
      expect(await store.head('a')).toBeUndefined()
    })

    test('puts only where nothing is, if asked: of many at once one comes in', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => put('claims/cycles/0001', `machine ${i}`, 'absent')),
      )
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ObjectRace)
      const at = tries.findIndex(({ status }) => status === 'fulfilled')
      await store.get('claims/cycles/0001', join(folder, 'claim'))
      expect(await readFile(join(folder, 'claim'), 'utf8')).toBe(`machine ${at}`)
    })

    test('puts only over what the writer has seen, if asked: of many at once one comes in', async () => {
      const first = await put('records/promoted.json', 'first')
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => put('records/promoted.json', `next ${i}`, { match: first.etag })),
      )
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await expect(put('records/promoted.json', 'late', { match: first.etag })).rejects.toBeInstanceOf(
        ObjectRace,
      )
      const now = (await store.head('records/promoted.json'))!
      expect(now.etag).not.toBe(first.etag)
      expect(await put('records/promoted.json', 'later', { match: now.etag })).toMatchObject({
        sha256: sum('later'),
      })
    })

    test('does not put over what is gone', async () => {
      const { etag } = await put('a', 'first')
      await store.remove('a')
      await expect(put('a', 'second', { match: etag })).rejects.toThrow()
      expect(await store.head('a')).toBeUndefined()
    })

    test('lists by the beginning of the key, in order, however many there are', async () => {
      const { path, sha256 } = await file('x')
      const keys = Array.from({ length: 1100 }, (_, i) => `images/${String(i).padStart(4, '0')}.png`)
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(keys.slice(at, at + 50).map(key => store.put(key, path, { sha256 })))
      await store.put('imagesque', path, { sha256 })
      await store.put('records/a.json', path, { sha256 })
      expect((await listed('images/')).map(({ key }) => key)).toEqual(keys)
      expect((await listed('images/010')).map(({ key }) => key)).toEqual(keys.slice(100, 110))
      expect(await listed('nothing/')).toEqual([])
      const head = await store.head('images/0007.png')
      expect((await listed('images/0007'))[0]?.etag).toBe(head?.etag)
    })

    test('removes, and says nothing where nothing was', async () => {
      await put('a/b', 'x')
      await store.remove('a/b')
      await store.remove('a/b')
      expect(await store.head('a/b')).toBeUndefined()
      expect(await listed('a/')).toEqual([])
    })
  })
}
