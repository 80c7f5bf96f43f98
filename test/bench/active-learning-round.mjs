/** What a round costs in a large pool: retrain the heads, score 100,000 cached cases, shortlist, choose with diversity. */
import { join } from 'node:path'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const CASES = 100_000
const WIDTH = 432
const READ = 500
/** Settings are chosen out of fold in a full cycle; a round between two cycles keeps them. */
const LEARNED_AGAIN = { penalties: [100], lambdas: [0.3] }

export async function timeRound(rounds = 3) {
  const { chooseBackend } = await dist('trainer/backend/choose-backend.js')
  const { learn, DEFAULT_LEARNING } = await dist('trainer/fit/learn.js')
  const { DEFAULT_TEACHING } = await dist('trainer/fit/targets.js')
  const { modelProbabilities } = await dist('trainer/model/trained-model.js')
  const { rankPool } = await dist('trainer/cycle/rank.js')
  const { seededRandom } = await dist('data/statistics/random.js')
  const { HEADS } = await dist('data/records/vocabulary.js')
  const backend = await chooseBackend('auto')
  const random = seededRandom(1)
  const values = () => HEADS.map(() => (random.chance(0.3) ? 1 : 0))
  const row = labels => Float32Array.from({ length: WIDTH }, (_, k) => 2 * random.next() - 1 + labels[k % 6])
  const read = Array.from({ length: READ }, (_, at) => {
    const labels = values()
    return { group: `read ${at % 200}`, features: row(labels), values: labels }
  })
  const examples = read.map(one => ({
    group: one.group,
    features: one.features,
    lesson: one.values.map(value => ({ value, source: 'expert' })),
  }))
  const x = new Float32Array(CASES * WIDTH)
  const features = Array.from({ length: CASES }, (_, at) => {
    x.set(row(values()), at * WIDTH)
    return x.subarray(at * WIDTH, (at + 1) * WIDTH)
  })
  const round = async () => {
    const marks = [now()]
    const options = { ...DEFAULT_LEARNING, ...LEARNED_AGAIN, teaching: DEFAULT_TEACHING }
    const { model } = await learn(examples, [], options)
    marks.push(now())
    const all = modelProbabilities(model, x)
    marks.push(now())
    const pool = features.map((one, at) => ({
      case: `case ${at}`,
      features: one,
      group: `group ${at % 20_000}`,
      probabilities: all.subarray(at * 6, at * 6 + 6),
    }))
    const queue = rankPool(pool, { strategy: 'balanced', seed: 1, learned: HEADS, read })
    marks.push(now())
    if (queue.length !== CASES) throw new Error('bench: the queue is not the pool')
    return {
      retrain: between(marks[0], marks[1]),
      score: between(marks[1], marks[2]),
      'shortlist and choose': between(marks[2], marks[3]),
      'in all': between(marks[0], marks[3]),
    }
  }
  const times = []
  for (let at = 0; at < rounds; at++) times.push(await round())
  const middle = times.toSorted((one, other) => one['in all'].wall - other['in all'].wall)[rounds >> 1]
  const said = Object.entries(middle).map(
    ([step, { wall, cpu }]) => `${step} ${wall.toFixed(2)} s (${cpu.toFixed(2)})`,
  )
  return `a round in a pool of ${CASES} cases, ${READ} read (${backend.name}, median of ${rounds}; in brackets the processor's seconds): ${said.join(', ')}`
}

/** Wall clock and processor time in seconds: where the machine has other work too, only the latter is telling. */
function now() {
  const { user, system } = process.cpuUsage()
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 }
}

const between = (one, other) => ({ wall: other.wall - one.wall, cpu: other.cpu - one.cpu })
