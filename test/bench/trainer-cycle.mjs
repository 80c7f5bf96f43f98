/**
 * What a cycle costs on this machine: features a second of both backbones, retraining both heads on 746 cached rows,
 * ranking 100,000 cases. Medians of five rounds.
 * Run: npx tsc -p tsconfig.build.json && node test/bench/trainer-cycle.mjs [--weights tf_efficientnet_lite0.safetensors]
 * The weights are ../shared/data/weights/… by default; without them only `starter` is timed. Prints one JSON line.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..', '..')
const dist = path => import(join(here, 'dist', path))
const given = process.argv.indexOf('--weights')
const weights =
  given > 0
    ? process.argv[given + 1]
    : join(here, '..', 'shared', 'data', 'weights', 'tf_efficientnet_lite0.safetensors')

const { chooseBackend } = await dist('trainer/backend/choose-backend.js')
const { loadBackbone } = await dist('trainer/backbones/load.js')
const { featuresOfInputs } = await dist('trainer/features/cached-features.js')
const { learn, DEFAULT_LEARNING } = await dist('trainer/fit/learn.js')
const { DEFAULT_TEACHING } = await dist('trainer/fit/targets.js')
const { rankPool } = await dist('trainer/cycle/rank.js')
const { seededRandom } = await dist('data/statistics/random.js')
const { HEADS } = await dist('data/records/vocabulary.js')

async function median(rounds, work) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]
}

const backend = await chooseBackend()
const random = seededRandom(1)
const features = {}
for (const [name, init] of [['starter'], ['efficientnet-lite0', weights]]) {
  if (init && !existsSync(init)) continue
  const backbone = await loadBackbone(name, init ? { init } : {})
  const { size, mean } = backbone.preprocessing
  const inputs = Array.from({ length: 8 }, () =>
    Float32Array.from({ length: size * size * mean.length }, () => random.next()),
  )
  featuresOfInputs(backbone, inputs)
  features[name] = Math.round(8e4 / (await median(5, () => featuresOfInputs(backbone, inputs)))) / 10
}

const examples = Array.from({ length: 746 }, (_, at) => {
  const values = HEADS.map(() => (random.chance(0.4) ? 1 : 0))
  return {
    group: `g${at % 150}`,
    features: Float32Array.from({ length: 432 }, (_, feature) => random.normal() + values[feature % 6]),
    lesson: values.map(value => ({ value, source: 'published' })),
  }
})
const options = { ...DEFAULT_LEARNING, teaching: DEFAULT_TEACHING }
const settings = options.penalties.length * options.lambdas.length
const learning = await median(3, () => learn(examples, [], options))
const single = { ...options, penalties: [100], lambdas: [0.3], folds: 2 }
const once = await median(3, () => learn(examples, [], single))

const pool = Array.from({ length: 100_000 }, (_, at) => ({
  case: `case ${at}`,
  probabilities: HEADS.map(() => random.next()),
}))
const ranking = await median(3, () => rankPool(pool, { strategy: 'entropy', seed: 1, learned: HEADS }))

console.log(
  JSON.stringify({
    backend: backend.reason,
    imagesPerSecond: features,
    retrainSeconds: {
      [`${settings} settings, 5 folds and the final heads`]: Math.round(learning) / 1000,
      'one setting, 2 folds and the final heads': Math.round(once) / 1000,
    },
    rank100kSeconds: Math.round(ranking) / 1000,
  }),
)
