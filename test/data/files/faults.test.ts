import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { filesAddress } from '../../../data/files/files-address.ts'
import { openObjects } from '../../../data/files/open-objects.ts'
import { SharedFiles } from '../../../data/files/shared-files.ts'
import { sharedOperations } from '../../../data/files/shared-operations.ts'
import { nodeFiles, writeFileAtomically } from '../../../data/workspace/files.ts'
import { workspacePaths } from '../../../data/workspace/paths.ts'
import { type FaultyProxy, faultyProxy } from './faulty-proxy.ts'
import { CREDENTIALS, hasS3, type S3OfTests, startS3 } from './s3-of-tests.ts'

const PICTURE = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 253)

describe.skipIf(!hasS3())('files on a storage that fails', () => {
  let s3: S3OfTests
  let proxy: FaultyProxy
  let bucket: string
  let folders: string[] = []

  beforeAll(async () => {
    s3 = await startS3()
  })
  afterAll(() => s3?.close())
  beforeEach(async () => {
    proxy = await faultyProxy(s3.endpoint)
    bucket = s3.newBucket()
  })
  afterEach(async () => {
    await proxy.close()
    await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })))
    folders = []
    Object.assign(process.env, CREDENTIALS)
  })

  async function machine(address = `s3://${bucket}/covid?endpoint=${proxy.endpoint}`) {
    const root = await mkdtemp(join(tmpdir(), 'lesionloop-machine-'))
    folders.push(root)
    const paths = workspacePaths(root)
    const shared = new SharedFiles(paths, await openObjects(filesAddress(address)))
    return { paths, shared, files: sharedOperations(nodeFiles, shared) }
  }
  const inside = async (folder: string) => (existsSync(folder) ? await readdir(folder) : [])
  const isPicture = (_method: string, path: string) => path.includes('/images/')

  test.each(['busy', 'slow-down', 'cut-request', 'cut-answer', 'truncated', 'other-content'] as const)(
    'a picture is there and here in the end, though twice the way was %s',
    async fault => {
      proxy.fault = (method, path, nth) =>
        isPicture(method, path) && method !== 'HEAD' && nth <= 2 ? fault : undefined
      const one = await machine()
      await writeFileAtomically(one.files, one.paths.image('a.png'), PICTURE)
      const other = await machine()
      await other.shared.fetch(other.paths.image('a.png'))
      expect(new Uint8Array(await readFile(other.paths.image('a.png')))).toEqual(PICTURE)
      expect(await inside(other.paths.images)).toEqual(['a.png'])
      expect(
        proxy.seen.filter(name => name.startsWith('GET') && name.includes('images/')).length,
      ).toBeGreaterThan(0)
    },
    20_000,
  )

  test('a write that the storage never takes fails in words and leaves nothing here', async () => {
    proxy.fault = method => (method === 'PUT' ? 'busy' : undefined)
    const { files, paths } = await machine()
    await expect(writeFileAtomically(files, paths.image('a.png'), PICTURE)).rejects.toMatchObject({
      code: 'files-lost',
      message: expect.stringContaining('images/a.png: the storage did not do it in 6 tries (503'),
    })
    expect(await inside(paths.images)).toEqual([])
  }, 30_000)

  test('content that is always another than was put is never taken in', async () => {
    const one = await machine()
    await writeFileAtomically(one.files, one.paths.image('a.png'), PICTURE)
    proxy.fault = (method, path) =>
      method === 'GET' && isPicture(method, path) ? 'other-content' : undefined
    const other = await machine()
    await expect(other.shared.fetch(other.paths.image('a.png'))).rejects.toMatchObject({
      code: 'files-damaged',
    })
    expect(await inside(other.paths.images)).toEqual([])
  }, 30_000)

  test('a picture that is nowhere is named, with where it should be and what to do', async () => {
    const { shared, paths } = await machine()
    await expect(shared.fetch(paths.image('none.png'))).rejects.toMatchObject({
      code: 'files-absent',
      message: `files: s3://${bucket}/covid: images/none.png: not there; \`lesionloop files push\` on the machine that has it, or mine its document again`,
    })
  })

  test('wrong credentials and a missing bucket are told at once', async () => {
    const nowhere = await machine(`s3://no-such-bucket/covid?endpoint=${proxy.endpoint}`)
    await expect(nowhere.shared.pull()).rejects.toMatchObject({ code: 'files-no-bucket' })
    await expect(nowhere.shared.fetch(nowhere.paths.image('a.png'))).rejects.toMatchObject({
      code: 'files-no-bucket',
    })
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong'
    proxy.seen = []
    const { shared } = await machine()
    await expect(shared.pull()).rejects.toMatchObject({
      code: 'files-refused',
      message: expect.not.stringContaining('wrong;'),
    })
    expect(proxy.seen).toHaveLength(1)
  })

  test('a storage that is not reached is told of', async () => {
    const { shared } = await machine(`s3://${bucket}/covid?endpoint=http://127.0.0.1:1`)
    await expect(shared.pull()).rejects.toMatchObject({ code: 'files-lost' })
  }, 20_000)

  test('a push that is killed in the middle goes on where it stopped, and names nothing that is missing', async () => {
    const { paths } = await machine()
    await mkdir(paths.images)
    await mkdir(paths.document('d'), { recursive: true })
    for (let i = 0; i < 60; i++) await writeFile(paths.image(`p${i}.png`), `${i}`.repeat(500))
    await writeFile(paths.documentFile('d'), '{}')
    const push = (): ChildProcess =>
      spawn(
        process.execPath,
        [
          join(import.meta.dirname, '../workspace/run-typescript.mjs'),
          join(import.meta.dirname, 'push-folder.ts'),
          paths.root,
          `s3://${bucket}/covid?endpoint=${proxy.endpoint}`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
    const first = push()
    await expect
      .poll(() => proxy.seen.filter(name => name.startsWith('PUT')).length, { timeout: 20_000, interval: 2 })
      .toBeGreaterThan(9)
    first.kill('SIGKILL')
    await once(first, 'exit')
    const left = await readdir(join(s3.folder, bucket, 'covid'))
    expect(left).not.toContain('records')
    const second = push()
    const [said] = (await once(second.stdout!, 'data')) as [Buffer]
    const result = JSON.parse(said.toString())
    expect(result.failed).toEqual([])
    expect(result.moved + result.same).toBe(61)
    expect(result.same).toBeGreaterThan(0)
    const other = await machine()
    await other.shared.pull()
    expect(await readFile(other.paths.documentFile('d'), 'utf8')).toBe('{}')
    const sums = await Promise.all(
      Array.from({ length: 60 }, async (_, i) =>
        createHash('sha256')
          .update(await readFile(await other.shared.fetch(other.paths.image(`p${i}.png`))))
          .digest('hex'),
      ),
    )
    expect(sums).toEqual(
      Array.from({ length: 60 }, (_, i) => createHash('sha256').update(`${i}`.repeat(500)).digest('hex')),
    )
  }, 60_000)
})
