/**
 * Simulated annotation of COVID-CT (official split of LA-DNN: pool 425, test 203) on frozen EfficientNet-Lite0 features:
 * start 20, batch 10, the heads retrained each round, every strategy, by default 10 seeds; for the flag (AUC) and for
 * the lesions (macro AP over GGO and Csld). Writes docs/active-learning/*.csv and docs/pictures/active-learning-*.png,
 * prints the tables of docs/active-learning.md.
 *
 * npm run bench:active-learning -- [--seeds 10] [--task flag|lesions] [--strategies a,b] [--data DIR] [--no-round]
 *   --redraw: tables and pictures from the CSV files as they are, without a simulation.
 *   --folds: the same on three times five folds of the training side by patient and paper, without the test set. Strategies and
 *   settings were chosen on these.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { covidCtFeatures } from './active-learning-data.mjs'
import { checkAgainstLogisticRegression, prepare } from './active-learning-model.mjs'
import { drawCurves } from './active-learning-plot.mjs'
import { timeRound } from './active-learning-round.mjs'
import { simulate, TASKS } from './active-learning-simulation.mjs'
import { summarise, table } from './active-learning-table.mjs'

const here = join(import.meta.dirname, '..', '..')
const folder = join(here, 'docs', 'active-learning')
const dist = path => import(join(here, 'dist', path))

if (isMainThread) await main()
else work()

function work() {
  const sets = workerData.sets.map(({ pool, test }) => prepare(pool, test))
  parentPort.on('message', run => parentPort.postMessage({ run, points: simulate(sets[run.set], run) }))
}

async function main() {
  const { values: given } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10' },
      task: { type: 'string' },
      strategies: { type: 'string' },
      data: { type: 'string' },
      folds: { type: 'boolean', default: false },
      redraw: { type: 'boolean', default: false },
      'no-round': { type: 'boolean', default: false },
    },
  })
  const { STRATEGIES } = await dist('trainer/acquisition/strategy.js')
  const strategies = given.strategies?.split(',') ?? [...STRATEGIES.keys()]
  const tasks = given.task ? [given.task] : Object.keys(TASKS)
  if (given.redraw) {
    for (const task of tasks) await tell(task, await curvesOf(task), strategies)
    return
  }
  const { train, test } = await covidCtFeatures(given.data)
  const sets = given.folds ? await foldsOf(train) : [{ pool: train, test }]
  const first = prepare(sets[0].pool, sets[0].test)
  const rows = first.pool.map((_, at) => at).filter(at => at % 3 === 0)
  const gap = checkAgainstLogisticRegression(
    first,
    rows,
    rows.map(row => first.pool[row].values[0]),
    30,
  )
  console.log(
    `pool ${train.length}, test ${test.length}; fit against data/statistics: within ${gap.toExponential(1)}`,
  )
  if (!(gap < 1e-4)) throw new Error('bench: the quick fit is not that of data/statistics')

  const smallest = Math.min(...sets.map(set => set.pool.length))
  for (const task of tasks) {
    const runs = strategies.flatMap(strategy =>
      sets.flatMap((_, set) =>
        Array.from({ length: Number(given.seeds) }, (_, at) => ({
          strategy,
          task,
          set,
          seed: at + 1,
          until: smallest,
        })),
      ),
    )
    const curves = await inWorkers(sets, runs)
    const full = sets.map((set, at) => {
      const ends = curves.filter(curve => curve.run.set === at).map(curve => curve.points.at(-1))
      return ends.find(point => point.n === set.pool.length)?.value ?? fullValue(set, task)
    })
    if (!given.folds) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${task}.csv`), csv(curves))
    }
    await tell(task, curves, strategies, { full, draw: !given.folds })
  }
  if (!given['no-round'] && !given.folds) console.log(`\n${await timeRound()}`)
}

/** Prints the table of a task, and draws its curves. */
async function tell(task, curves, strategies, { full = endsOf(curves), draw = true } = {}) {
  const summary = summarise(curves, strategies, full)
  console.log(`\n${task}: ${TASKS[task].metric}, full data ${mean(full).toFixed(3)}\n`)
  console.log(table(summary))
  if (!draw) return
  await drawCurves(summary, {
    title: `${task}: ${TASKS[task].metric} by cases read`,
    path: join(here, 'docs', 'pictures', `active-learning-${task}.png`),
    full: mean(full),
  })
}

/** The measure where everything is read: the same for every strategy. */
function endsOf(curves) {
  return [curves[0].points.at(-1).value]
}

/** Curves of a CSV file of an earlier run; it holds no times. */
async function curvesOf(task) {
  const [, ...lines] = (await readFile(join(folder, `${task}.csv`), 'utf8')).trim().split('\n')
  const curves = new Map()
  for (const line of lines) {
    const [strategy, seed, n, value] = line.split(',')
    const key = `${strategy} ${seed}`
    const curve = curves.get(key) ?? { run: { strategy, seed: Number(seed), set: 0 }, points: [] }
    curve.points.push({ n: Number(n), value: Number(value), ms: 0 })
    curves.set(key, curve)
  }
  return [...curves.values()]
}

function mean(values) {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}

/** Five folds of the training side three times over, patients and papers whole. */
async function foldsOf(train) {
  const { seededRandom } = await dist('data/statistics/random.js')
  const groups = [...new Set(train.map(row => row.group))].sort()
  return [1, 2, 3].flatMap(seed => {
    const order = seededRandom(seed).fork('folds').shuffle(groups)
    const fold = new Map(order.map((group, at) => [group, at % 5]))
    return [0, 1, 2, 3, 4].map(out => ({
      pool: train.filter(row => fold.get(row.group) !== out),
      test: train.filter(row => fold.get(row.group) === out),
    }))
  })
}

/** The measure of heads that learned from the whole pool. */
function fullValue({ pool, test }, task) {
  const whole = simulate(prepare(pool, test), { strategy: 'random', task, seed: 1, start: pool.length })
  return whole.at(-1).value
}

/** Runs simulations on as many workers as there are cores; results in the order of the runs. */
function inWorkers(sets, runs) {
  const waiting = runs.map((run, at) => ({ ...run, at }))
  const results = new Array(runs.length)
  const began = performance.now()
  let done = 0
  return new Promise((resolve, reject) => {
    const workers = Array.from({ length: Math.min(availableParallelism(), runs.length) }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { sets } })
      const next = () => {
        const run = waiting.shift()
        if (run) worker.postMessage(run)
        else worker.terminate()
      }
      worker.on('error', reject)
      worker.on('message', ({ run, points }) => {
        results[run.at] = { run, points }
        done++
        const last = runs.length - done
        if (process.stderr.isTTY || done % 10 === 0)
          process.stderr.write(
            `${done} of ${runs.length} runs, ${Math.round(((performance.now() - began) / done / 1000) * last)} s left\n`,
          )
        if (done === runs.length) resolve(results)
        next()
      })
      next()
      return worker
    })
    if (workers.length === 0) resolve(results)
  })
}

function csv(curves) {
  const rows = curves.flatMap(({ run, points }) =>
    points.map(({ n, value }) => `${run.strategy},${run.seed},${n},${value.toFixed(5)}`),
  )
  return ['strategy,seed,labels,value', ...rows, ''].join('\n')
}
