import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freezeDataset, verifyDataset } from '../../../data/datasets/freeze.ts'
import { FILES_VARIABLE } from '../../../data/files/files-address.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import { DATABASE_VARIABLE } from '../../../data/stores/database-address.ts'
import { openStore } from '../../../data/stores/open.ts'
import { listRejected, readDocument, reject, writeDocument } from '../../../data/workspace/documents.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { encodePng, storeImage } from '../../../data/workspace/images.ts'
import { changeSettings, openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { pictureAt } from '../../../data/workspace/picture-at.ts'
import {
  Client,
  caseId,
  DOCUMENT,
  LABEL,
  sealCycle,
  smallWorkspace,
} from '../../annotator/server/desk-under-test.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { hasS3, type S3OfTests, startS3 } from './s3-of-tests.ts'

const program = [
  join(import.meta.dirname, '../workspace/run-typescript.mjs'),
  join(import.meta.dirname, '../../annotator/server/serve-for-ever.ts'),
]

describe.skipIf(!hasPostgres() || !hasS3())('two machines, each with its own folder', () => {
  let postgres: PostgresOfTests
  let s3: S3OfTests
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    ;[postgres, s3] = await Promise.all([startPostgres(), startS3()])
  })
  afterAll(async () => {
    delete process.env[DATABASE_VARIABLE]
    delete process.env[FILES_VARIABLE]
    await Promise.all([postgres?.close(), s3?.close()])
  })
  beforeEach(async () => {
    process.env[DATABASE_VARIABLE] = await postgres.newDatabase()
    process.env[FILES_VARIABLE] = `s3://${s3.newBucket()}/covid?endpoint=${s3.endpoint}`
  })
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  async function another(options: { cacheBytes?: number } = {}): Promise<Workspace> {
    const folder = await mkdtemp(join(tmpdir(), 'lesionloop-other-'))
    ending.push(() => rm(folder, { recursive: true, force: true }))
    return await openWorkspace(join(folder, 'workspace'), options)
  }

  async function serve(workspace: Workspace): Promise<Client> {
    const child: ChildProcess = spawn(process.execPath, [...program, workspace.dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    ending.push(async () => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    })
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
    const { url, loginLink } = JSON.parse(line) as { url: string; loginLink: string }
    const client = new Client(url)
    expect((await client.post('/api/login', { token: loginLink.split('#')[1], name: 'B' })).status).toBe(200)
    return client
  }

  /** Seals as the trainer does: the folder is made under another name, and renamed as the last thing. */
  async function cycleOn(workspace: Workspace): Promise<string> {
    const id = await workspace.shared!.claimCycle(1)
    await sealCycle(workspace, id)
    const half = `${workspace.paths.cycle(id)}.half`
    await rename(workspace.paths.cycle(id), half)
    await workspace.files.rename(half, workspace.paths.cycle(id))
    const store = await openStore(workspace)
    await store.refresh()
    await store.close()
    return id
  }

  async function minedCases(workspace: Workspace): Promise<MinedCase[]> {
    const store = await openStore(workspace)
    try {
      return [...(await store.cases.mined(() => true)).values()].flatMap(({ cases }) => cases)
    } finally {
      await store.close()
    }
  }

  test('what one mined the other shows with its pictures, labels, and follows in its next cycle', async () => {
    const one = await smallWorkspace()
    const other = await another()
    expect(existsSync(other.paths.images)).toBe(false)
    expect((await readDocument(other, DOCUMENT))?.title).toContain('CT of the chest')
    const page = await serve(other)
    const [{ imageFile: file }] = (await minedCases(other)) as [MinedCase]
    const picture = await fetch(`${page.url}/images/${file}`, { headers: { Cookie: page.cookie } })
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(await readFile(one.paths.image(file)))
    expect((await page.act(caseId(1, 'A'), 0, LABEL)).status).toBe(200)
    const store = await openStore(one)
    expect((await store.cases.get(caseId(1, 'A')))?.version).toBe(1)
    await store.close()
    const id = await cycleOn(one)
    await expect.poll(async () => (await page.get('/api/queue')).body.cycle, { timeout: 20_000 }).toBe(id)
    await expect
      .poll(async () => (await page.get('/api/cycles')).body.rows[0]?.id, { timeout: 20_000 })
      .toBe(id)
    expect(await readFile(join(other.paths.cycle(id), 'predictions.jsonl'))).toEqual(
      await readFile(join(one.paths.cycle(id), 'predictions.jsonl')),
    )
  }, 60_000)

  test('a new document that one mines is listed at the other’s server', async () => {
    const one = await smallWorkspace()
    const other = await another()
    const page = await serve(other)
    expect((await page.get('/api/documents')).body.total).toBe(1)
    const record = (await readDocument(one, DOCUMENT))!
    const [first] = await minedCases(one)
    const store = await openStore(one, { write: ['cases'] })
    await store.cases.put('10.1101/new', [
      { ...first!, id: '10.1101/new#Figure 1#A', document: '10.1101/new' },
    ])
    await writeDocument(one, { ...record, id: '10.1101/new' })
    await store.close()
    await expect
      .poll(async () => JSON.stringify((await page.get('/api/documents')).body), { timeout: 20_000 })
      .toContain('10.1101/new')
  }, 60_000)

  test('a number of a cycle is never given twice, and an unsealed cycle is not there', async () => {
    const one = await smallWorkspace()
    const other = await another()
    const ids = await Promise.all([one, other, one, other].map(each => each.shared!.claimCycle(1)))
    expect([...ids].sort()).toEqual(['0001', '0002', '0003', '0004'])
    await one.shared!.put(join(one.paths.cycle('0001'), 'metrics.json'), one.paths.workspaceFile)
    await other.shared!.pull()
    expect(existsSync(other.paths.cycle('0001'))).toBe(false)
  })

  test('a record that both change is refused to the later one, in words, and there as the earlier wrote it', async () => {
    const one = await smallWorkspace()
    const other = await another()
    await writeJson(one.files, one.paths.promoted, { by: 'one' })
    await expect(writeJson(other.files, other.paths.promoted, { by: 'other' })).rejects.toMatchObject({
      code: 'files-changed',
    })
    expect(JSON.parse(await readFile(other.paths.promoted, 'utf8'))).toEqual({ by: 'one' })
    await writeJson(other.files, other.paths.promoted, { by: 'other' })
    await one.shared!.pull()
    expect(JSON.parse(await readFile(one.paths.promoted, 'utf8'))).toEqual({ by: 'other' })
  })

  test('sides that both give at the same time add up; the first keeps a case’s side', async () => {
    const one = await smallWorkspace()
    const other = await another()
    const of = (cases: object) => ({ kind: 'stratified', seed: 1, ratios: {}, cases, warnings: [] })
    await writeJson(one.files, one.paths.splits, of({ a: { side: 'train' }, b: { side: 'test' } }))
    await writeJson(other.files, other.paths.splits, of({ b: { side: 'train' }, c: { side: 'val' } }))
    await one.shared!.pull()
    for (const { paths } of [one, other])
      expect(JSON.parse(await readFile(paths.splits, 'utf8')).cases).toEqual({
        a: { side: 'train' },
        b: { side: 'test' },
        c: { side: 'val' },
      })
  })

  test('lines that both add to a log are there at both', async () => {
    const one = await smallWorkspace()
    const other = await another()
    const say = (workspace: Workspace, name: string) => reject(workspace, { name, code: 'x', reason: 'x' })
    await Promise.all([say(one, '1.pdf'), say(other, '2.pdf')])
    await say(one, '3.pdf')
    for (const workspace of [one, other]) {
      await workspace.shared!.pull()
      expect((await listRejected(workspace)).map(({ name }) => name).sort()).toEqual([
        '1.pdf',
        '2.pdf',
        '3.pdf',
      ])
    }
  })

  test('settings are those of the workspace, not of a machine', async () => {
    const one = await smallWorkspace()
    const other = await another()
    await changeSettings(one, { goal: 77 })
    expect((await openWorkspace(other.dir)).settings.goal).toBe(77)
  })

  test('a damaged picture is fetched again, and the same pixels in other bytes are those that came first', async () => {
    const one = await smallWorkspace()
    const [{ imageFile }] = (await minedCases(one)) as [MinedCase]
    const other = await another()
    const path = await pictureAt(other, imageFile)
    const whole = await readFile(path)
    for (const wrong of [whole.subarray(0, 20), Buffer.from(whole).fill(7, 30)]) {
      // A file that keeps its size is told by its time, which file systems count in steps of some milliseconds.
      await delay(20)
      await writeFile(path, wrong)
      expect(await readFile(await pictureAt(other, imageFile))).toEqual(whole)
    }
    const pixels = { width: 30, height: 20, data: new Uint8Array(1800).fill(9) }
    const png = await encodePng(pixels)
    const { file } = await storeImage(one, png)
    const sharp = (await import('sharp')).default
    const bytes = await sharp(png).png({ compressionLevel: 0 }).toBuffer()
    expect(bytes).not.toEqual(Buffer.from(png))
    expect((await storeImage(other, bytes)).file).toBe(file)
    expect(await readFile(other.paths.image(file))).toEqual(await readFile(one.paths.image(file)))
  })

  test('pictures over the size of the cache go, those that are held or not on the storage stay', async () => {
    const one = await smallWorkspace()
    const files = [...new Set((await minedCases(one)).map(each => each.imageFile))]
    const size = (await readFile(one.paths.image(files[0]!))).length
    const root = await another({ cacheBytes: size * 2 })
    const { SharedFiles } = await import('../../../data/files/shared-files.ts')
    const small = new SharedFiles(root.paths, one.shared!.objects, { cacheBytes: size * 2.5, justUsedMs: -1 })
    const path = root.paths.image
    await small.fetch(path(files[0]!))
    await writeFile(path('own.png'), Buffer.alloc(size))
    const held = await small.hold([files[0]!])
    for (const file of files.slice(1)) await small.fetch(path(file))
    expect(existsSync(path(files[0]!))).toBe(true)
    expect(existsSync(path('own.png'))).toBe(true)
    expect(files.slice(1).filter(file => existsSync(path(file))).length).toBeLessThan(files.length - 1)
    await held.release()
    for (const file of files)
      expect(await readFile(await small.fetch(path(file)))).toEqual(await readFile(one.paths.image(file)))
  })

  test('a frozen dataset is listed at the other, and whole when it is verified there', async () => {
    const one = await smallWorkspace()
    const store = await openStore(one)
    await freezeDataset(one, 'first', store.cases.all())
    await store.close()
    const other = await another()
    expect(await verifyDataset(other, 'first')).toMatchObject({ changed: [], missing: [], extra: [] })
    const again = await openStore(other)
    await rm(other.paths.dataset('first'), { recursive: true })
    await expect(freezeDataset(other, 'first', again.cases.all())).rejects.toMatchObject({
      code: 'dataset-exists',
    })
    await again.close()
  })

  test('files on a storage without a database are refused', async () => {
    delete process.env[DATABASE_VARIABLE]
    await expect(another()).rejects.toMatchObject({ code: 'files-alone' })
  })
})
