/**
 * One side of the race of `trainer.mjs`: a network of ours with random weights, in a process of its own.
 * node trainer-ours.mjs BACKBONE train|infer BATCH SIZE BACKEND DIST
 * Says {ready, …} when it has run once, then answers each line `N` on its input with the seconds of N steps; at the end
 * of its input it says its highest memory.
 */
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import * as tf from '@tensorflow/tfjs-core'
import { openStep, randomWeights } from './trainer-step.mjs'

const [name, work, batch, size, wanted, dist] = process.argv.slice(2)
const load = path => import(join(resolve(dist), path))
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

/** The frozen network, norms folded, to the mean of its last map. */
async function inference() {
  const { EVALUATION } = await load('trainer/ops/mode.js')
  const { globalMean } = await load('trainer/ops/pooling.js')
  const weights = await randomWeights(load, backbone)
  const parameters = backbone.prepare(weights)
  tf.dispose([...weights.values()])
  return count => {
    for (let at = 0; at < count; at++)
      tf.tidy(() => globalMean(backbone.trainable.maps(parameters, input, EVALUATION)).dataSync())
  }
}

async function training() {
  const step = await openStep(load, backbone, Number(batch))
  return count => {
    for (let at = 0; at < count; at++) step(input)
  }
}
