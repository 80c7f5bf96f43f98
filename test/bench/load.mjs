/**
 * The annotator under load:
 * `npm run bench:load [-- --minutes N] [--cases N] [--thought MS] [--seed N] [--dir DIR] [--alone] [--json] [--keep]`.
 * 8, then 32 annotators at once on 100,000 cases, then 32 who think for three seconds (still several times as fast as
 * people; the quarter of a second of the others is some forty times), each for a third of the minutes (10 where nothing
 * is said), while retrainings and mining run one after the other as jobs of the same server; a short phase without jobs
 * stands before them. Everything is on this machine; the workspace lies under --dir (the system's folder for temporary files otherwise;
 * one in memory shows the program without the disk). With --alone, on a machine that others use as well (Linux, root), the
 * server and the bench get real-time priority and the jobs do not, as if nobody else was there. Ends with status 1 where a request failed, a decision was lost, or a job failed.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkJournal, disk } from './annotator-readers.mjs'
import { connect, percentiles, round, startPlain, startServer } from './annotator-server-process.mjs'
import { makeWorkspace } from './annotator-workspace.mjs'
import { annotate, signIn } from './load-annotators.mjs'
import { keepWorking } from './load-jobs.mjs'
import { watch } from './load-watch.mjs'

const flag = name => process.argv.includes(`--${name}`)
const given = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  const value = at > 0 ? Number(process.argv[at + 1]) : otherwise
  if (Number.isFinite(value) && value >= 0) return value
  console.error(`bench: --${name}: expected a number`)
  process.exit(2)
}
const folder = () => {
  const at = process.argv.indexOf('--dir')
  return at > 0 ? process.argv[at + 1] : tmpdir()
}
/** Real-time priority for every thread of a process; what it starts gets the usual one. */
const hurry = pid =>
  flag('alone') && execFileSync('chrt', ['--all-tasks', '--reset-on-fork', '--rr', '--pid', '1', String(pid)])
const minutes = given('minutes', 10)
const total = given('cases', 100_000)
const thought = given('thought', 250)
const seed = given('seed', 1)
/** Every fifth document is negative: a cycle needs both. */
const NEGATIVES = 5
const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
const QUIET_SECONDS = 20
const SLOW_THOUGHT_MS = 3000
const TARGET_MS = 50
const say = text => flag('json') || console.error(text)

