import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Progress } from '../../../data/records/job.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { lastScreened, screeningFlow } from '../../../data/workspace/screening.ts'
import { isFetched } from '../../../extractor/fetch/downloads.ts'
import { type FetchOptions, fetchList, fetchSearch } from '../../../extractor/fetch/fetch-documents.ts'
import { type ClientOptions, PoliteClient } from '../../../extractor/fetch/polite-client.ts'
import { parseQuery } from '../../../extractor/fetch/query.ts'
import { newWorkspace } from '../../data/stores/sample.ts'
import { DetailsServer, pdfBytes } from './details-server.ts'

const SEARCH = { server: 'medrxiv', from: '2020-05-01', to: '2020-05-31', query: '' } as const
const paper = (n: number, more: object = {}) => ({
  doi: `10.1101/2020.05.11.2009790${n}`,
  version: '1',
  title: `CT of COVID-19, part ${n}`,
  ...more,
})
const id = (n: number, version = 1) => `10.1101/2020.05.11.2009790${n}v${version}`
const pdfPath = (n: number) => `/content/10.1101/2020.05.11.2009790${n}v1.full.pdf`

let server: DetailsServer
let base: string
let workspace: Workspace
let problems: NonNullable<Progress['problem']>[]

beforeEach(async () => {
  server = new DetailsServer()
  base = await server.start()
  workspace = await newWorkspace()
  problems = []
})
afterEach(() => server.stop())

function options(client: ClientOptions = {}, most = 1_000_000): FetchOptions {
  const addresses = { api: base, content: base }
  return {
    client: new PoliteClient({ rate: 1000, backoff: 5, attempts: 3, ...client }),
    addresses,
    addressesOf: () => addresses,
    most,
    now: () => new Date('2020-06-01T00:00:00Z'),
    ...(client.signal ? { signal: client.signal } : {}),
    onProgress: ({ problem }) => void (problem && problems.push(problem)),
  }
}
const search = (query = '', of = options()) =>
  fetchSearch(workspace, { ...SEARCH, query }, parseQuery(query), of)

