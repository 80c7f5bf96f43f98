import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { smallWorkspace, startDesk } from './desk-under-test.ts'
import { temporaryFolder } from './temporary-workspace.ts'

async function builtPage(): Promise<string> {
  const parent = await temporaryFolder()
  await writeFile(join(parent, 'outside.js'), 'secret')
  const folder = join(parent, 'page')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>lesionloop</title>')
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'notes.txt'), 'not served')
  return folder
}

function raw(
  url: string,
  headers: Record<string, string>,
): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, async response => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) })
    })
      .on('error', reject)
      .end()
  })
}

describe('the page', () => {
  it('is there for a stranger too, on each of its own routes', async () => {
    const { stranger } = await startDesk(await smallWorkspace(), { page: await builtPage() })
    for (const path of ['/', '/login', '/documents', '/cycles/0001']) {
      const { status, body, headers } = await stranger().get(path)
      expect([status, body]).toEqual([200, '<!doctype html><title>lesionloop</title>'])
      expect(headers.get('cache-control')).toBe('no-cache')
    }
  })

  it('keeps its assets for ever, by their hashed names', async () => {
    const { stranger } = await startDesk(await smallWorkspace(), { page: await builtPage() })
    const { headers } = await stranger().get('/assets/app-1a2b.js')
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(headers.get('cache-control')).toContain('immutable')
  })

  it('is asked for again in vain where it has not changed', async () => {
    const { stranger } = await startDesk(await smallWorkspace(), { page: await builtPage() })
    const { headers } = await stranger().get('/')
    expect((await stranger().get('/', { 'If-None-Match': headers.get('etag')! })).status).toBe(304)
  })

  it('is compressed for who can read it', async () => {
    const { server } = await startDesk(await smallWorkspace(), { page: await builtPage() })
    const { encoding, bytes } = await raw(`${server.url}/`, { 'Accept-Encoding': 'gzip, br' })
    expect(encoding).toBe('br')
    expect(brotliDecompressSync(bytes).toString()).toContain('<title>lesionloop</title>')
    expect((await raw(`${server.url}/`, {})).encoding).toBeUndefined()
  })

  it.each(['/assets/none.js', '/assets/notes.txt', '/assets/..%2F..%2Foutside.js', '/api/none', '/images'])(
    'says so where %s is not there, and does not pretend to be a page',
    async path => {
      const { stranger } = await startDesk(await smallWorkspace(), { page: await builtPage() })
      const { status, body } = await stranger().get(path)
      expect(status).toBe(404)
      expect(JSON.stringify(body)).not.toContain('secret')
    },
  )

  it('is never a file outside its folder', async () => {
    const { stranger } = await startDesk(await smallWorkspace(), { page: await builtPage() })
    for (const path of ['/..%2Foutside.js', '/%2e%2e/outside.js', '/a/../../outside.js', '/..%5Coutside.js'])
      expect((await stranger().get(path)).body).not.toContain('secret')
  })

  it('that is not built says how to build it', async () => {
    const { stranger } = await startDesk(await smallWorkspace(), {
      page: join(await temporaryFolder(), 'none'),
    })
    const { status, body } = await stranger().get('/')
    expect([status, body.error.code]).toEqual([404, 'page-missing'])
    expect(body.error.message).toContain('npm run build')
  })
})
