/**
 * What the annotator's server takes over HTTP, on a workspace of 100,000 cases: start, list pages, next case, saves.
 * Run: npx tsc -p tsconfig.build.json && node test/bench/annotator-server.mjs [--cases 100000]
 * Loopback only; the server is a process of its own (`lesionloop serve`), the client this one. Prints one JSON line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const here = join(import.meta.dirname, '..', '..')
const dist = path => import(join(here, 'dist', path))
const total = Number(process.argv[process.argv.indexOf('--cases') + 1] || 100_000) || 100_000
const PANELS = 4
const PER_DOCUMENT = 20
const READERS = 8
const EACH = 200
const CAPTION =
  'Axial chest CT of a 54-year-old man with confirmed COVID-19 on day 3 (A, B) and day 9 (C, D) after onset. Bilateral peripheral ground-glass opacities in the lower lobes (A), with crazy paving on the left (B); partial resolution (C) and residual consolidation without air bronchogram (D).'

function percentiles(milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = share =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 100) / 100
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Writes the workspace by the store itself, a document at a time; no pictures, they are not read here. */
async function build(dir) {
  const { openWorkspace } = await dist('data/workspace/open.js')
  const { openStore } = await dist('data/stores/open.js')
  const { LESIONS, perLesion } = await dist('data/records/vocabulary.js')
  const workspace = await openWorkspace(dir, { create: true })
  const store = await openStore(workspace, { write: ['cases'] })
  const ids = []
  for (let number = 0; number * PER_DOCUMENT < total; number++) {
    const document = `10.1101/2020.${String(number).padStart(8, '0')}v1`
    const cases = Array.from({ length: PER_DOCUMENT }, (_, index) => {
      const figure = `Figure ${1 + Math.floor(index / PANELS)}`
      const panel = 'ABCD'[index % PANELS]
      const id = `${document}#${figure}#${panel}`
      ids.push(id)
      const lesion = LESIONS[(number + index) % LESIONS.length]
      return {
        id,
        document,
        figure,
        panel,
        order: index % PANELS,
        page: 1,
        image: String(ids.length).padStart(32, '0'),
        imageFile: `${String(ids.length).padStart(32, '0')}.png`,
        width: 256,
        height: 256,
        kind: { kind: 'ct', score: 1 },
        caption: CAPTION,
        mentions: [
          {
            lesion,
            start: 97,
            end: 118,
            text: CAPTION.slice(97, 118),
            assertion: 'present',
            panels: [panel],
            rule: 'x',
          },
        ],
        skipped: [],
        mined: {
          flag: 'positive',
          evidence: [],
          findings: perLesion(each => (each === lesion ? 'present' : 'none')),
        },
        patient: document,
        source: { name: 'bench', file: `${document}.pdf`, format: 'pdf' },
        minedBy: 'bench',
      }
    })
    await store.cases.put(document, cases)
  }
  await store.close()
  const folder = workspace.paths.cycle('0001')
  await mkdir(folder, { recursive: true })
  const order = ids.toSorted((a, b) => (a.slice(-9) + a < b.slice(-9) + b ? -1 : 1))
  const lines = make => order.map((id, index) => `${JSON.stringify(make(id, index))}\n`).join('')
  const lesions = Object.fromEntries(LESIONS.map(lesion => [lesion, 0.3]))
  await writeFile(
    join(folder, 'predictions.jsonl'),
    lines((id, index) => ({ case: id, image: id, side: 'pool', fold: index % 5, flag: 0.5, lesions })),
  )
  await writeFile(
    join(folder, 'queue.jsonl'),
    lines((id, index) => ({
      case: id,
      rank: index + 1,
      score: 1,
      strategy: 'entropy',
      head: 'GGO',
      why: 'the model is unsure of GGO (0.50)',
    })),
  )
  await writeFile(
    join(folder, 'metrics.json'),
    JSON.stringify({
      flag: {},
      lesions: {},
      curves: { roc: [], precisionRecall: [], loss: [] },
      threshold: 0.5,
      warnings: [],
    }),
  )
  await writeFile(
    join(folder, 'cycle.json'),
    JSON.stringify({
      id: '0001',
      learnedFrom: { cases: {}, sources: {} },
      backbone: {},
      backend: {},
      files: {},
    }),
  )
  return ids
}

/** Memory of a process that is not shared out, in megabytes (Linux). */
function residentMb(pid) {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
  )
}

const agent = new Agent({ keepAlive: true })
let cookie = ''
function send(url, method, path, body, own = cookie) {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const outgoing = request(
      `${url}${path}`,
      {
        method,
        agent,
        headers: {
          Cookie: own,
          ...(text ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) } : {}),
        },
      },
      async response => {
        const chunks = []
        for await (const chunk of response) chunks.push(chunk)
        const ms = performance.now() - began
        const set = response.headers['set-cookie']?.[0]
        if (set) cookie = set.split(';')[0]
        resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()), ms })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