describe('a search', () => {
  it('pages through, keeps what matches, and says of every entry why it is in or out', async () => {
    for (const n of [1, 2, 3, 4, 5]) server.post(paper(n, n === 4 ? { title: 'Mice' } : {}), pdfBytes(`${n}`))
    const result = await search('covid ct')
    expect(result).toMatchObject({ looked: 5, noMatch: 1, fetched: 4, failed: 0 })
    expect([1, 2, 3, 4, 5].map(n => isFetched(workspace, id(n)))).toEqual([true, true, true, false, true])
    const flow = screeningFlow(await lastScreened(workspace))
    expect(flow).toMatchObject({ identified: 5, queryNoMatch: 1, sought: 4, waiting: 4 })
  })

  it('fetches nothing twice', async () => {
    server.post(paper(1), pdfBytes())
    await search()
    expect(await search()).toMatchObject({ already: 1, fetched: 0 })
    expect(server.times(pdfPath(1))).toBe(1)
    expect(await lastScreened(workspace)).toHaveLength(1)
  })

  it('takes the XML of an article too, and keeps the PDF where the XML is none', async () => {
    server.post(paper(1), pdfBytes(), Buffer.from('<?xml version="1.0"?><article><front/></article>'))
    server.post(paper(2), pdfBytes(), Buffer.from('<html><body>Sorry</body></html>'))
    expect(await search()).toMatchObject({ fetched: 2, failed: 0 })
    const files = (n: number) =>
      readdirSync(join(workspace.paths.fetch, 'files'))
        .filter(name => name.includes(`9790${n}`))
        .flatMap(name => readdirSync(join(workspace.paths.fetch, 'files', name)))
    expect(files(1)).toHaveLength(3)
    expect(files(2)).toHaveLength(2)
    expect(problems.map(({ code }) => code)).toEqual(['fetch-not-xml'])
  })

  it('leaves a withdrawn paper out and says so', async () => {
    server.post(paper(1, { title: 'WITHDRAWN: CT of COVID-19' }), pdfBytes())
    expect(await search()).toMatchObject({ withdrawn: 1, fetched: 0 })
    expect((await lastScreened(workspace))[0]).toMatchObject({ outcome: 'withdrawn' })
  })

  it('ends where a server gives the same page for ever', async () => {
    server.post(paper(1), pdfBytes())
    const first = JSON.stringify({ collection: [{ ...paper(1), jatsxml: '', date: '2020-05-18' }] })
    for (const cursor of [0, 1, 2, 3])
      server.faults.set(`/details/medrxiv/2020-05-01/2020-05-31/${cursor}/json`, [
        (_request, response) => void response.end(first),
      ])
    expect(await search()).toMatchObject({ fetched: 1, already: 1 })
  })

  it('reports an entry that is none and takes the others', async () => {
    server.post(paper(1, { doi: '../../etc/passwd' }))
    server.post(paper(2), pdfBytes())
    expect(await search()).toMatchObject({ fetched: 1 })
    expect(problems.map(({ code }) => code)).toEqual(['fetch-entry'])
  })

  it('stops with a line where the details are no JSON', async () => {
    server.faults.set('/details/medrxiv/2020-05-01/2020-05-31/0/json', [
      (_request, response) => void response.end('{"collection": ['),
    ])
    await expect(search()).rejects.toMatchObject({ code: 'fetch-answer' })
  })

  it('goes on at the page where it was stopped, and tries again what failed', async () => {
    for (const n of [1, 2, 3, 4]) server.post(paper(n), n === 1 ? undefined : pdfBytes())
    const stop = new AbortController()
    server.faults.set(pdfPath(3), [
      (_request, response) => {
        stop.abort(new Error('stopped'))
        response.destroy()
      },
    ])
    await expect(search('', options({ signal: stop.signal }))).rejects.toThrow('stopped')
    server.files.set(pdfPath(1), pdfBytes())
    expect(await search()).toMatchObject({ failed: 0, fetched: 3 })
    expect(server.times('/details/medrxiv/2020-05-01/2020-05-31/0/json')).toBe(1)
    expect(server.times(pdfPath(2))).toBe(1)
  })

  it('killed outright goes on with the same command and leaves no half file', async () => {
    for (const n of [1, 2, 3]) server.post(paper(n), pdfBytes())
    // The second paper never ends: the run is killed in the middle of it.
    server.faults.set(pdfPath(2), [(_request, response) => void response.write('%PDF-1.4\n')])
    const args = [
      'fetch',
      'medrxiv',
      '--from',
      SEARCH.from,
      '--to',
      SEARCH.to,
      '--base',
      base,
      '--content',
      base,
    ]
    const of = [packagePath('dist', 'cli.js'), ...args, '--rate', '1000', '--workspace', workspace.dir]
    const child = spawn(process.execPath, of, { stdio: 'ignore' })
    const ended = new Promise(resolve => child.on('close', resolve))
    for (let i = 0; i < 600 && server.times(pdfPath(2)) === 0; i++)
      await new Promise(done => setTimeout(done, 50))
    child.kill('SIGKILL')
    await ended
    expect(isFetched(workspace, id(1))).toBe(true)
    expect(isFetched(workspace, id(2))).toBe(false)
    expect(await search()).toMatchObject({ already: 1, fetched: 2, failed: 0 })
    expect(server.times(pdfPath(1))).toBe(1)
  })
})

