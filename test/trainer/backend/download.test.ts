import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openConnection } from '../../../trainer/backend/install/connection.ts'
import { download } from '../../../trainer/backend/install/download.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { breakOff, tinyIndex } from './tiny-index.ts'
import { sha256 } from './tiny-wheel.ts'

const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) % 251))
const NAME = 'a.whl'

async function served(answer?: Parameters<typeof tinyIndex>[0]['answer']) {
  const index = await tinyIndex({ files: { [NAME]: BYTES }, ...(answer ? { answer } : {}) })
  const connection = openConnection({ pauseMs: 1 })
  onTestFinished(() => connection.close())
  const path = join(await temporaryFolder(), NAME)
  const file = {
    filename: NAME,
    url: new URL(`/files/${NAME}`, index.url).href,
    sha256: sha256(BYTES),
    size: BYTES.length,
  }
  return { ...index, connection, path, file }
}

describe('a download', () => {
  it('goes on by range when the connection breaks, as often as it brings more bytes', async () => {
    const { file, path, connection, requests } = await served((request, response, count) => {
      if (count > 8) return false
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      breakOff(BYTES, 10_000, response, from)
      return true
    })
    await download(file, path, connection)
    expect(await readFile(path)).toEqual(BYTES)
    expect(requests.map(({ range }) => range)).toEqual([
      undefined,
      ...Array.from({ length: 8 }, (_, at) => `bytes=${(at + 1) * 10_000}-`),
    ])
  })

  it('is given up when nothing more comes, and what came is kept', async () => {
    const { file, path, connection } = await served((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      breakOff(BYTES, from === 0 ? 5000 : 0, response, from)
      return true
    })
    await expect(download(file, path, connection)).rejects.toMatchObject({
      code: 'index-unreachable',
      message: expect.stringMatching(
        /a\.whl\.partial ended at 5000 of 200000 bytes.*they are kept/,
      ) as string,
    })
    expect((await readFile(`${path}.partial`)).length).toBe(5000)
  })

  it('starts anew where the server knows no ranges', async () => {
    const { file, path, connection } = await served((request, response, count) => {
      if (count === 1) breakOff(BYTES, 10_000, response)
      else response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES)
      return request.method === 'GET'
    })
    await download(file, path, connection)
    expect(await readFile(path)).toEqual(BYTES)
  })

  it('with a wrong hash is thrown away, and the message names both', async () => {
    const { file, path, connection } = await served()
    const wrong = { ...file, sha256: 'f'.repeat(64) }
    await expect(download(wrong, path, connection)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringContaining(
        `SHA-256 ${sha256(BYTES).slice(0, 12)}…, the index says ffffffffffff…`,
      ) as string,
    })
    expect([existsSync(path), existsSync(`${path}.partial`)]).toEqual([false, false])
  })

  it('is made anew where the bytes left from before were of another file', async () => {
    const { file, path, connection } = await served()
    await writeFile(`${path}.partial`, Buffer.alloc(50_000, 7))
    await download(file, path, connection)
    expect(await readFile(path)).toEqual(BYTES)
  })

  it('is made anew where more bytes are left from before than there are', async () => {
    const { file, path, connection } = await served()
    await writeFile(`${path}.partial`, Buffer.alloc(300_000, 7))
    await download(file, path, connection)
    expect(await readFile(path)).toEqual(BYTES)
  })

  it('that is whole is not made again', async () => {
    const { file, path, connection, requests } = await served()
    await download(file, path, connection)
    await download(file, path, connection)
    expect(requests.length).toBe(1)
  })

  it('tells how far it is in whole mebibytes, once each', async () => {
    const { file, path, connection } = await served()
    const told: (number | null)[][] = []
    await download(file, path, connection, { onProgress: ({ done, total }) => told.push([done, total]) })
    expect(told).toEqual([[0, 0]])
  })

  it('that the server refuses is told with the server and its answer', async () => {
    const { file, path, connection } = await served((_request, response) => {
      response.writeHead(403).end()
      return true
    })
    await expect(download(file, path, connection)).rejects.toThrow(
      /^download: a\.whl: 127\.0\.0\.1:\d+ answered HTTP 403; try again later, or use another index$/,
    )
  })
})
