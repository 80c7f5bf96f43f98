import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'
import { type RunningServer, type ServerOptions, startServer } from '../../../annotator/server/start.ts'
import type { ActPayload } from '../../../data/records/act.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { CycleMetrics, CycleRecord, Prediction, QueueEntry } from '../../../data/records/cycle.ts'
import { perLesion, type Role } from '../../../data/records/vocabulary.ts'
import { openStore } from '../../../data/stores/open.ts'
import { writeDocument } from '../../../data/workspace/documents.ts'
import { storeImage } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { temporaryFolder } from './temporary-workspace.ts'

export const DOCUMENT = '10.1101/2020.01.02.20003004v1'

/** A small real workspace: one document with two figures of three panels, their pictures, and cases. */
export async function smallWorkspace(): Promise<Workspace> {
  const workspace = await openWorkspace(join(await temporaryFolder(), 'workspace'), { create: true })
  const store = await openStore(workspace, { write: ['cases'] })
  const cases: MinedCase[] = []
  for (const figure of ['Figure 1', 'Figure 2'])
    for (const [order, panel] of ['A', 'B', 'C'].entries())
      cases.push(await minedCase(workspace, figure, panel, order))
  await store.cases.put(DOCUMENT, cases)
  await store.close()
  await writeDocument(workspace, {
    id: DOCUMENT,
    format: 'pdf',
    file: { name: 'a "paper"; of März.pdf', sha256: '0'.repeat(64), bytes: 20 },
    doi: '10.1101/2020.01.02.20003004',
    version: 1,
    title: 'CT of the chest <script>alert(1)</script>',
    miner: { version: 'test' },
    minedAt: '2026-01-01T00:00:00.000Z',
    pages: 2,
    figures: [],
    skipped: [{ page: 2, reason: 'no text' }],
  })
  return workspace
}

async function minedCase(
  workspace: Workspace,
  figure: string,
  panel: string,
  order: number,
): Promise<MinedCase> {
  const grey = figure.charCodeAt(7) * 2 + order * 40
  const png = await sharp({
    create: { width: 16, height: 12, channels: 3, background: { r: grey, g: grey, b: grey } },
  })
    .png()
    .toBuffer()
  const image = await storeImage(workspace, png)
  const caption = `(${panel}) Ground-glass opacity in the right lung of a patient with COVID-19.`
  const start = caption.indexOf('Ground')
  const mention = {
    lesion: 'GGO' as const,
    start,
    end: start + 20,
    text: caption.slice(start, start + 20),
    assertion: 'present' as const,
    panels: [panel],
    rule: 'ggo',
  }
  return {
    id: `${DOCUMENT}#${figure}#${panel}`,
    document: DOCUMENT,
    figure,
    panel,
    order,
    page: 1,
    image: image.id,
    imageFile: image.file,
    width: image.width,
    height: image.height,
    kind: { kind: 'ct', score: 1 },
    caption,
    mentions: [mention],
    skipped: [],
    mined: {
      flag: 'positive',
      evidence: [],
      findings: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'none')),
    },
    patient: DOCUMENT,
    source: { name: 'paper.pdf', file: 'paper.pdf', format: 'pdf' },
    minedBy: 'test',
  }
}

