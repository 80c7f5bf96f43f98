import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { findWeights } from '../../../trainer/weights/find-weights.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'

afterEach(() => vi.unstubAllEnvs())

it('weights come through the proxy the environment names', async () => {
  const hub = createServer((request, response) => {
    response.writeHead(200, { 'content-length': 7 })
    response.end(request.method === 'HEAD' ? undefined : 'weights')
  })
  const asked: string[] = []
  // A proxy tunnels (CONNECT); it leads every host to the hub, so that the hub's name need not exist.
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push(request.url!)
    const way = connect((hub.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      way.pipe(client)
      client.pipe(way)
    })
    way.on('error', () => client.destroy())
    client.on('error', () => way.destroy())
  })
  for (const server of [hub, proxy]) {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
  }
  vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  vi.stubEnv('no_proxy', '')
  const found = await findWeights('lab/net', { hub: 'http://hub.invalid', cache: await temporaryFolder() })
  expect(await readFile(found.path, 'utf8')).toBe('weights')
  expect(new Set(asked)).toEqual(new Set(['hub.invalid:80']))
})
