/** Documents a second with 1 and 2 workers on the queue: PDFs of the demo's corpus, a copy under another name each. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const cli = join(root, 'dist', 'cli.js')
const corpus = join(root, 'data', 'demo', 'corpus')
const START_MS = 4000

/** @returns files of the corpus as often as they are wanted, each of other bytes. */
export async function makeDocuments(folder, count) {
  await mkdir(folder, { recursive: true })
  const names = (await readdir(corpus)).filter(name => name.endsWith('.pdf')).sort()
  const files = []
  for (let at = 0; at < count; at++) {
    const name = names[at % names.length]
    const path = join(folder, `${Math.floor(at / names.length)}-${name}`)
    await writeFile(path, Buffer.concat([await readFile(join(corpus, name)), Buffer.from(`\n% ${at}\n`)]))
    files.push(path)
  }
  return files
}

const run = (args, database) =>
  spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, LESIONLOOP_DATABASE: database },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Workers wait already when the documents are put in, as they do where they always run. */
export async function mineWith({ workers, folder, files, database }) {
  await mkdir(folder, { recursive: true })
  const { openWorkspace } = await import(join(root, 'dist/data/workspace/open.js'))
  await openWorkspace(folder, { create: true })
  const running = Array.from({ length: workers }, () =>
    run(
      ['worker', '--workspace', folder, '--kinds', 'mine', '--workers', '1', '--no-gpu', '--quiet'],
      database,
    ),
  )
  const said = []
  for (const each of running) each.stderr.on('data', part => said.push(String(part)))
  try {
    await new Promise(resolve => setTimeout(resolve, START_MS))
    const began = performance.now()
    const verb = run(['mine', ...files, '--workspace', folder, '--json'], database)
    let out = ''
    let problems = ''
    verb.stdout.on('data', part => {
      out += part
    })
    verb.stderr.on('data', part => {
      problems += part
    })
    const [code] = await once(verb, 'exit')
    const seconds = (performance.now() - began) / 1000
    if (code !== 0)
      throw new Error(`bench: mine ended with ${code}: ${problems.slice(-500)} ${said.join('').slice(-500)}`)
    return { workers, documents: files.length, seconds, perSecond: files.length / seconds, out }
  } finally {
    for (const each of running) each.kill('SIGTERM')
    await Promise.all(running.map(each => each.exitCode === null && once(each, 'exit')))
  }
}
