/**
 * One side of the race of `trainer.mjs`: a network of ours with random weights, in a process of its own.
 * node trainer-ours.mjs BACKBONE train|infer BATCH SIZE BACKEND DIST
 * Says {ready, …} when it has run once, then answers each line `N` on its input with the seconds of N steps; at the end
 * of its input it says its highest memory.
 */
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const [name, work, batch, size, wanted, dist] = process.argv.slice(2)
const load = path => import(join(resolve(dist), path))
const tf = await load('trainer/tensors.js').catch(() => import('@tensorflow/tfjs-core'))
const { chooseBackend } = await load('trainer/backend/choose-backend.js')
const { backboneNamed } = await load('trainer/backbones/load.js')
const { seededRandom } = await load('data/statistics/random.js')
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`)

const backend = await chooseBackend(wanted)
const backbone = backboneNamed(name)
const random = seededRandom(1)
const shape = [Number(batch), Number(size), Number(size), 3]
const input = tf.tensor4d(
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  shape,
)
const run = await (work === 'train' ? training() : inference())
run(1)
say({ ready: true, backend: backend.reason })
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now()
  run(Number(line))
  say({ seconds: (performance.now() - start) / 1000 })
}
say({ bytes: process.resourceUsage().maxRSS * 1024 })
process.exit(0)

/** As torch's networks begin: He et al. 2015; norms that change nothing. */
function raw() {
  return new Map(
    [...backbone.shapes].map(([key, lengths]) => {
      const length = lengths.reduce((a, b) => a * b, 1)
      const deviation = Math.sqrt(2 / (length / lengths[0]))
      const one = key.endsWith('running_var') || (lengths.length === 1 && key.endsWith('.weight'))
      const value = lengths.length > 1 ? () => random.normal(0, deviation) : () => (one ? 1 : 0)
      return [key, tf.tensor(Float32Array.from({ length }, value), lengths)]
    }),
  )
}

/** The frozen network, norms folded, to the mean of its last map. */
async function inference() {
  const { EVALUATION } = await load('trainer/ops/mode.js')
  const { globalMean } = await load('trainer/ops/pooling.js')
  const parameters = backbone.prepare(raw())
  return count => {
    for (let at = 0; at < count; at++)
      tf.tidy(() => globalMean(backbone.trainable.maps(parameters, input, EVALUATION)).dataSync())
  }
}

/** The step of fine-tuning itself: forward, backward, AdamW; without what PyTorch's side doesn't do. */
async function training() {
  const { trainingStep } = await load('trainer/finetune/training-step.js')
  const { learningNames } = await load('trainer/finetune/training-step.js')
  const { newHeads } = await load('trainer/finetune/network.js')
  const { newOptimizerState } = await load('trainer/finetune/optimizer.js')
  const { readFinetuneOptions } = await load('trainer/finetune/options.js')
  const { lossTable } = await load('trainer/model/losses/loss-table.js')
  const network = backbone.trainable
  const options = readFinetuneOptions({ ema: 0, clip: 0, dropout: 0, batch: Number(batch) })
  const parameters = new Map([...network.arrange(raw()), ...newHeads(network.channels, 1)])
  const learning = { parameters, average: null, optimizer: newOptimizerState(), steps: 0 }
  const names = learningNames(network, parameters.keys(), options, 0, true)
  const values = Array.from({ length: Number(batch) * 6 }, () => (random.chance(0.5) ? 1 : 0))
  const table = lossTable(
    values,
    values.map(() => 1),
    0.5,
  )
  return count => {
    for (let at = 0; at < count; at++)
      trainingStep(network, learning, names, { input, table, rate: 1e-3 }, options)
  }
}
