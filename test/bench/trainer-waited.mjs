/**
 * The share of training's time in which the step waited for pictures: fine-tuning's own batches over COVID-CT's files,
 * decoded, changed and normalised in threads while EfficientNet-Lite0 learns. The second epoch counts, as all after it.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const here = import.meta.dirname
const STEPS = 20
const BATCH = 8

/** In a process of its own, since a process holds one backend. @returns {{share: number, about: string}} */
export function shareWaited(data, backend) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, data, backend], {
    encoding: 'utf8',
    cwd: join(here, '..', '..'),
  })
  const line = stdout.split('\n').find(text => text.startsWith('{'))
  if (status !== 0 || !line) throw new Error(`bench: waiting for pictures: ${stderr.trim().slice(-500)}`)
  return JSON.parse(line)
}

if (process.argv[1] === import.meta.filename) {
  const [data, wanted] = process.argv.slice(2)
  const { readdirSync } = await import('node:fs')
  const load = path => import(join(here, '..', '..', 'dist', path))
  const tf = await import('@tensorflow/tfjs-core')
  const { chooseBackend } = await load('trainer/backend/choose-backend.js')
  const { backboneNamed } = await load('trainer/backbones/load.js')
  const { openBatches } = await load('trainer/pictures/batches.js')
  const { readFinetuneOptions } = await load('trainer/finetune/options.js')
  const { openStep } = await import('./trainer-step.mjs')
  await chooseBackend(wanted)
  const backbone = backboneNamed('efficientnet-lite0')
  const { preprocessing } = backbone
  const { augment } = readFinetuneOptions({})
  const folder = join(data, 'covid-ct', 'images')
  const files = readdirSync(folder, { recursive: true }).filter(name => /\.(png|jpe?g)$/i.test(name))
  const items = files
    .filter((_, at) => at % Math.floor(files.length / (STEPS * BATCH)) === 0)
    .slice(0, STEPS * BATCH)
    .map(name => ({ id: name, path: join(folder, name) }))
  const order = Int32Array.from(items, (_, at) => at)
  const step = await openStep(load, backbone, BATCH)
  const epoch = async number => {
    let waited = 0
    const start = performance.now()
    const options = { items, order, batch: BATCH, augment, preprocessing, seed: 1, epoch: number, workers: 1 }
    for await (const { x, ids, waitedMs } of openBatches(options)) {
      waited += waitedMs
      const input = tf.tensor4d(x, [ids.length, preprocessing.size, preprocessing.size, 3])
      step(input)
      input.dispose()
    }
    return waited / (performance.now() - start)
  }
  await epoch(0)
  const share = await epoch(1)
  const about = `efficientnet-lite0 on ${wanted}, ${items.length} pictures, batch ${BATCH}, 1 thread`
  console.log(JSON.stringify({ share, about }))
  process.exit(0)
}
