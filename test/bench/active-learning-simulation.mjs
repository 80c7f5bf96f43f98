/** One simulated annotation: starts with 20 cases, asks for 10 a round, retrains, until the pool is read. */
import { join } from 'node:path'
import { dropped, fitHead, probabilities } from './active-learning-model.mjs'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const { seededRandom } = await dist('data/statistics/random.js')
const { auc } = await dist('data/statistics/roc.js')
const { averagePrecision } = await dist('data/statistics/precision-recall.js')
const { strategyOf } = await dist('trainer/acquisition/strategy.js')
const { rankCandidates } = await dist('trainer/acquisition/rank-candidates.js')
const { HEADS } = await dist('data/records/vocabulary.js')

export const START = 20
export const BATCH = 10
/** Strategies that begin by themselves; the others are given 20 cases by chance. */
const OWN_START = new Set(['balanced', 'typiclust'])

/** What is learned and how it is measured; penalties by `--folds` (docs/active-learning.md). */
export const TASKS = {
  flag: { heads: ['flag'], l2: [30], metric: 'AUC', measure: auc },
  lesions: { heads: ['GGO', 'Csld'], l2: [30, 300], metric: 'macro AP', measure: averagePrecision },
}
/** Where the heads stand in a row's values. */
const COLUMN = { flag: 0, GGO: 1, Csld: 2 }

/** @returns {{n: number, value: number, ms: number}[]} measure on the test rows, by cases read. */
export function simulate(
  prepared,
  { strategy: name, task: taskName, seed, until = Infinity, start: begin = START },
) {
  const task = TASKS[taskName]
  const { pool, test } = prepared
  const strategy = strategyOf(name)
  const all = pool.map((_, at) => at)
  const testRows = test.map((_, at) => pool.length + at)
  const truth = task.heads.map(head => test.map(row => row.values[COLUMN[head]]))
  let read = OWN_START.has(name) ? [] : seededRandom(seed).fork('start').sample(all, begin)
  const points = []
  for (let round = 0; ; round++) {
    const start = performance.now()
    const heads = task.heads.map((head, at) => {
      const labels = read.map(row => pool[row].values[COLUMN[head]])
      return fitHead(prepared, read, labels, task.l2[at])
    })
    const fitted = performance.now()
    if (read.length > 0) {
      const values = heads.map((head, at) => task.measure(probabilities(prepared, head, testRows), truth[at]))
      points.push({ n: read.length, value: values.reduce((sum, one) => sum + one, 0) / values.length, ms: 0 })
    }
    if (read.length === pool.length || read.length >= until) return points
    const measured = performance.now()
    const known = new Set(read)
    const open = all.filter(row => !known.has(row))
    const batch = Math.min(read.length === 0 ? START : BATCH, open.length)
    const chosen = rankCandidates(
      strategy,
      candidates(prepared, task, heads, open),
      optionsOf(prepared, task, heads, { open, read, batch, seed: seed * 1000 + round, strategy }),
    ).slice(0, batch)
    read = [...read, ...chosen.map(one => open[one.candidate])]
    if (points.length > 0) points.at(-1).ms = fitted - start + performance.now() - measured
  }
}

function candidates(prepared, task, heads, open) {
  const rows = heads.map(head => probabilities(prepared, head, open))
  return open.map((row, at) => {
    const { id, features, group } = prepared.pool[row]
    const six = HEADS.map(head => rows[task.heads.indexOf(head)]?.[at] ?? 0.5)
    return { case: id, features, group, probabilities: six }
  })
}

function optionsOf(prepared, task, heads, { open, read, batch, seed, strategy }) {
  const learned = task.heads.filter((_, at) => heads[at].learned)
  const readCases = read.map(row => {
    const { features, group, values } = prepared.pool[row]
    return {
      features,
      group,
      values: HEADS.map(head => (task.heads.includes(head) ? values[COLUMN[head]] : null)),
    }
  })
  return {
    seed,
    learned,
    wanted: task.heads,
    batch,
    read: readCases,
    ...(strategy.needs.includes('draws') ? { draws: drawsOf(prepared, task, heads, open, seed) } : {}),
  }
}

function drawsOf(prepared, task, heads, open, seed) {
  const random = seededRandom(seed).fork('dropout')
  const each = heads.map(head => dropped(prepared, head, open, random))
  return each[0].map((_, draw) => {
    const rows = new Float64Array(open.length * HEADS.length).fill(0.5)
    task.heads.forEach((head, place) => {
      each[place][draw].forEach((probability, at) => {
        rows[at * HEADS.length + HEADS.indexOf(head)] = probability
      })
    })
    return rows
  })
}
