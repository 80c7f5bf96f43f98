/**
 * Ours against PyTorch on the CPU of this machine, in the same run: images a second, ratios, highest memory.
 * Run: npm run bench:trainer -- [--quick] [--json] [--only NAME[,NAME]] [--backends native,wasm] [--rounds 5]
 *        [--seconds 2] [--size 224] [--python PYTHON] [--data FOLDER]
 * `--quick`: EfficientNet-Lite0 and ResNet18, three short rounds. Both sides take turns, so that what else the machine
 * does falls on both; the ratio is ours over theirs, above 1 ours is faster. Without --python or LESIONLOOP_PYTHON an
 * environment with PyTorch is made in the user's cache.
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pythonWithTorch } from './trainer-python.mjs'
import { ours, pytorch, race, table } from './trainer-race.mjs'
import { shareWaited } from './trainer-waited.mjs'

const root = join(import.meta.dirname, '..', '..')
const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    work: { type: 'string' },
    backends: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    size: { type: 'string', default: '224' },
    python: { type: 'string' },
    data: { type: 'string', default: join(root, '..', 'shared', 'data') },
  },
})

/** Backbones with the pictures a step that the targets were set with: inference, training. */
const NETWORKS = {
  resnet18: [8, 8],
  densenet169: [8, 4],
  'efficientnet-b0': [8, 8],
  'efficientnet-lite0': [8, 8],
}
/** Least ratios to PyTorch; wasm has one for training only. */
const TARGETS = { native: { infer: 1, train: 0.95 }, wasm: { train: 0.25 } }

const { cacheFolder } = await import(join(root, 'dist', 'trainer', 'weights', 'cache-folder.js'))
const { chooseBackend } = await import(join(root, 'dist', 'trainer', 'backend', 'choose-backend.js'))
const quick = ['efficientnet-lite0', 'resnet18']
const names = given.only?.split(',') ?? (given.quick ? quick : Object.keys(NETWORKS))
for (const name of names)
  if (!NETWORKS[name]) throw new Error(`bench: ${name}: expected ${Object.keys(NETWORKS)}`)
const settings = {
  rounds: Number(given.rounds ?? (given.quick ? 3 : 5)),
  seconds: Number(given.seconds ?? (given.quick ? 1 : 2)),
}
const backends = given.backends?.split(',') ?? (await installed())
const python = pythonWithTorch(given.python ?? process.env.LESIONLOOP_PYTHON, cacheFolder())
const say = line => given.json || console.log(line)

const results = []
for (const backend of backends)
  for (const name of names)
    for (const [at, work] of ['infer', 'train'].entries()) {
      if (given.work && given.work !== work) continue
      const task = { name, work, batch: NETWORKS[name][at], size: Number(given.size) }
      const sides = [() => ours(task, backend), () => pytorch(task, python)]
      const outcome = await race(task, sides, settings).catch(error => ({ ...task, failed: error.message }))
      results.push({ backend, target: TARGETS[backend]?.[work] ?? null, ...outcome })
      say(row(results.at(-1)).join('  '))
    }
const waited = existsSync(join(given.data, 'covid-ct')) ? await shareWaited(given.data, backends[0]) : null

if (given.json) console.log(JSON.stringify({ machine: machine(), settings, results, waited }))
else {
  const head = ['backbone', 'backend', 'work', 'batch', 'ours/s', 'PyTorch/s', 'ratio', '(least', 'most)']
  console.log(`\n${machine()}; images a second, medians of ${settings.rounds} rounds in turn`)
  console.log(table([...head, 'target', 'MB', 'PyTorch', ''], results.map(row)))
  console.log(
    waited
      ? `\nwaited for pictures: ${(100 * waited.share).toFixed(1)} % of a step's time (${waited.about})`
      : `\nwaited for pictures: not measured, no covid-ct folder in ${given.data}`,
  )
}
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0

function row({ name, backend, work, batch, target, failed, ...found }) {
  if (failed) return [name, backend, work, batch, ...Array(7).fill('n/a'), failed.split('\n')[0].slice(0, 80)]
  const { imagesPerSecond, ratio, megabytes } = found
  const fixed = value => value.toFixed(2)
  return [
    name,
    backend,
    work,
    batch,
    ...imagesPerSecond.map(speed => speed.toFixed(1)),
    fixed(ratio.median),
    fixed(ratio.min),
    fixed(ratio.max),
    target === null ? '' : fixed(target),
    ...megabytes,
    target === null || ratio.median >= target ? '' : 'below target',
  ]
}

function machine() {
  const [first] = cpus()
  return `${cpus().length} cores, ${first?.model.trim() ?? 'unknown'}, Node ${process.version}`
}

/** native where it is installed, and wasm. */
async function installed() {
  try {
    await chooseBackend('native')
    return ['native', 'wasm']
  } catch (error) {
    console.error(`bench: ${error.message}`)
    return ['wasm']
  }
}
