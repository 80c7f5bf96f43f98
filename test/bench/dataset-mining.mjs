// What mining costs: PDFs and captions a second over the pool of workers, as the command line does it.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Memory of a process and all below it in megabytes; shared pages count for each. */
function treeMegabytes(pid) {
  const parents = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const parent = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').pop().split(' ')[1]
      parents.set(name, parent)
    } catch {
      // It ended while we looked.
    }
  }
  const belongs = each => each === String(pid) || (parents.has(each) && belongs(parents.get(each)))
  let sum = 0
  for (const each of parents.keys()) {
    if (!belongs(each)) continue
    try {
      sum += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // As above.
    }
  }
  return sum / 1024
}

/** Runs a verb of the built command line: `{seconds, megabytes, result}`. */
function run(args) {
  const started = performance.now()
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let out = ''
  let megabytes = 0
  const watch = setInterval(() => {
    megabytes = Math.max(megabytes, treeMegabytes(child.pid))
  }, 250)
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text
  })
  return new Promise((resolve, reject) => {
    child.on('close', () => {
      clearInterval(watch)
      try {
        const seconds = (performance.now() - started) / 1000
        resolve({ seconds, megabytes, result: JSON.parse(out.trim().split('\n').at(-1)) })
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** Prints what mining the PDFs costs by the number of workers: the demo corpus, and real papers where they are. */
export async function printMining() {
  const sources = { 'demo corpus': join(root, 'data', 'demo', 'corpus') }
  const real = join(root, '..', 'shared', 'data', 'pdfs')
  if (existsSync(real)) sources['real papers'] = real
  else console.log('bench:dataset: no ../shared/data/pdfs, so real papers are left out')
  console.log(
    '| mining | workers | documents | captions | seconds | documents/s | captions/s | MB, all processes |',
  )
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: |')
  for (const [name, folder] of Object.entries(sources))
    for (const workers of ['1', '2']) {
      const dir = mkdtempSync(join(tmpdir(), 'lesionloop-bench-mine-'))
      try {
        const { seconds, megabytes, result } = await run([
          'mine',
          folder,
          '--workspace',
          join(dir, 'workspace'),
          '--workers',
          workers,
          '--no-duplicates',
        ])
        const { mined, figures } = result
        console.log(
          `| ${name} | ${workers} | ${mined} | ${figures} | ${seconds.toFixed(1)} | ${(mined / seconds).toFixed(2)} | ${(figures / seconds).toFixed(1)} | ${megabytes.toFixed(0)} |`,
        )
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    }
}
