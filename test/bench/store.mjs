// The store with 100,000 cases and 100,000 acts, in a folder of its own: `npm run build && node --expose-gc test/bench/store.mjs`.
// Prints a line a measurement. The captions are made words of the usual length (70 words, four panels a figure).
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const dist = new URL(process.env.DIST ?? '../../dist/', import.meta.url)
const load = path => import(new URL(path, dist).href)
const [{ openStore }, { encodeLine }, { openWorkspace }, { perLesion }] = await Promise.all(
  ['data/stores/open.js', 'data/journal/line.js', 'data/workspace/open.js', 'data/records/vocabulary.js'].map(
    load,
  ),
)

const CASES = Number(process.env.CASES ?? 100_000)
const PANELS = ['A', 'B', 'C', 'D']
const WORDS =
  'lung opacity bilateral patient shows lobe right left upper lower CT day after scan image chest axial'.split(
    ' ',
  )
let state = 1
const random = n => {
  state = (state * 48271) % 2147483647
  return state % n
}
const percentile = (times, share) => times.sort((a, b) => a - b)[Math.floor(times.length * share)].toFixed(2)
const say = (what, value) => console.log(`${what.padEnd(44)} ${value}`)
async function timed(what, work) {
  const start = performance.now()
  const result = await work()
  say(what, `${(performance.now() - start).toFixed(1)} ms`)
  return result
}

function caseOf(document, order, caption) {
  const panel = PANELS[order]
  const said = { GGO: 'present', Csld: order % 2 ? 'present' : 'none' }
  return {
    id: `${document}#Figure 1#${panel}`,
    document,
    figure: 'Figure 1',
    panel,
    order,
    page: 1,
    image: 'a'.repeat(32),
    imageFile: `${'a'.repeat(32)}.png`,
    width: 512,
    height: 512,
    figureImage: { id: 'b'.repeat(32), file: `${'b'.repeat(32)}.png` },
    kind: { kind: 'ct', score: 0.9 },
    caption,
    mentions: [
      {
        lesion: 'GGO',
        start: 0,
        end: 4,
        text: caption.slice(0, 4),
        assertion: 'present',
        panels: [],
        rule: 'bench',
      },
    ],
    skipped: [],
    mined: { flag: 'positive', evidence: [], findings: perLesion(lesion => said[lesion] ?? 'none') },
    patient: document,
    source: { name: 'bench', file: `${document}.pdf`, format: 'pdf' },
    minedBy: 'bench',
  }
}
const label = { kind: 'label', flag: 'positive', lesions: perLesion(() => 'absent') }

const dir = await mkdtemp(join(tmpdir(), 'lesionloop-bench-'))
try {
  const workspace = await openWorkspace(dir, { create: true })
  const ids = []
  let store = await openStore(workspace, { write: ['cases'] })
  await timed(`put ${CASES} cases in 10 parts`, async () => {
    for (let part = 0; part < 10; part++) {
      const cases = []
      for (let i = 0; i < CASES / 10; i += PANELS.length) {
        const document = `10.1101/2020.05.${part}.${i}v1`
        const caption = Array.from({ length: 70 }, () => WORDS[random(WORDS.length)]).join(' ')
        for (let order = 0; order < PANELS.length; order++) cases.push(caseOf(document, order, caption))
      }
      await store.cases.put(`part-${part}`, cases)
      ids.push(...cases.map(one => one.id))
    }
  })
  await store.close()
  const acts = Array.from({ length: CASES }, (_, i) =>
    encodeLine({
      seq: i + 1,
      op: `bench-${i}-aaaaaaaaaaaaaaaaaaaa`,
      at: '2020-05-11T09:00:00.000Z',
      who: 'ann',
      case: ids[(i * 7) % (CASES / 2)],
      base: 0,
      act: label,
    }),
  )
  await workspace.files.makeFolder(workspace.paths.labels)
  await writeFile(workspace.paths.journal, Buffer.concat(acts))
  acts.length = 0

  store = await timed('open, no snapshot', () => openStore(workspace, { write: ['labels'] }))
  await timed('close, writing the snapshot', () => store.close())
  for (const name of ['cases', 'journal', 'snapshot'])
    say(`${name} file`, `${((await stat(workspace.paths[name])).size / 1e6).toFixed(1)} MB`)
  global.gc?.()
  store = undefined
  global.gc?.()
  const before = process.memoryUsage().heapUsed
  store = await timed('open with the snapshot', () => openStore(workspace, { write: ['labels'] }))
  global.gc?.()
  say('memory it holds', `${((process.memoryUsage().heapUsed - before) / 1e6).toFixed(1)} MB`)

  await timed('first list', () => store.cases.list({ limit: 50 }))
  await timed('first search', () => store.cases.list({ limit: 50, search: 'bilateral lung' }))
  await new Promise(resolve => setTimeout(resolve, 3000))
  const queries = {
    'list, any page': i => ({ limit: 50, offset: i * 50 }),
    'list of the open cases, a label between': () => ({ limit: 50, state: 'open' }),
    'filter never asked before': i => ({ limit: 50, lesion: 'Csld', finding: 'present', by: `nobody-${i}` }),
    'search never asked before': i => ({
      limit: 50,
      search: `${WORDS[i % 17]} ${WORDS[(i * 5) % 17]} ${ids[i * 50].slice(8, 20)}`,
    }),
  }
  for (const [what, query] of Object.entries(queries)) {
    const times = []
    for (let i = 0; i < 200; i++) {
      if (what.includes('label')) {
        const { version } = await store.cases.get(ids[CASES - 1 - i])
        await store.acts.append('eve', {
          op: `between-${i}-x`,
          case: ids[CASES - 1 - i],
          base: version,
          act: label,
        })
      }
      // As between two requests: what works in the background gets its turn.
      await new Promise(setImmediate)
      const start = performance.now()
      await store.cases.list(query(i))
      times.push(performance.now() - start)
    }
    say(what, `p50 ${percentile(times, 0.5)}  p95 ${percentile(times, 0.95)} ms`)
  }
  const gets = []
  const saves = []
  for (let i = 0; i < 1000; i++) {
    const id = ids[(i * 331) % CASES]
    let start = performance.now()
    const { version } = await store.cases.get(id)
    gets.push(performance.now() - start)
    start = performance.now()
    await store.acts.append('bob', { op: `save-${i}-xxxx`, case: id, base: version, act: label })
    saves.push(performance.now() - start)
  }
  say('one case', `p50 ${percentile(gets, 0.5)}  p95 ${percentile(gets, 0.95)} ms`)
  say(
    'save with fsync',
    `p50 ${percentile(saves, 0.5)}  p95 ${percentile(saves, 0.95)}  p99 ${percentile(saves, 0.99)} ms`,
  )
  let longest = 0
  let last = performance.now()
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5)
    last = performance.now()
  }, 5)
  await timed('all cases', async () => {
    let count = 0
    for await (const _ of store.cases.all()) if (++count % 500 === 0) await new Promise(setImmediate)
  })
  last = performance.now()
  longest = 0
  await timed('close, writing the snapshot', () => store.close())
  clearInterval(beat)
  say('longest stop of the event loop in that', `${longest.toFixed(1)} ms`)
} finally {
  await rm(dir, { recursive: true, force: true })
}
