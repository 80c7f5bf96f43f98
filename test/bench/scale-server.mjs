/** Server processes over a million cases: how soon they are there, what they hold, what their pages cost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect, percentiles, spent } from './annotator-server-process.mjs'

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
const READY_MS = 300_000
/** A page is asked for so many times; the first one stands for itself. */
const TIMES = 9

/** `lesionloop serve`, over the database where there is one, else over the folder. Jobs are left to others. */
export async function startServer(folder, database) {
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [cli, 'serve', '--workspace', folder, '--port', '0', '--json', ...(database ? ['--no-work'] : [])],
    { env: { ...process.env, LESIONLOOP_DATABASE: database ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // A bench that is stopped leaves no server behind.
  process.on('exit', () => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', part => {
    said = (said + part).slice(-2000)
  })
  const gone = once(child, 'exit').then(([code, signal]) => {
    if (!isStopping) throw new Error(`bench: serve ended with ${code ?? signal}: ${said}`)
  })
  let isStopping = false
  // Whoever is asking it then hears of it by the broken connection.
  gone.catch(error => console.error(error.message))
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone])
  const { url, loginLink } = JSON.parse(line)
  const listening = (performance.now() - began) / 1000
  const own = connect(url)
  // On a machine that is busy it may hang up on an idle line meanwhile.
  const isReady = () =>
    own.send('GET', '/ready').then(
      ({ status }) => status === 200,
      () => false,
    )
  while (!(await isReady())) {
    if (performance.now() - began > READY_MS) throw new Error('bench: the server was not ready in time')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  own.close()
  return {
    url,
    loginLink,
    listening,
    ready: (performance.now() - began) / 1000,
    memory: () => spent(child.pid),
    curator: null,
    async stop() {
      this.curator?.close()
      isStopping = true
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The owner's session, by the link that can be used once. */
export async function curatorOf(server) {
  if (server.curator) return server.curator
  const own = connect(server.url)
  const name = `Bench ${new URL(server.url).port}`
  const answer = await own.send('POST', '/api/login', { token: server.loginLink.split('#')[1], name })
  if (answer.status !== 200) throw new Error(`bench: the login was refused: ${answer.status}`)
  server.curator = own
  return own
}

/** Pages that the annotator asks for, with what stands for each in the table. */
const PAGES = {
  'first page of cases, in order': '/api/cases?sort=document&limit=50',
  'first page of cases, by the queue': '/api/cases?limit=50',
  'a page in the middle, in order': '/api/cases?sort=document&limit=50&offset=MIDDLE',
  'a page in the middle, by the queue': '/api/cases?limit=50&offset=MIDDLE',
  'first page of one finding': '/api/cases?lesion=GGO&finding=present&limit=50',
  'first page of disagreements': '/api/cases?disagreement=true&limit=50',
  'search of a rare word': '/api/cases?search=2020.00000012&limit=50',
  'search of two words, one too short for the index': '/api/cases?search=lingula%2017&limit=50',
  'search of a common word': '/api/cases?search=lingula&limit=50',
  statistics: '/api/stats',
  'list of documents': '/api/documents?limit=50',
  'doubles, counted': '/api/doubles/count',
  agreement: '/api/agreement',
  'the queue, first page': '/api/queue?limit=50',
  'next case': '/api/queue/next',
}

/** Milliseconds of each page: the first answer, and the middle one of some more. */
export async function pagesOf(own, cases) {
  const found = {}
  for (const [name, address] of Object.entries(PAGES)) {
    const path = address.replace('MIDDLE', String(Math.floor(cases / 2)))

    const times = []
    const began = performance.now()
    while (times.length < TIMES && (times.length < 2 || performance.now() - began < 5000)) {
      const answer = await own.send('GET', path)
      if (answer.status !== 200) throw new Error(`bench: ${path}: status ${answer.status}`)
      times.push(answer.ms)
    }
    found[name] = { first: Math.round(times[0]), again: percentiles(times.slice(1)).p50 }
  }
  return found
}