describe('a faulty answer', () => {
  const one = async (
    fault: Parameters<DetailsServer['faults']['set']>[1][number],
    times = 1,
    of = options(),
  ) => {
    server.post(paper(1), pdfBytes())
    server.faults.set(
      pdfPath(1),
      Array.from({ length: times }, () => fault),
    )
    return await search('', of)
  }

  it('of 429 is waited out as long as Retry-After says', async () => {
    const result = await one(
      (_request, response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
    )
    expect(result).toMatchObject({ fetched: 1 })
    const [first, second] = server.asked.filter(({ path }) => path === pdfPath(1))
    expect(second!.at - first!.at).toBeGreaterThan(950)
  })

  it('of 503 is tried again, and after the last time told', async () => {
    const busy = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.writeHead(503).end()
    expect(await one(busy, 2)).toMatchObject({ fetched: 1, failed: 0 })
  })

  it('of 503 that stays is told and left for the next run', async () => {
    const busy = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.writeHead(503).end()
    expect(await one(busy, 3)).toMatchObject({ fetched: 0, failed: 1 })
    expect(problems[0]).toMatchObject({ code: 'fetch-status' })
    expect(await search()).toMatchObject({ fetched: 1 })
  })

  it('cut short of its Content-Length is asked for again', async () => {
    const short = (_request: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('%PDF-1.4\n')
      setTimeout(() => response.destroy(), 20)
    }
    expect(await one(short)).toMatchObject({ fetched: 1 })
    expect(server.times(pdfPath(1))).toBe(2)
  })

  it('without the end of a PDF is asked for again', async () => {
    expect(await one((_request, response) => void response.end('%PDF-1.4\nhalf'))).toMatchObject({
      fetched: 1,
    })
  })

  it('that is a web page under the type of a PDF is refused by its content', async () => {
    const page = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response
        .writeHead(200, { 'content-type': 'application/pdf' })
        .end('<!DOCTYPE html><html>Log in</html>')
    expect(await one(page, 9)).toMatchObject({ failed: 1 })
    expect(problems[0]).toMatchObject({
      code: 'fetch-not-pdf',
      message: expect.stringContaining('a web page came'),
    })
    expect(server.times(pdfPath(1))).toBe(1)
  })

  it('that is a PDF under the type of a web page is taken', async () => {
    const typed = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end(pdfBytes())
    expect(await one(typed)).toMatchObject({ fetched: 1 })
  })

  it('that redirects in a circle ends with a line', async () => {
    const round = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.writeHead(302, { location: pdfPath(1) }).end()
    expect(await one(round, 9)).toMatchObject({ failed: 1 })
    expect(problems[0]).toMatchObject({ code: 'fetch-redirects' })
  })

  it('that redirects to a file of the machine is refused', async () => {
    const away = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.writeHead(302, { location: 'file:///etc/passwd' }).end()
    expect(await one(away, 9)).toMatchObject({ failed: 1 })
    expect(problems[0]).toMatchObject({ code: 'fetch-address' })
  })

  it('that grows without end is dropped at the limit', async () => {
    const endless = (_request: unknown, response: import('node:http').ServerResponse) => {
      response.write('%PDF-1.4\n')
      const more = setInterval(() => response.write(Buffer.alloc(100_000, 32)), 1)
      response.on('close', () => clearInterval(more))
    }
    expect(await one(endless, 9, options({}, 500_000))).toMatchObject({ failed: 1 })
    expect(problems[0]).toMatchObject({ code: 'fetch-too-large' })
    expect(existsSync(join(workspace.paths.fetch, 'files'))).toBe(false)
  })

  it('that falls silent is dropped after a while', async () => {
    const silent = (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.write('%PDF')
    expect(await one(silent, 9, options({ stallAfter: 50 }))).toMatchObject({ failed: 1 })
  })
})

describe('a client', () => {
  it('asks no faster than its rate, and names itself and whom to ask', async () => {
    for (const n of [1, 2, 3]) server.post(paper(n), pdfBytes())
    await search('', options({ rate: 20, contact: 'curator@example.org' }))
    const times = server.asked.map(({ at }) => at)
    expect(Math.min(...times.slice(1).map((at, i) => at - times[i]!))).toBeGreaterThan(35)
    expect(server.asked[0]!.agent).toMatch(/^lesionloop\/[\d.]+ \(curator@example\.org\)$/)
  })
})

describe('a list', () => {
  it('takes DOIs, versions, pages of the servers and addresses, and reports each line that is none', async () => {
    server.post(paper(1), pdfBytes('1'))
    server.post(paper(1, { version: '2' }), pdfBytes('2'))
    server.files.set('/own.pdf', pdfBytes('own'))
    const text = `# mine\n${paper(1).doi}\nhttps://doi.org/${id(1)}\n\n${base}/own.pdf\nwhat is this\n10.1101/2020.01.01.20000000\n`
    const result = await fetchList(workspace, text, 'medrxiv', options())
    expect(result).toMatchObject({ fetched: 3, failed: 2 })
    expect([isFetched(workspace, id(1, 2)), isFetched(workspace, id(1))]).toEqual([true, true])
    expect(problems.map(({ item, code }) => [item, code])).toEqual([
      ['line 6', 'fetch-list'],
      ['line 7', 'fetch-unknown'],
    ])
    expect(readFileSync(result.paths[2]!)).toEqual(pdfBytes('own'))
  })
})
