import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What is wrong with the way to the storage, for the next request that it is asked about; undefined: nothing. */
export type Fault = 'busy' | 'slow-down' | 'cut-request' | 'cut-answer' | 'truncated' | 'other-content'

/** Stands before a real server and lets a request fail where it is told to. */
export interface FaultyProxy {
  endpoint: string
  /** Requests that came, as `PUT /bucket/key`. */
  seen: string[]
  /** Says of each request what goes wrong with it. */
  fault: (method: string, path: string, nth: number) => Fault | undefined
  close(): Promise<void>
}

const answerOf = (code: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`

export async function faultyProxy(behind: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(behind)
  const counts = new Map<string, number>()
  const proxy: FaultyProxy = {
    endpoint: '',
    seen: [],
    fault: () => undefined,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const server = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    const path = new URL(asked.url!, behind).pathname
    const name = `${asked.method} ${path}`
    proxy.seen.push(name)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const fault = proxy.fault(asked.method!, path, counts.get(name)!)
    if (fault === 'busy' || fault === 'slow-down') {
      asked.resume()
      answer.writeHead(503, { 'content-type': 'application/xml' })
      answer.end(answerOf(fault === 'busy' ? 'ServiceUnavailable' : 'SlowDown'))
      return
    }
    if (fault === 'cut-request') {
      asked.once('data', () => asked.socket.destroy())
      asked.once('end', () => asked.socket.destroy())
      return
    }
    // The signature covers the host by which the proxy was asked.
    const on = request({ hostname, port, path: asked.url, method: asked.method, headers: asked.headers })
    on.on('response', got => {
      const parts: Buffer[] = []
      got.on('data', part => parts.push(part))
      got.on('end', () => {
        let body = Buffer.concat(parts)
        if (fault === 'other-content') body = Buffer.from(body.map(byte => byte ^ 1))
        answer.writeHead(got.statusCode!, got.headers)
        if (fault === 'cut-answer' || fault === 'truncated') {
          answer.write(body.subarray(0, Math.floor(body.length / 2)), () => answer.socket?.destroy())
          return
        }
        answer.end(body)
      })
    })
    on.on('error', () => answer.destroy())
    asked.pipe(on)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return proxy
}
