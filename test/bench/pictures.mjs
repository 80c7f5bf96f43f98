/**
 * How many pictures a second the input pipeline gives, and which share of its time a training step waits for them.
 *
 *     node test/bench/pictures.mjs [FOLDER] [--step MS] [--workers N] [--size N]
 *
 * A step is a busy wait of MS for every picture, on the main thread as a kernel would: 30 is a fine-tuning step of
 * EfficientNet-Lite0 on two cores. Run it on an idle machine, after npm run build.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CT_AUGMENT, FORMAT_BLIND_AUGMENT } from '../../dist/trainer/pictures/augment-options.js'
import { openBatches } from '../../dist/trainer/pictures/batches.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { step: { type: 'string' }, workers: { type: 'string' }, size: { type: 'string' } },
})
const folder =
  positionals[0] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'covid-ct', 'images')
const size = Number(values.size ?? 224)
const items = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => /\.(png|jpe?g|dcm)$/i.test(entry.name))
  .map(({ parentPath, name }) => ({ id: name, path: join(parentPath, name) }))
  .sort((one, other) => (one.path < other.path ? -1 : 1))
const order = Int32Array.from(items, (_, at) => at)
const preprocessing = { size, channels: 'rgb', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
console.log(`${items.length} pictures at ${size} × ${size}, batches of 16`)

async function epoch(name, augment, number, step) {
  const start = performance.now()
  let [pictures, waited, leftOut] = [0, 0, 0]
  const workers = values.workers === undefined ? {} : { workers: Number(values.workers) }
  for await (const batch of openBatches({
    items,
    order,
    batch: 16,
    augment,
    preprocessing,
    seed: 1,
    epoch: number,
    ...workers,
  })) {
    pictures += batch.ids.length
    leftOut += batch.leftOut.length
    waited += batch.waitedMs
    const until = performance.now() + step * batch.ids.length
    while (performance.now() < until);
  }
  const ms = performance.now() - start
  const share =
    step > 0
      ? `, a step of ${step} ms a picture waits for ${((100 * waited) / ms).toFixed(1)} % of its time`
      : ''
  console.log(
    `${name.padEnd(28)} ${((1000 * pictures) / ms).toFixed(0).padStart(5)} pictures/s${share}; ${leftOut} left out`,
  )
}

await epoch('first epoch (decodes)', CT_AUGMENT, 0, 0)
await epoch('next epochs', CT_AUGMENT, 1, 0)
await epoch('with blur and JPEG', FORMAT_BLIND_AUGMENT, 1, 0)
await epoch('unchanged', null, 0, 0)
const step = Number(values.step ?? 30)
await epoch('next epochs', CT_AUGMENT, 2, step)
await epoch('with blur and JPEG', FORMAT_BLIND_AUGMENT, 2, step)