/** Writes a sealed cycle as a trainer would, over the workspace's six cases: unsure of Figure 2 first. */
export async function sealCycle(workspace: Workspace, id = '0001'): Promise<void> {
  const ids = ['Figure 2', 'Figure 1'].flatMap(figure =>
    ['A', 'B', 'C'].map(panel => `${DOCUMENT}#${figure}#${panel}`),
  )
  const folder = workspace.paths.cycle(id)
  await mkdir(folder, { recursive: true })
  const predictions = ids.map(
    (each, index): Prediction => ({
      case: each,
      image: 'x',
      side: 'pool',
      fold: index % 5,
      flag: 0.9 - index / 10,
      lesions: perLesion(lesion => (lesion === 'GGO' ? 0.05 : 0.25)),
    }),
  )
  const queue = ids.map(
    (each, index): QueueEntry => ({
      case: each,
      rank: index + 1,
      score: 1 - index / 10,
      strategy: 'entropy',
      head: 'GGO',
      why: `the model is unsure of GGO (0.5${index})`,
    }),
  )
  const measure = { value: 0.8, low: 0.7, high: 0.9, n: 10, positives: 5 }
  const metrics: CycleMetrics = {
    flag: { test: { auc: measure } },
    lesions: {},
    curves: {
      roc: [
        {
          name: 'flag',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
      precisionRecall: [],
      loss: [],
    },
    threshold: 0.62,
    warnings: ['few cases'],
  }
  const record: CycleRecord = {
    id,
    startedAt: '2026-01-01T00:00:00.000Z',
    sealedAt: '2026-01-01T00:01:00.000Z',
    by: 'ann',
    code: 'test',
    backend: { name: 'cpu', reason: 'test' },
    backbone: { name: 'starter', weights: 'starter', weightsSha256: '0' },
    seed: 1,
    config: {},
    learnedFrom: {
      labels: '0',
      cases: { train: 1, val: 1, test: 1, pool: 3 },
      sources: { mined: 6 },
      journalSeq: 0,
    },
    files: { 'metrics.json': '0', 'predictions.jsonl': '0', 'queue.jsonl': '0', 'report.html': '0' },
  }
  const lines = (rows: unknown[]) => rows.map(row => `${JSON.stringify(row)}\n`).join('')
  await writeFile(join(folder, 'predictions.jsonl'), lines(predictions))
  await writeFile(join(folder, 'queue.jsonl'), lines(queue))
  await writeFile(join(folder, 'metrics.json'), JSON.stringify(metrics))
  await writeFile(join(folder, 'report.html'), '<!doctype html><title>Cycle</title><script>alert(1)</script>')
  await writeFile(join(folder, 'secret.txt'), 'not listed')
  await writeFile(join(folder, 'cycle.json'), JSON.stringify(record))
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
  headers: Headers
}

/** A client over real HTTP with a cookie of its own, as a browser on the server's own page would be. */
export class Client {
  readonly url: string
  cookie = ''

  constructor(url: string) {
    this.url = url
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers)
  }
  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers)
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const isRaw = body instanceof Uint8Array
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(method === 'GET' || method === 'HEAD' ? {} : { Origin: this.url }),
        ...(body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }),
        ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    })
    const cookie = response.headers.get('set-cookie')
    if (cookie) this.cookie = cookie.split(';')[0]!
    const isJson = method !== 'HEAD' && response.headers.get('content-type')?.startsWith('application/json')
    return {
      status: response.status,
      body: isJson ? await response.json() : await response.text(),
      headers: response.headers,
    }
  }

  async act(caseId: string, base: number, act: ActPayload, op = newOp()): Promise<Answer> {
    return await this.post('/api/acts', { op, case: caseId, base, act })
  }
}

let ops = 0
export function newOp(): string {
  return `operation-${process.pid}-${++ops}`
}

export const LABEL = {
  kind: 'label',
  flag: 'positive',
  lesions: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'absent')),
} satisfies ActPayload

export function caseId(figure: number, panel: string): string {
  return `${DOCUMENT}#Figure ${figure}#${panel}`
}

export interface DeskUnderTest {
  server: RunningServer
  workspace: Workspace
  /** A client without a session. */
  stranger(): Client
  /** Logs in by the owner's link under a new name; a curator. */
  owner(): Promise<Client>
  /** Adds a person of a role and logs them in by a link of their own. */
  personOf(role: Role, name?: string): Promise<Client>
  restart(): Promise<void>
}

/** Starts the true server on a free port over a workspace; it stops when the test is over. */
export async function startDesk(
  workspace: Workspace,
  options: Partial<ServerOptions> = {},
): Promise<DeskUnderTest> {
  const start = () => startServer({ workspace: workspace.dir, ...options })
  let server = await start()
  onTestFinished(() => server.close())
  let owner: Client | null = null
  let people = 0
  const desk: DeskUnderTest = {
    get server() {
      return server
    },
    workspace,
    stranger: () => new Client(server.url),
    owner: async () => {
      if (owner) return owner
      owner = new Client(server.url)
      const token = server.loginLink.split('#')[1]
      const answer = await owner.post('/api/login', { token, name: 'Owner' })
      if (answer.status !== 200) throw new Error(`login: ${JSON.stringify(answer.body)}`)
      return owner
    },
    personOf: async (role, name = `${role} ${++people}`) => {
      const curator = await desk.owner()
      const added = await curator.post('/api/people', { name, role })
      const { link } = (await curator.post('/api/people/link', { account: added.body.person.id })).body
      const client = new Client(server.url)
      await client.post('/api/login', { token: link.split('#')[1] })
      return client
    },
    restart: async () => {
      const port = Number(new URL(server.url).port)
      await server.close()
      server = await startServer({ workspace: workspace.dir, ...options, port })
    },
  }
  return desk
}