async function run(dir) {
  const { seededRandom } = await import(join(import.meta.dirname, '../../dist/data/statistics/random.js'))
  const random = seededRandom(seed)
  say(`making a workspace of ${total} cases (seed ${seed})`)
  const workspace = join(dir, 'workspace')
  const ids = await makeWorkspace(workspace, { cases: total, seed, negatives: NEGATIVES })
  await mkdir(join(dir, 'plain'))
  // The first split is written now: later a cycle would have to wait for the mining to let go of the cases.
  execFileSync(process.execPath, [cli, 'split', '--workspace', workspace], { stdio: 'ignore' })
  hurry(process.pid)
  const idle = await disk(dir)
  const plain = await startPlain(join(dir, 'plain'))
  const server = await startServer(workspace)
  for (const { child } of [plain, server]) hurry(child.pid)
  const curator = connect(server.url)
  const acknowledged = []
  const phases = []
  try {
    const token = server.loginLink.split('#')[1]
    const entered = await curator.send('POST', '/api/login', { token, name: 'Bench' })
    if (entered.status !== 200) throw new Error(`bench: the login was refused: ${entered.status}`)
    for (let tries = 0; (await curator.send('GET', '/ready')).status !== 200; tries++) {
      if (tries > 300) throw new Error('bench: the server was not ready within a minute')
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    // What the server counts in the background after its start is done when these are answered.
    for (const path of ['/api/stats', '/api/documents', '/api/agreement']) await curator.send('GET', path)
    const quiet = Math.min(QUIET_SECONDS, minutes * 10)
    const third = Math.round((minutes * 60 - quiet) / 3)
    const plan = [
      { readers: 32, thought, seconds: quiet, withJobs: false },
      { readers: 8, thought, seconds: third, withJobs: true },
      { readers: 32, thought, seconds: third, withJobs: true },
      { readers: 32, thought: SLOW_THOUGHT_MS, seconds: third, withJobs: true },
    ]
    let working = null
    for (const [round, { readers, thought, seconds, withJobs }] of plan.entries()) {
      say(`${readers} annotators, ${thought} ms of thought, for ${seconds} s${withJobs ? ', with jobs' : ''}`)
      const people = await signIn(curator, server.url, readers, `Reader ${round}`)
      if (withJobs) working ??= keepWorking({ url: server.url, curator })
      const watching = await watch({ server, plain, dir })
      const { url } = server
      const own = await annotate({ url, people, ids, seconds, thought, random, round })
      const beside = await watching.stop()
      for (const person of people) person.own.close()
      acknowledged.push(...own.acknowledged)
      phases.push({ readers, thought, seconds, withJobs, ...summary(own), ...besides(beside) })
    }
    await working.stop()
    const report = { cases: ids.length, seed, minutes, idle, phases }
    return {
      ...report,
      machine: { cores: availableParallelism(), load: round(loadavg()[0]), node: process.version },
      jobs: {
        cycles: working.done.cycle.map(round),
        mined: working.done.mine.map(round),
        errors: working.errors,
      },
      journal: await stopped(server, workspace, acknowledged),
    }
  } finally {
    curator.close()
    await server.stop()
    await plain.stop()
  }
}

/** The journal is looked at when everything that was asked for is written. */
async function stopped(server, workspace, acknowledged) {
  await server.stop()
  return checkJournal(workspace, acknowledged)
}

const summary = ({ times, acknowledged, errors, conflicts, told }) => ({
  ...{ next: percentiles(times.next), image: percentiles(times.image), save: percentiles(times.save) },
  ...{ slowestSave: round(Math.max(...times.save)), decisions: acknowledged.length, errors, conflicts, told },
})

/** Memory by the least squares' line through its second half: the first is caches filling. */
function besides({ held, fsync, plain, memory, cpuShare }) {
  const late = memory.slice(Math.floor(memory.length / 2))
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
  const [t, m] = [mean(late.map(([at]) => at)), mean(late.map(([, mb]) => mb))]
  const slope =
    late.reduce((sum, [at, mb]) => sum + (at - t) * (mb - m), 0) /
    late.reduce((sum, [at]) => sum + (at - t) ** 2, 1e-9)
  const sizes = memory.map(([, mb]) => mb)
  return {
    held: { ...percentiles(held), most: round(Math.max(...held)) },
    fsync: percentiles(fsync),
    plain: percentiles(plain),
    memory: { first: sizes[0], last: sizes.at(-1), most: Math.max(...sizes), mbAMinute: round(slope * 60) },
    cpuShare: round(cpuShare),
  }
}

const times = ({ p50, p95, p99 }) => `${p50} / ${p95} / ${p99}`
const ROWS = {
  'thought between, ms': each => `${each.thought}`,
  'next case': each => times(each.next),
  'its picture': each => times(each.image),
  save: each => times(each.save),
  'slowest save': each => `${each.slowestSave}`,
  'sign of life': each => times(each.held),
  'slowest sign of life': each => `${each.held.most}`,
  'a plain server, append and fsync': each => times(each.plain),
  'the disk, append and fsync': each => times(each.fsync),
  decisions: each => `${each.decisions}`,
  'errors; conflicts': each => `${each.errors.length}; ${each.conflicts}`,
  'memory of the server, MB': each => `${each.memory.first} to ${each.memory.last}`,
  'at most; a minute, second half': each => `${each.memory.most}; ${each.memory.mbAMinute}`,
  'processors used by the server': each => `${each.cpuShare}`,
}

function table({ phases, idle, jobs, journal, machine, ...report }) {
  const head = [
    '',
    ...phases.map(each => `${each.readers}, ${each.withJobs ? 'jobs' : 'no jobs'}, ${each.seconds} s`),
  ]
  const rows = [head, ...Object.entries(ROWS).map(([name, cell]) => [name, ...phases.map(cell)])]
  const wide = head.map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const { cores, load, node } = machine
  const { lost, doubled, changed, gaps, acts } = journal
  const met = phases
    .filter(each => each.withJobs)
    .map(each => [each.readers, each.thought, each.save.p99 < TARGET_MS])
  return [
    `${report.cases} cases, seed ${report.seed}; ${cores} cores, load ${load}, Node ${node}; fsync before: ${times(idle)}`,
    'annotators at once; times in ms: p50 / p95 / p99',
    '',
    ...rows.map(row =>
      row
        .map((cell, column) => cell.padEnd(wide[column]))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...met.map(
      ([readers, thought, is]) =>
        `save p99 under ${TARGET_MS} ms, ${readers} annotators at ${thought} ms of thought, with jobs: ${is ? 'yes' : 'NO'}`,
    ),
    `jobs meanwhile: ${jobs.cycles.length} retrainings (${jobs.cycles.join(', ')} s), ${jobs.mined.length} batches of 12 PDFs mined; ${jobs.errors.length} failed ${jobs.errors
      .slice(0, 3)
      .map(each => each.slice(-200))
      .join('; ')}`,
    `journal: ${acts} acts; ${lost} lost, ${doubled} doubled, ${changed} changed, ${gaps} gaps`,
    ...phases.flatMap(each => [...new Set(each.errors)].slice(0, 5)),
  ].join('\n')
}

const dir = await mkdtemp(join(folder(), 'lesionloop-load-'))
try {
  const report = await run(dir)
  console.log(flag('json') ? JSON.stringify(report) : table(report))
  const { lost, doubled, changed, gaps } = report.journal
  const failed = report.phases.some(each => each.errors.length > 0) || report.jobs.errors.length > 0
  if (failed || lost + doubled + changed + gaps > 0) process.exitCode = 1
} finally {
  if (flag('keep')) console.error(`kept: ${dir}`)
  else await rm(dir, { recursive: true, force: true })
}
