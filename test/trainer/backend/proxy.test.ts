import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { environmentProxy, openConnection } from '../../../trainer/backend/install/connection.ts'
import { tinyIndex } from './tiny-index.ts'

/** A forwarding proxy (CONNECT) of the test's own; `through` collects where it was asked to lead. */
async function proxy() {
  const through: string[] = []
  const server = createServer().on('connect', (request, client) => {
    through.push(request.url!)
    const [host, port] = request.url!.split(':') as [string, string]
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    for (const end of [client, target]) end.on('error', () => undefined)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, through }
}

describe('the way to the index', () => {
  it('leads through the proxy of the environment', async () => {
    const { address, through } = await proxy()
    const index = await tinyIndex({ files: {} })
    vi.stubEnv('http_proxy', address)
    vi.stubEnv('no_proxy', '')
    vi.stubEnv('NO_PROXY', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    const connection = openConnection()
    onTestFinished(() => connection.close())
    expect((await connection.get(index.url)).status).toBe(404)
    expect(through).toEqual([new URL(index.url).host])
  })

  it('leads through the proxy pip was told of', async () => {
    const { address, through } = await proxy()
    const index = await tinyIndex({ files: {} })
    const connection = openConnection({ proxy: address })
    onTestFinished(() => connection.close())
    await connection.get(index.url)
    expect(through).toEqual([new URL(index.url).host])
  })

  it('refuses an address that is no proxy, and shows what one looks like', async () => {
    const connection = openConnection({ proxy: 'not an address' })
    await expect(connection.get('http://127.0.0.1:1/')).rejects.toThrow(
      /^proxy: not an address: .*an address such as http:\/\/proxy:3128 was expected$/,
    )
  })

  it.each([
    ['https://pypi.example/simple/', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://pypi.example/simple/', { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, 'http://p:1'],
    ['https://pypi.example/simple/', { HTTP_PROXY: 'http://p:1' }, null],
    ['https://pypi.example/simple/', { ALL_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://pypi.example/simple/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'other, .example' }, null],
    [
      'https://pypi.example/simple/',
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'pypi.example:8080' },
      'http://p:1',
    ],
    ['https://pypi.example/simple/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'ample' }, 'http://p:1'],
    ['https://pypi.example/simple/', { HTTPS_PROXY: 'http://p:1', no_proxy: '*' }, null],
  ])('to %s with %o leads through %s', (url, environment, expected) => {
    expect(environmentProxy(new URL(url), environment)).toBe(expected)
  })
})
