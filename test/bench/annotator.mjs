/**
 * The annotator at 100,000 cases: `npm run bench:annotator [-- --quick] [--json] [--cases N] [--seed N] [--seconds N] [--keep]`.
 * Makes a workspace of its own in a temporary folder (removed afterwards unless `--keep`), starts the built server as a
 * process of its own and, where there is a Chromium, drives the page in it. Times over HTTP stand beside those of a plain
 * node:http server asked in turn, so that a busy machine shows.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureBrowser } from './annotator-browser.mjs'
import { measureHttp } from './annotator-http.mjs'
import { checkJournal, disk, readTogether, writeTogether } from './annotator-readers.mjs'
import { connect, percentiles, round, spent, startPlain, startServer } from './annotator-server-process.mjs'
import { makeWorkspace } from './annotator-workspace.mjs'

const flag = name => process.argv.includes(`--${name}`)
const given = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  const value = at > 0 ? Number(process.argv[at + 1]) : otherwise
  if (Number.isFinite(value) && value >= 0) return value
  console.error(`bench: --${name}: expected a number`)
  process.exit(2)
}
const quick = flag('quick')
const counts = quick
  ? { starts: 2, lists: 100, saves: 100, searches: 12, paints: 2, frames: 200, keys: 30 }
  : { starts: 5, lists: 400, saves: 400, searches: 60, paints: 5, frames: 600, keys: 100 }
const [total, seed, seconds] = [
  given('cases', quick ? 20_000 : 100_000),
  given('seed', 1),
  given('seconds', quick ? 10 : 60),
]
/** Between two decisions of one of the eight, in ms: far quicker than anybody reads. */
const THOUGHT_MS = 50
const say = text => flag('json') || console.error(text)

async function run(dir) {
  say(`making a workspace of ${total} cases (seed ${seed})`)
  const workspace = join(dir, 'workspace')
  const ids = await makeWorkspace(workspace, { cases: total, seed })
  await mkdir(join(dir, 'plain'))

  say('starting the server')
  const first = await startServer(workspace)
  await first.stop()
  const starts = []
  const plainStarts = []
  let server
  let plain
  for (let i = 0; i < counts.starts; i++) {
    await server?.stop()
    await plain?.stop()
    plain = await startPlain(join(dir, 'plain'))
    server = await startServer(workspace)
    starts.push(server.startMs)
    plainStarts.push(plain.startMs)
  }
  const memoryAtStart = server.startMemory
  const curator = connect(server.url)
  const other = connect(plain.url)
  try {
    const token = server.loginLink.split('#')[1]
    const entered = await curator.send('POST', '/api/login', { token, name: 'Bench' })
    if (entered.status !== 200) throw new Error(`bench: the login was refused: ${entered.status}`)

    say('asking over HTTP')
    const { result: http, memory, saved } = await measureHttp({ server, person: curator, other, ids, counts })
    say(`eight annotators for ${seconds} s`)
    const { result: readers, acknowledged } = await readTogether({
      url: server.url,
      curator,
      ids,
      seconds,
      between: THOUGHT_MS,
    })
    const plainTogether = await writeTogether({
      url: plain.url,
      seconds: Math.min(seconds, 10),
      between: THOUGHT_MS,
    })
    const yardstick = await disk(dir)
    const memoryAfterReaders = spent(server.child.pid)
    const journal = await checkJournal(workspace, [...saved, ...acknowledged])
    say('looking with a browser')
    const browser = await measureBrowser({ url: server.url, cookie: curator.cookie, counts })
    return {
      cases: ids.length,
      seed,
      cores: availableParallelism(),
      load: round(loadavg()[0]),
      node: process.version,
      start: {
        withoutSnapshotMs: round(first.startMs),
        ...percentiles(starts),
        cpuMs: server.startCpuMs,
        plain: percentiles(plainStarts),
      },
      memory: {
        atStart: memoryAtStart,
        ...memory,
        afterReaders: memoryAfterReaders,
        atEnd: spent(server.child.pid),
      },
      ...http,
      readers: { ...readers, plain: plainTogether, disk: yardstick },
      journal,
      browser,
    }
  } finally {
    curator.close()
    other.close()
    await server.stop()
    await plain.stop()
  }
}

