/**
 * What a decision leaves in the server's memory, garbage not counted:
 * `npm run bench:load-memory [-- --rounds N] [--seconds N] [--readers N] [--cases N] [--dir DIR] [--snapshots DIR]`.
 * Annotators decide without a thought; between rounds the server collects all garbage and tells what is left. Bytes a
 * decision are the least squares' line through the rounds after the first, in which caches fill. With --snapshots, heap
 * snapshots of the first and last round for the browser's developer tools.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, round, spent, startServer } from './annotator-server-process.mjs'
import { makeWorkspace } from './annotator-workspace.mjs'
import { annotate, signIn } from './load-annotators.mjs'

const given = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  return at > 0 ? process.argv[at + 1] : otherwise
}
const number = (name, otherwise) => Number(given(name, otherwise))
const rounds = number('rounds', 6)
const seconds = number('seconds', 15)
const readers = number('readers', 32)
const cases = number('cases', 100_000)
const snapshots = given('snapshots')
const parent = given('dir', existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

const QUIET_MS = 9000

const ask = (child, about) =>
  new Promise(resolve => {
    child.once('message', resolve)
    child.send(about)
  })

async function run(dir) {
  const { seededRandom } = await import(join(import.meta.dirname, '../../dist/data/statistics/random.js'))
  const random = seededRandom(1)
  const ids = await makeWorkspace(dir, { cases, seed: 1 })
  const server = await startServer(dir, { preload: join(import.meta.dirname, 'memory-teller.mjs') })
  const curator = connect(server.url)
  try {
    const token = server.loginLink.split('#')[1]
    await curator.send('POST', '/api/login', { token, name: 'Bench' })
    while ((await curator.send('GET', '/ready')).status !== 200)
      await new Promise(resolve => setTimeout(resolve, 200))
    // So that everything is there that is kept up with each act.
    for (const path of ['/api/stats', '/api/documents', '/api/agreement']) await curator.send('GET', path)
    const people = await signIn(curator, server.url, readers, 'Reader')
    const seen = []
    let acts = 0
    for (let turn = 0; turn <= rounds; turn++) {
      const { url } = server
      const own = await annotate({ url, people, ids, seconds, thought: 0, random, round: turn })
      if (own.errors.length > 0) throw new Error(`bench: ${own.errors[0]}`)
      acts += own.acknowledged.length
      // The snapshot of the cases is written after some quiet: its columns are no part of what stays.
      await new Promise(resolve => setTimeout(resolve, QUIET_MS))
      const snapshot = snapshots && (turn === 0 || turn === rounds) && join(snapshots, `${turn}.heapsnapshot`)
      const usage = await ask(server.child, { snapshot })
      seen.push({ acts, ...usage, rss: spent(server.child.pid).memory })
    }
    for (const person of people) person.own.close()
    return seen
  } finally {
    curator.close()
    await server.stop()
  }
}

const slope = (points, of) => {
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(each => each.acts)), mean(points.map(of))]
  const top = points.reduce((sum, each) => sum + (each.acts - x) * (of(each) - y), 0)
  return top / points.reduce((sum, each) => sum + (each.acts - x) ** 2, 0)
}

const dir = await mkdtemp(join(parent, 'lesionloop-memory-'))
try {
  const seen = await run(dir)
  const mb = bytes => `${round(bytes / 2 ** 20)}`.padStart(8)
  console.log('decisions  heap MB   buffers MB  resident MB')
  for (const { acts, heapUsed, arrayBuffers, rss } of seen)
    console.log(`${String(acts).padStart(9)} ${mb(heapUsed)} ${mb(arrayBuffers)}     ${rss}`)
  const late = seen.slice(1)
  const left = slope(late, each => each.heapUsed + each.arrayBuffers)
  console.log(`${Math.round(left)} bytes a decision stay in memory, garbage not counted`)
} finally {
  await rm(dir, { recursive: true, force: true })
}
