/** Two sides, each a process of its own, that take turns at the same steps; and the table of what they took. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const here = import.meta.dirname

/** Starts one side and waits until it has run once. It answers in JSON lines. */
export async function side(command, args) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: join(here, '..', '..'),
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  })
  let errors = ''
  child.stderr.on('data', chunk => {
    errors = `${errors}${chunk}`.slice(-2000)
  })
  const ended = new Promise(resolve => {
    child.on('error', error => resolve({ failed: error.message }))
    child.on('exit', code => resolve({ failed: `ended with ${code}: ${errors.trim()}` }))
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${args[0]}: ${(await ended).failed}`)
      // Libraries greet on the same channel.
      if (value.startsWith('{')) return JSON.parse(value)
    }
  }
  const ready = await next()
  return {
    ready,
    async seconds(steps) {
      child.stdin.write(`${steps}\n`)
      return (await next()).seconds
    },
    /** Ends it; its highest memory. */
    async end() {
      child.stdin.end()
      return next()
    },
    kill: () => child.kill(),
  }
}

/** Our side: backbone, work, pictures a step, their size, backend. */
export const ours = ({ name, work, batch, size }, backend) =>
  side(process.execPath, [
    join(here, 'trainer-ours.mjs'),
    name,
    work,
    String(batch),
    String(size),
    backend,
    join(here, '..', '..', 'dist'),
  ])

export const pytorch = ({ name, work, batch, size }, python, device = 'cpu') =>
  side(python, [join(here, 'trainer-pytorch.py'), name, work, String(batch), String(size), device])

/**
 * Rounds in turn, so that what else the machine does falls on both; each round gives a ratio.
 * @returns images a second of both (medians), ratios (least, median, greatest), highest memory, theirs and ours.
 */
export async function race(task, open, { rounds, seconds }) {
  const sides = []
  try {
    for (const start of open) sides.push(await start())
    const one = []
    for (const each of sides) one.push(await each.seconds(1))
    // As many steps as fill a round for the faster one: the same for both.
    const steps = Math.max(1, Math.round(seconds / Math.min(...one)))
    const taken = sides.map(() => [])
    for (let round = 0; round < rounds; round++)
      for (const at of round % 2 ? [1, 0] : [0, 1]) taken[at].push(await sides[at].seconds(steps))
    const memory = []
    for (const each of sides) memory.push(await each.end())
    const speeds = taken.map(each => each.map(time => (task.batch * steps) / time))
    const ratios = sorted(speeds[0].map((speed, at) => speed / speeds[1][at]))
    return {
      ...task,
      imagesPerSecond: speeds.map(each => rounded(middle(each), 1)),
      ratio: { min: rounded(ratios[0]), median: rounded(middle(ratios)), max: rounded(ratios.at(-1)) },
      megabytes: memory.map(({ bytes }) => Math.round(bytes / 2 ** 20)),
      gpuMegabytes: memory.map(({ gpuBytes }) => gpuBytes && Math.round(gpuBytes / 2 ** 20)),
      ready: sides.map(({ ready }) => ready),
    }
  } finally {
    for (const each of sides) each.kill()
  }
}

const sorted = values => values.toSorted((a, b) => a - b)
const middle = values => sorted(values)[Math.floor(values.length / 2)]
const rounded = (value, digits = 2) => Number(value.toFixed(digits))

/** Rows of text under each other, columns aligned, the first to the left. */
export function table(head, rows) {
  const all = [head, ...rows].map(row => row.map(String))
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column].length)))
  return all
    .map(row =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
        .join('  '),
    )
    .join('\n')
}
