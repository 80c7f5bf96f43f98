/** What the server takes over HTTP, one request after the other, each beside a plain answer of the same size. */
import { connect, percentiles, round, spent } from './annotator-server-process.mjs'

export const LABEL = {
  kind: 'label',
  flag: 'positive',
  lesions: { GGO: 'present', Csld: 'absent', CrPa: 'absent', AirBr: 'absent', InSepThi: 'absent' },
}

const must = (answer, what) => {
  if (answer.status === 200) return answer
  throw new Error(`bench: ${what}: status ${answer.status}: ${JSON.stringify(answer.json())}`)
}

/** Asks `count` times; after each answer the plain server gives as many bytes. */
async function race(server, count, ask, plainAsk) {
  const own = []
  const plain = []
  const before = spent(server.child.pid).cpu
  for (let i = 0; i < count; i++) {
    const answer = await ask(i)
    own.push(answer.ms)
    plain.push((await plainAsk(answer)).ms)
  }
  const cpu = spent(server.child.pid).cpu - before
  const [ours, theirs] = [percentiles(own), percentiles(plain)]
  return { ...ours, plain: theirs, ratio: round(ours.p50 / theirs.p50), cpuMs: round(cpu / count) }
}

export async function measureHttp({ server, person, other, ids, counts }) {
  const get = async path => must(await person.send('GET', path), path)
  const plainly = ({ bytes }) => other.send('GET', `/${bytes}`)
  const result = {}

  result.firstList = (await get('/api/cases?sort=queue&limit=50')).ms
  // What the server makes ready after its start is done by then; the first list has told what it costs meanwhile.
  await new Promise(resolve => setTimeout(resolve, 2000))
  result.list = await race(
    server,
    counts.lists,
    i => get(`/api/cases?sort=queue&limit=50&offset=${(i * 7919) % Math.max(1, ids.length - 50)}`),
    plainly,
  )

  let after = ''
  const cases = []
  result.next = await race(
    server,
    counts.saves,
    async () => {
      const answer = await get(`/api/queue/next${after && `?after=${encodeURIComponent(after)}`}`)
      const state = answer.json().next.case
      after = state.id
      cases.push(state)
      return answer
    },
    plainly,
  )
  const saved = []
  result.save = await race(
    server,
    cases.length,
    async i => {
      const draft = { op: `bench-save-${i}`, case: cases[i].id, base: cases[i].version, act: LABEL }
      saved.push(draft)
      return must(await person.send('POST', '/api/acts', draft), 'save')
    },
    () => other.send('POST', '/', { op: 'plain', text: 'x'.repeat(250) }),
  )
  result.listAfterSave = await race(
    server,
    Math.min(100, cases.length),
    async i => {
      const state = cases[i]
      const draft = { op: `bench-again-${i}`, case: state.id, base: state.version + 1, act: LABEL }
      saved.push(draft)
      must(await person.send('POST', '/api/acts', draft), 'save')
      return await get('/api/cases?sort=queue&limit=50&state=open')
    },
    plainly,
  )

  result.firstSearch = (await get('/api/cases?search=paving&limit=50')).ms
  const words = [
    'consolidation lingula',
    'figure 3',
    '00000042',
    'bronchogram residual',
    'nothing at all',
    '(b) diffuse',
  ]
  result.search = await race(server, counts.searches, i => get(search(words, i)), plainly)
  const memory = { inUse: spent(server.child.pid) }
  result.firstStats = (await get('/api/stats')).ms
  result.stats = (await get('/api/stats')).ms
  result.numbers = await countedPages({ get, server, person, cases, saved })
  memory.afterStats = spent(server.child.pid)
  return { result, memory, saved }
}

/** Routes whose answers are sums over everything. */
const COUNTED = ['stats', 'agreement', 'label-changes', 'adjudication', 'documents', 'assignments']
const ROUNDS = 10

/**
 * The pages of numbers, each asked right after a save, so that nothing is answered from what was kept without a look;
 * and for how long the server answered nobody else meanwhile: its slowest sign of life, asked every 2 ms.
 */
async function countedPages({ get, server, person, cases, saved }) {
  const found = {}
  const life = connect(server.url)
  let asking = true
  let held = 0
  const watch = (async () => {
    while (asking) {
      held = Math.max(held, (await life.send('GET', '/health')).ms)
      await new Promise(resolve => setTimeout(resolve, 2))
    }
  })()
  for (const name of COUNTED) {
    const times = []
    held = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { id, version } = (
        await person.send('GET', `/api/case?id=${encodeURIComponent(cases[round].id)}`)
      ).json().case
      const draft = { op: `bench-${name}-${round}`, case: id, base: version, act: LABEL }
      saved.push(draft)
      must(await person.send('POST', '/api/acts', draft), 'save')
      times.push((await get(`/api/${name}`)).ms)
    }
    const { p50, p95 } = percentiles(times)
    found[name] = { p50, p95, held: round(held) }
  }
  asking = false
  await watch
  life.close()
  return found
}

/** Each search is new to the server: it may keep the last few. */
const search = (words, i) =>
  `/api/cases?limit=50&search=${encodeURIComponent(`${words[i % words.length]} ${(i * 13) % 90}`)}`
