import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeDocument } from '../../data/workspace/documents.ts'
import { encodePng, storeImage } from '../../data/workspace/images.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { runCli } from './run-cli.ts'

let folder: string
let storage: string
let picture: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lesionloop-files-'))
  storage = pathToFileURL(await mkdtemp(join(tmpdir(), 'lesionloop-share-'))).href
  const workspace = await openWorkspace(join(folder, 'one'), { create: true })
  const png = await encodePng({ width: 8, height: 8, data: new Uint8Array(192).fill(50) })
  picture = (await storeImage(workspace, png)).file
  await writeDocument(workspace, {
    id: 'a',
    format: 'text',
    file: { name: 'a.txt', sha256: '0'.repeat(64), bytes: 1 },
    miner: { version: 'test' },
    minedAt: '2026-01-01T00:00:00.000Z',
    pages: 1,
    figures: [],
    skipped: [],
  })
})
afterEach(async () => {
  for (const path of [folder, new URL(storage)]) await rm(path, { recursive: true })
})

const files = (verb: string, workspace: string) =>
  runCli(['files', verb, '--workspace', join(folder, workspace), '--files', storage])

test('`files` moves a workspace up, once, brings it down elsewhere, and reads all again', async () => {
  expect(await files('push', 'one')).toMatchObject({
    status: 0,
    out: expect.stringContaining(`3 files put on ${storage}, 0 were there, 0 failed`),
  })
  expect((await files('push', 'one')).out).toContain('0 files put on')
  expect(await files('pull', 'two')).toMatchObject({ status: 0 })
  expect(await readFile(join(folder, 'two', 'images', picture))).toEqual(
    await readFile(join(folder, 'one', 'images', picture)),
  )
  expect(existsSync(join(folder, 'two', 'documents', 'a', 'document.json'))).toBe(true)
  expect((await files('verify', 'one')).out).toContain('3 objects are what was put there, 0 not')
  await writeFile(new URL(`${storage}/images/${picture}`), 'other')
  expect(await files('verify', 'one')).toMatchObject({
    status: 1,
    out: expect.stringContaining(`images/${picture}: what arrived is not what was put there`),
  })
})

test('a wrong address, and a storage without a database, are refused in words', async () => {
  const one = join(folder, 'one')
  expect(await runCli(['stats', '--workspace', one, '--files', 'ftp://x/y'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('files: ftp is neither s3 nor file: expected s3://BUCKET/PREFIX'),
  })
  expect(
    (await runCli(['stats', '--workspace', one, '--files', 's3://key:secret@bucket/x'])).err,
  ).not.toContain('secret@')
  expect(await runCli(['stats', '--workspace', one, '--files', storage])).toMatchObject({
    status: 1,
    err: expect.stringContaining('give --database postgres://… too'),
  })
  expect(await runCli(['stats', '--workspace', one, '--cache-size', 'much'])).toMatchObject({ status: 2 })
})

test('a folder that is used without a storage loads no client of one', async () => {
  const { err, status } = await runCli(['stats', '--workspace', join(folder, 'one')], {
    env: { NODE_DEBUG: 'esm,module' },
  })
  expect(status).toBe(0)
  expect(err).not.toContain('@aws-sdk')
})