function table(report) {
  const { start, memory, readers, journal, browser } = report
  const race = ({ p50, p95, p99, plain, ratio, cpuMs }) =>
    `p50 ${p50}  p95 ${p95}  p99 ${p99} ms | plain p50 ${plain.p50}  p95 ${plain.p95} | ×${ratio} | ${cpuMs} ms of the processor each`
  const plainly = ({ p50, p95, p99 }) => `p50 ${p50}  p95 ${p95}  p99 ${p99} ms`
  const rows = [
    [
      'server start, with a snapshot',
      'p50 < 1500 ms',
      start.p50 < 1500,
      `p50 ${start.p50} ms (${start.cpuMs} ms of the processor) | a plain node:http server ${start.plain.p50} ms`,
    ],
    ['server start, reading everything', '', null, `${start.withoutSnapshotMs} ms`],
    ['list page, 50 of all', 'p95 < 5 ms', report.list.p95 < 5, race(report.list)],
    ['open cases, after a save', 'p95 < 5 ms', report.listAfterSave.p95 < 5, race(report.listAfterSave)],
    ['next case', 'p95 < 5 ms', report.next.p95 < 5, race(report.next)],
    ['save, on the disk', 'p95 < 10 ms', report.save.p95 < 10, race(report.save)],
    ['search, new words', '', null, race(report.search)],
    [
      'first list, first search, first statistics',
      '',
      null,
      [report.firstList, report.firstSearch, report.firstStats].map(ms => `${Math.round(ms)} ms`).join(', '),
    ],
    ...Object.entries(report.numbers).map(([name, { p50, p95, held }]) => [
      `/api/${name}, after a save`,
      'p95 < 100, held < 50 ms',
      p95 < 100 && held < 50,
      `p50 ${p50}  p95 ${p95} ms; nobody else answered for at most ${held} ms`,
    ]),
    [
      'memory (resident)',
      '< 250 MB',
      memory.atEnd.memory < 250 && memory.afterStats.memory < 250,
      `${memory.atStart} at start, ${memory.inUse.memory} in use, ${memory.afterStats.memory} after statistics, ${memory.atEnd.memory} at the end; at most ${memory.atEnd.highest} MB`,
    ],
    [
      `${readers.readers} annotators, ${readers.seconds} s`,
      'save p95 < 10 ms',
      readers.save.p95 < 10,
      `${readers.decisions} decisions, ${readers.between} ms of thought before each; save ${plainly(readers.save)}; next ${plainly(readers.next)} | plain appends p50 ${readers.plain.p50}  p95 ${readers.plain.p95}, the disk's own fsync p50 ${readers.disk.p50}  p95 ${readers.disk.p95} | ${readers.conflicts} conflicts`,
    ],
    [
      'the journal after it',
      'none lost or doubled',
      journal.lost + journal.doubled + journal.changed + journal.unasked + journal.gaps === 0,
      `${journal.acts} acts; ${journal.lost} lost, ${journal.doubled} doubled, ${journal.changed} changed, ${journal.unasked} nobody sent, ${journal.gaps} gaps (${readers.repeats} sent twice)`,
    ],
  ]
  if (browser)
    rows.push(
      [
        'first paint',
        'p50 < 1000 ms',
        browser.firstPaint.p50 < 1000,
        `p50 ${browser.firstPaint.p50} ms; first case with its picture ${browser.firstCase.p50} ms`,
      ],
      ['list, work of a frame', 'p95 < 16 ms', browser.scroll.p95 < 16, plainly(browser.scroll)],
      ['key to the next picture (j)', 'p95 < 50 ms', browser.next.p95 < 50, plainly(browser.next)],
      ['key to the next picture (accept)', 'p95 < 50 ms', browser.accept.p95 < 50, plainly(browser.accept)],
      [
        'script of the review page, gzipped',
        '< 150 kB',
        browser.script.kilobytes < 150,
        `${browser.script.kilobytes} kB`,
      ],
    )
  else rows.push(['browser', '', null, 'no Chromium found: install one or set CHROME_PATH'])
  const wide = at => Math.max(...rows.map(row => row[at].length))
  const lines = rows.map(([what, target, met, text]) => {
    const sign = met === null ? '   ' : met ? 'yes' : 'NO '
    return `${what.padEnd(wide(0))}  ${target.padEnd(wide(1))}  ${sign}  ${text}`
  })
  const head = `${report.cases} cases, seed ${report.seed}; ${report.cores} cores, load ${report.load}, Node ${report.node}`
  return [head, '', ...lines].join('\n')
}

const dir = await mkdtemp(join(tmpdir(), 'lesionloop-bench-'))
try {
  const report = await run(dir)
  console.log(flag('json') ? JSON.stringify(report) : table(report))
  const { lost, doubled, changed, unasked, gaps } = report.journal
  if (lost + doubled + changed + unasked + gaps > 0) process.exitCode = 1
} finally {
  if (flag('keep')) console.error(`kept: ${dir}`)
  else await rm(dir, { recursive: true, force: true })
}
