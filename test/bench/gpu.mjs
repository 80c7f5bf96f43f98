/**
 * The GPU of this machine against its CPU, both with our own training and inference: images a second, memory, and the
 * device by its name; where a PyTorch that sees the GPU is given, against that too.
 * Run: npm run bench:gpu -- [--quick] [--json] [--rounds 5] [--batch 32] [--python PYTHON]
 * Where no GPU can be used it says why in one line and measures nothing.
 */
import { parseArgs } from 'node:util'
import { ours, pytorch, race, table } from './trainer-race.mjs'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    batch: { type: 'string', default: '32' },
    python: { type: 'string', default: process.env.LESIONLOOP_PYTHON },
  },
})

const device = await gpu()
if (device) await measure(device)

/** What the GPU is, asked of the backend itself in a process of its own; null, said in a line, where there is none. */
async function gpu() {
  const task = { name: 'efficientnet-lite0', work: 'infer', batch: 1, size: 64 }
  try {
    const probe = await ours(task, 'gpu')
    await probe.end()
    return probe.ready.backend
  } catch (error) {
    const why = error.message.match(/backend: gpu: .*/)?.[0] ?? error.message.split('\n')[0]
    if (given.json) console.log(JSON.stringify({ device: null, why, results: [] }))
    else console.log(`bench: no GPU was measured: ${why}`)
    return null
  }
}

async function measure(device) {
  const settings = { rounds: Number(given.rounds ?? (given.quick ? 3 : 5)), seconds: given.quick ? 1 : 3 }
  const names = given.quick
    ? ['efficientnet-lite0']
    : ['resnet18', 'densenet169', 'efficientnet-b0', 'efficientnet-lite0']
  const results = []
  for (const name of names)
    for (const work of ['infer', 'train']) {
      const task = { name, work, batch: Number(given.batch), size: 224 }
      const against = [['native', () => ours(task, 'native')]]
      if (given.python) against.push(['PyTorch', () => pytorch(task, given.python, 'cuda')])
      for (const [other, start] of against) {
        const found = await race(task, [() => ours(task, 'gpu'), start], settings).catch(error => ({
          failed: error.message,
        }))
        results.push({ ...task, other, memory: await cardMemory(task), ...found })
      }
    }
  if (given.json) return console.log(JSON.stringify({ device, settings, results }))
  console.log(`${device}; images a second, medians of ${settings.rounds} rounds in turn`)
  console.log(
    table(
      ['backbone', 'work', 'batch', 'GPU/s', 'against', 'its/s', 'ratio', 'MB', 'MB on the card'],
      results.map(({ name, work, batch, other, failed, imagesPerSecond, ratio, megabytes, memory }) =>
        failed
          ? [name, work, batch, 'n/a', other, 'n/a', failed.split('\n')[0].slice(0, 80), 'n/a', 'n/a']
          : [
              name,
              work,
              batch,
              imagesPerSecond[0],
              other,
              imagesPerSecond[1],
              ratio.median,
              megabytes[0],
              memory,
            ],
      ),
    ),
  )
}

/** Memory of the card while a task runs, as the driver counts it; n/a where nvidia-smi is missing. */
async function cardMemory(task) {
  const running = await ours(task, 'gpu').catch(() => null)
  if (!running) return 'n/a'
  await running.seconds(2)
  const asked = await new Promise(resolve => {
    import('node:child_process').then(({ execFile }) =>
      execFile('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], (error, out) =>
        resolve(error ? 'n/a' : Number(out.split('\n')[0])),
      ),
    )
  })
  await running.end()
  return asked
}