const dir = await mkdtemp(join(tmpdir(), 'lesionloop-bench-'))
try {
  const ids = await build(join(dir, 'workspace'))
  const start = async () => {
    const began = performance.now()
    const server = spawn(
      process.execPath,
      [join(here, 'dist', 'cli.js'), 'serve', '--workspace', join(dir, 'workspace'), '--port', '0', '--json'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const [line] = await once(createInterface({ input: server.stdout }), 'line')
    return { server, startMs: Math.round(performance.now() - began), ...JSON.parse(line) }
  }
  const first = await start()
  first.server.kill('SIGTERM')
  await once(first.server, 'exit')
  const { server, startMs, url, loginLink } = await start()
  await send(url, 'POST', '/api/login', { token: loginLink.split('#')[1], name: 'Bench' })
  const opened = await send(url, 'GET', '/api/cases?sort=queue&limit=50')

  const list = []
  for (let i = 0; i < 400; i++) {
    const { ms, status } = await send(
      url,
      'GET',
      `/api/cases?sort=queue&limit=50&offset=${(i * 7919) % (ids.length - 50)}`,
    )
    if (status !== 200) throw new Error(`list: ${status}`)
    list.push(ms)
  }
  const next = []
  const save = []
  const listAfterSave = []
  let after = ''
  const label = {
    kind: 'label',
    flag: 'positive',
    lesions: { GGO: 'present', Csld: 'absent', CrPa: 'absent', AirBr: 'absent', InSepThi: 'absent' },
  }
  for (let i = 0; i < 500; i++) {
    const got = await send(url, 'GET', `/api/queue/next${after && `?after=${encodeURIComponent(after)}`}`)
    next.push(got.ms)
    const state = got.body.next.case
    after = state.id
    const saved = await send(url, 'POST', '/api/acts', {
      op: `bench-${i}-${process.pid}`,
      case: after,
      base: state.version,
      act: label,
    })
    if (saved.status !== 200) throw new Error(`save: ${saved.status}`)
    save.push(saved.ms)
    if (i % 5 === 0) listAfterSave.push((await send(url, 'GET', '/api/cases?sort=queue&limit=50')).ms)
  }
  const search = []
  for (const words of ['residual', 'figure 3', '00000042', 'bronchogram', 'nothing at all'])
    search.push((await send(url, 'GET', `/api/cases?search=${encodeURIComponent(words)}&limit=50`)).ms)
  // Eight annotators at once, each a person with cases of their own; nothing may be lost or doubled.
  const many = []
  const curator = cookie
  const readers = []
  for (let reader = 0; reader < READERS; reader++) {
    cookie = curator
    const { person } = (
      await send(url, 'POST', '/api/people', { name: `Reader ${reader}`, role: 'annotator' })
    ).body
    const { link } = (await send(url, 'POST', '/api/people/link', { account: person.id })).body
    cookie = ''
    await send(url, 'POST', '/api/login', { token: link.split('#')[1] })
    readers.push(cookie)
  }
  await Promise.all(
    readers.map(async (own, reader) => {
      for (let i = 0; i < EACH; i++) {
        const id = ids[((reader * EACH + i) * 7) % ids.length]
        const { version } = (await send(url, 'GET', `/api/case?id=${encodeURIComponent(id)}`, undefined, own))
          .body.case
        const draft = { op: `reader-${reader}-${i}-${process.pid}`, case: id, base: version, act: label }
        const saved = await send(url, 'POST', '/api/acts', draft, own)
        if (saved.status !== 200) throw new Error(`save: ${saved.status}`)
        many.push(saved.ms)
      }
    }),
  )
  cookie = curator
  const memoryBeforeStats = residentMb(server.pid)
  const stats = (await send(url, 'GET', '/api/stats')).ms
  const memory = residentMb(server.pid)
  server.kill('SIGTERM')
  await once(server, 'exit')
  const journal = readFileSync(join(dir, 'workspace', 'labels', 'journal.jsonl'), 'utf8')
  const inJournal = new Set(journal.match(/"op":"[^"]*"/g)).size
  console.log(
    JSON.stringify({
      cases: ids.length,
      startFirstMs: first.startMs,
      startMs,
      firstListMs: Math.round(opened.ms),
      listMs: percentiles(list),
      listAfterSaveMs: percentiles(listAfterSave),
      nextMs: percentiles(next),
      saveMs: percentiles(save),
      searchMs: percentiles(search),
      statsMs: Math.round(stats),
      memoryMb: memoryBeforeStats,
      memoryAfterStatsMb: memory,
      eightSaveMs: percentiles(many),
      // Every acknowledged save is in the journal, and nothing else.
      acknowledged: save.length + many.length,
      inJournal,
    }),
  )
} finally {
  if (!process.env.KEEP) await rm(dir, { recursive: true, force: true })
  else console.error(dir)
}
