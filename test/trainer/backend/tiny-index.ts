import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { sha256 } from './tiny-wheel.ts'

export interface TinyIndex {
  /** Address of the index. */
  url: string
  requests: { path: string; range: string | undefined; authorization: string | undefined }[]
}

interface Served {
  /** Files by name. */
  files: Record<string, Uint8Array>
  /** May take a request over; answers whether it did. `count` counts the requests for files. */
  answer?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
  form?: 'json' | 'html'
  /** What the index says of the hash; null says nothing. */
  hash?: (bytes: Uint8Array) => string | null
}

/** A package index of the test's own: PEP 691 or PEP 503, files with ranges; closed after the test. */
export async function tinyIndex({
  files,
  answer = () => false,
  form = 'json',
  hash = sha256,
}: Served): Promise<TinyIndex> {
  const requests: TinyIndex['requests'] = []
  let count = 0
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const { range, authorization } = request.headers
    requests.push({ path, range, authorization })
    const isFile = path.startsWith('/files/')
    if (answer(request, response, isFile ? ++count : 0)) return
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]
    if (project) {
      const offered = Object.entries(files).filter(([name]) =>
        name.toLowerCase().replaceAll('_', '-').startsWith(`${project}-`),
      )
      if (offered.length === 0) response.writeHead(404).end()
      else if (form === 'json')
        response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(
          JSON.stringify({
            meta: { 'api-version': '1.1' },
            name: project,
            files: offered.map(([filename, bytes]) => {
              const said = hash(bytes)
              return {
                filename,
                url: `/files/${filename}`,
                hashes: said ? { sha256: said } : {},
                size: bytes.length,
              }
            }),
          }),
        )
      else
        response.writeHead(200, { 'content-type': 'text/html' }).end(
          `<!DOCTYPE html><html><body>${offered
            .map(([name, bytes]) => {
              const said = hash(bytes)
              return `<a href="../../files/${name}${said ? `#sha256=${said}` : ''}" data-requires-python="&gt;=3.9">${name}</a><br/>`
            })
            .join('\n')}</body></html>`,
        )
      return
    }
    const bytes = files[path.replace('/files/', '')]
    if (!isFile || !bytes) return void response.writeHead(404).end()
    sendFile(bytes, range, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`, requests }
}

/** A whole file, or its rest from where the range says. */
export function sendFile(bytes: Uint8Array, range: string | undefined, response: ServerResponse): void {
  const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
  if (from >= bytes.length) return void response.writeHead(416).end()
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from })
  response.end(bytes.subarray(from))
}

/** The first bytes of what was promised, then nothing more. */
export function breakOff(bytes: Uint8Array, after: number, response: ServerResponse, from = 0): void {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from })
  response.write(bytes.subarray(from, from + after), () => setTimeout(() => response.destroy(), 20))
}
