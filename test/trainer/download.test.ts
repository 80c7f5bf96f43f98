import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cacheFolder } from '../../trainer/weights/cache-folder.ts'
import { findWeights } from '../../trainer/weights/find-weights.ts'
import { temporaryFolder } from '../data/stores/sample.ts'

const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) % 251))
const SHA = createHash('sha256').update(CONTENT).digest('hex')
const PATH = '/lab/net/resolve/main/model.safetensors'

/** A hub with one model; `answer` may take a request over. */
async function hub(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => boolean = () => false,
  tag = SHA,
) {
  const requests: { method: string; range: string | undefined }[] = []
  const server = createServer((request, response) => {
    requests.push({ method: request.method!, range: request.headers.range })
    if (answer(request, response, requests.length)) return
    if (request.url !== PATH) return response.writeHead(404).end()
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const body = CONTENT.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, { 'x-linked-etag': `"${tag}"`, 'content-length': body.length })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  return { hub: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server }
}

describe('weights by name', () => {
  it('are fetched once, checked against the hub, and then taken from the cache', async () => {
    const { hub: address, requests } = await hub()
    const cache = await temporaryFolder()
    const found = await findWeights('lab/net', { hub: address, cache })
    expect(found).toMatchObject({ name: 'lab/net', sha256: SHA })
    expect(await readFile(found.path)).toEqual(CONTENT)
    const asked = requests.length
    await findWeights('lab/net', { hub: address, cache })
    expect(requests.length).toBe(asked)
  })

  it('go on where a broken download stopped', async () => {
    let cut = true
    const { hub: address, requests } = await hub((request, response) => {
      if (!cut || request.method === 'HEAD') return false
      cut = false
      response.writeHead(200, { 'content-length': CONTENT.length })
      response.write(CONTENT.subarray(0, 40_000), () => setTimeout(() => response.destroy(), 20))
      return true
    })
    const cache = await temporaryFolder()
    await expect(findWeights('lab/net', { hub: address, cache })).rejects.toMatchObject({
      code: 'weights-offline',
    })
    const { path } = await findWeights('lab/net', { hub: address, cache })
    expect(await readFile(path)).toEqual(CONTENT)
    expect(requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/)
  })

  it('are thrown away where their hash is not the one the hub names', async () => {
    const { hub: address } = await hub(() => false, 'f'.repeat(64))
    const cache = await temporaryFolder()
    await expect(findWeights('lab/net', { hub: address, cache })).rejects.toMatchObject({
      code: 'weights-damaged',
    })
    const path = join(cache, 'weights', 'lab', 'net', 'model.safetensors')
    expect([existsSync(path), existsSync(`${path}.partial`)]).toEqual([false, false])
  })

  it('say plainly that a name is unknown', async () => {
    const { hub: address } = await hub()
    await expect(findWeights('lab/other', { hub: address, cache: await temporaryFolder() })).rejects.toThrow(
      'weights: lab/other: the hub has no public model of this name with a model.safetensors (HTTP 404)',
    )
  })

  it('say what to do where the hub cannot be reached', async () => {
    const { hub: address, server } = await hub()
    await new Promise(resolve => server.close(resolve))
    await expect(
      findWeights('lab/net', { hub: address, cache: await temporaryFolder() }),
    ).rejects.toMatchObject({
      code: 'weights-offline',
      message: expect.stringMatching(
        /can't be reached .*--init FILE.safetensors.*--backbone starter/,
      ) as string,
    })
  })

  it('stop when asked to, and keep what came', async () => {
    const controller = new AbortController()
    const { hub: address } = await hub((request, response) => {
      if (request.method === 'HEAD') return false
      response.writeHead(200, { 'content-length': CONTENT.length })
      response.write(CONTENT.subarray(0, 10_000), () =>
        setTimeout(() => controller.abort(new Error('stopped')), 20),
      )
      return true
    })
    const options = { hub: address, cache: await temporaryFolder(), signal: controller.signal }
    await expect(findWeights('lab/net', options)).rejects.toThrow('stopped')
  })

  it('are told from a path that is wrong', async () => {
    await expect(findWeights('no/such/file.safetensors')).rejects.toMatchObject({ code: 'weights-missing' })
  })
})

describe('the cache', () => {
  it('is the folder the user names, else the one of the system', () => {
    expect(cacheFolder({ LESIONLOOP_CACHE: '/own' })).toBe('/own')
    expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' })).toBe(join('/xdg', 'lesionloop'))
  })
})
