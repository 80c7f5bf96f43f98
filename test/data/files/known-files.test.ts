import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KnownFiles } from '../../../data/files/known-files.ts'

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-known-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

const line = (i: number) =>
  `${JSON.stringify([`images/${i}.png`, { etag: `"${i}"`, sha256: 'x', bytes: i, mtimeMs: i }])}\n`

test('many who ask at once while others write know everything in the end, once each', async () => {
  const dir = await folder()
  const known = new KnownFiles(dir)
  const asked: Promise<void>[] = []
  for (let i = 0; i < 200; i++) {
    await appendFile(join(dir, 'known.jsonl'), line(i))
    asked.push(known.refresh(), known.refresh())
  }
  await Promise.all(asked)
  expect([...known.keys()]).toHaveLength(200)
})

test('a notebook that was begun anew is read from its beginning', async () => {
  const dir = await folder()
  const known = new KnownFiles(dir)
  await writeFile(join(dir, 'known.jsonl'), line(1) + line(2))
  await known.refresh()
  await writeFile(join(dir, 'known.jsonl'), line(3))
  await Promise.all([known.refresh(), known.refresh()])
  expect(known.get('images/3.png')?.bytes).toBe(3)
})

test('half a line is read when its other half is there', async () => {
  const dir = await folder()
  const known = new KnownFiles(dir)
  await writeFile(join(dir, 'known.jsonl'), line(1) + line(2).slice(0, 20))
  await known.refresh()
  expect([...known.keys()]).toEqual(['images/1.png'])
  await appendFile(join(dir, 'known.jsonl'), line(2).slice(20))
  await known.refresh()
  expect(known.get('images/2.png')?.bytes).toBe(2)
})
