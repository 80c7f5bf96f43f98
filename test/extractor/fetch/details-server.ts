import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A paper of the tests' own server; further fields as the servers' details give them. */
export interface Posted {
  doi: string
  version: string
  title: string
  abstract?: string
  date?: string
  license?: string
  type?: string
  jatsxml?: string
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * A real HTTP server that speaks the preprint servers' details (`/details/{server}/{from}/{to}/{cursor}/json`, as
 * api.biorxiv.org does: entries as texts, "NA" for what is missing) and hands out papers; a path can be given a fault.
 */
export class DetailsServer {
  readonly papers: Posted[] = []
  readonly files = new Map<string, Uint8Array>()
  /** Faults by path: taken one after the other, the last one stays where it says so. */
  readonly faults = new Map<string, Handler[]>()
  readonly asked: { path: string; at: number; agent: string }[] = []
  pageSize = 2
  readonly #server = createServer((request, response) => this.#answer(request, response))

  async start(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  /** Posts a paper with its PDF; `xml` makes it one with an article's XML. */
  post(paper: Posted, pdf?: Uint8Array, xml?: Uint8Array): void {
    this.papers.push(xml ? { ...paper, jatsxml: `/content/${paper.doi}v${paper.version}.source.xml` } : paper)
    if (pdf) this.files.set(`/content/${paper.doi}v${paper.version}.full.pdf`, pdf)
    if (xml) this.files.set(`/content/${paper.doi}v${paper.version}.source.xml`, xml)
  }

  times(path: string): number {
    return this.asked.filter(each => each.path === path).length
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? '')
    this.asked.push({ path, at: performance.now(), agent: request.headers['user-agent'] ?? '' })
    const fault = this.faults.get(path)?.shift()
    if (fault) {
      fault(request, response)
      return
    }
    const search = /^\/details\/(\w+)\/(\d{4}-\d{2}-\d{2})\/(\d{4}-\d{2}-\d{2})\/(\d+)\/json$/.exec(path)
    if (search) {
      const own = this.papers.filter(({ date = '2020-05-18' }) => date >= search[2]! && date <= search[3]!)
      this.#page(response, search[1]!, own, Number(search[4]))
      return
    }
    const single = /^\/details\/(\w+)\/(10\..+)\/na\/json$/.exec(path)
    if (single) {
      const own = this.papers.filter(({ doi }) => doi === single[2])
      response.setHeader('content-type', 'application/json')
      return void response.end(
        JSON.stringify({
          messages: [{ status: own.length > 0 ? 'ok' : 'no posts found' }],
          collection: own.map(paper => entryOf(paper, single[1]!)),
        }),
      )
    }
    const file = this.files.get(path)
    if (!file) return void response.writeHead(404).end('not here')
    response.setHeader('content-type', 'application/octet-stream')
    response.setHeader('content-length', file.length)
    response.end(file)
  }

  #page(response: ServerResponse, server: string, papers: Posted[], cursor: number): void {
    const collection = papers.slice(cursor, cursor + this.pageSize).map(paper => entryOf(paper, server))
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        messages: [
          {
            status: 'ok',
            cursor,
            count: collection.length,
            count_new_papers: '1',
            total: String(papers.length),
          },
        ],
        collection,
      }),
    )
  }
}

const entryOf = ({ jatsxml, abstract, date, license, type, ...paper }: Posted, server: string) => ({
  ...paper,
  authors: 'Doe, J.; Roe, R.',
  author_corresponding: 'Jane Doe',
  date: date ?? '2020-05-18',
  type: type ?? 'PUBLISHAHEADOFPRINT',
  license: license ?? 'cc_by_nc_nd',
  category: 'radiology and imaging',
  jatsxml: jatsxml ?? '',
  abstract: abstract ?? '',
  published: 'NA',
  server,
})

/** The smallest bytes that pass for a whole PDF; nothing mines them. */
export const pdfBytes = (text = 'x') => Buffer.from(`%PDF-1.4\n% ${text}\n%%EOF\n`)
