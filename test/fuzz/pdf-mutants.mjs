/**
 * A mutation fuzzer over real PDFs, through the built worker pool. Each mutant is a PDF with some of its bytes, numbers,
 * names or stretches changed; it must come out as figures or as a refusal in words: no worker may crash, none may stay
 * over its time limit, none may hold more memory than it is allowed.
 *
 *     node test/fuzz/pdf-mutants.mjs --mutants 2000 --seed 1
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.mjs'

const root = join(import.meta.dirname, '..', '..')
const dist = path => import(join(root, 'dist', path))
const FOLDER = join(root, '..', 'shared', 'data', 'pdfs')
/** Refusals in words. `file-crashed` is none of them: a decoder that falls over is a fault to be mended. */
const LIMITS = new Set(['file-time-limit', 'file-memory-limit'])
/** A worker is looked at every 50 ms by its watchdog: it may have grown by this much in between. */
const SLACK_MB = 256
const SAMPLE_MS = 100

/**
 * @param {{ mutants: number, seed: number, workers?: number, timeLimit?: number, memoryLimit?: number,
 *   keep?: string, small?: boolean, onMutant?: (done: number, name: string) => void }} options `keep`: where faulty
 *   mutants are put; `small`: mostly of the smallest files, each kind of change in turn
 * @returns {Promise<{ mutants: number, read: number, refused: Record<string, number>, limits: string[],
 *   faults: string[], peakMb: number, slowestS: number }>}
 */
export async function fuzzPdfs(options) {
  const { mutants, seed, workers = 2, timeLimit = 120, memoryLimit = 1536 } = options
  const [{ openPool }, { task }, { seededRandom }, { LesionloopError }] = await Promise.all([
    dist('data/pool/pool.js'),
    dist('extractor/figures/figures-task.js'),
    dist('data/statistics/random.js'),
    dist('data/errors.js'),
  ])
  const sources = readdirSync(FOLDER)
    .filter(name => name.endsWith('.pdf'))
    .map(name => ({ name, bytes: readFileSync(join(FOLDER, name)) }))
  const random = seededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'lesionloop-fuzz-'))
  const pool = openPool(task, { workers, timeLimit, memoryLimit })
  const found = { mutants, read: 0, refused: {}, limits: [], faults: [], peakMb: 0, slowestS: 0 }
  const sampling = setInterval(() => {
    found.peakMb = Math.max(found.peakMb, ...childrenMb())
  }, SAMPLE_MS)
  let next = 0
  let done = 0
  const names = Object.keys(MUTATIONS)

  async function one() {
    const number = next++
    const source = drawn(sources, random, options.small ? 1.5 : 0.5)
    const mutation = names[options.small ? number % names.length : random.integer(names.length)]
    const name = `${number} ${mutation} of ${source.name}`
    const path = join(folder, `mutant-${number}.pdf`)
    writeFileSync(path, MUTATIONS[mutation](Buffer.from(source.bytes), random))
    const started = performance.now()
    let keep = false
    const fault = what => {
      keep = true
      found.faults.push(`${name}: ${what}`)
    }
    let hung
    // The pool's own limit is what is tested; this is how a test sees that it did not hold.
    const hang = new Promise(resolve => {
      hung = setTimeout(
        () => resolve(fault('still not ended at three times its time limit')),
        3000 * timeLimit,
      )
    })
    try {
      const reading = pool.run({ path }, name).then(() => {
        found.read++
      })
      await Promise.race([reading, hang])
    } catch (error) {
      const code = error?.code
      if (!(error instanceof LesionloopError)) fault(`an error without words: ${error?.stack ?? error}`)
      else if (code === 'file-crashed') fault(error.message)
      else {
        found.refused[code] = (found.refused[code] ?? 0) + 1
        if (LIMITS.has(code)) {
          keep = true
          found.limits.push(`${name}: ${error.message}`)
        }
      }
    } finally {
      clearTimeout(hung)
      found.slowestS = Math.max(found.slowestS, (performance.now() - started) / 1000)
      if (keep && options.keep)
        writeFileSync(join(options.keep, `mutant-${seed}-${number}.pdf`), readFileSync(path))
      rmSync(path)
      options.onMutant?.(++done, name)
    }
  }
  try {
    await Promise.all(
      Array.from({ length: workers }, async () => {
        while (next < mutants) await one()
      }),
    )
  } finally {
    clearInterval(sampling)
    pool.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (found.peakMb > memoryLimit + SLACK_MB)
    found.faults.push(`a worker held ${found.peakMb.toFixed(0)} MB, its limit is ${memoryLimit}`)
  return found
}

/** Small files more often, by so great a power: they are read sooner, and a change of one byte is more of them. */
function drawn(sources, random, power) {
  const weights = sources.map(({ bytes }) => bytes.length ** -power)
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [at, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return sources[at]
  }
  return sources[0]
}

/** What the worker processes hold, in megabytes; only Linux tells. */
function childrenMb() {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim()
    return children
      .split(' ')
      .filter(Boolean)
      .map(pid => {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
        return (pages * 4096) / 2 ** 20
      })
  } catch {
    return []
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      mutants: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'string' },
      workers: { type: 'string', default: '2' },
    },
  })
  const found = await fuzzPdfs({
    mutants: Number(values.mutants),
    seed: Number(values.seed),
    workers: Number(values.workers),
    ...(values.keep ? { keep: values.keep } : {}),
    onMutant: done => done % 100 === 0 && console.error(`${done} of ${values.mutants}`),
  })
  console.log(JSON.stringify(found, null, 2))
  process.exitCode = found.faults.length > 0 ? 1 : 0
}
