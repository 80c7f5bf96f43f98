/**
 * `npm test`: installs and builds what is missing, then lint, types, unit, end-to-end in a real browser. Arguments
 * go to vitest: `npm test -- --project extractor`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { install, root } from './ready.mjs'

install()
const { build } = await import('./build.mjs')
const bin = name => join(root, 'node_modules', '.bin', name)
const step = (name, file, args) => {
  console.error(`\n${name}`)
  const started = Date.now()
  const { status } = spawnSync(file, args, { cwd: root, stdio: 'inherit' })
  console.error(
    `${name}: ${status === 0 ? 'well' : 'failed'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  )
  return status === 0
}

const partial = process.argv.length > 2
const lint = partial || step('lint', bin('biome'), ['check', '.'])
const types =
  partial ||
  (step('types', bin('tsc'), ['--noEmit']) &&
    step('types of the page', bin('tsc'), ['--noEmit', '-p', 'annotator/ui']))
console.error('\nbuild')
build({ ifStale: true })

const folder = join(root, 'node_modules', '.lesionloop')
const summary = join(folder, 'tests.json')
mkdirSync(folder, { recursive: true })
rmSync(summary, { force: true })
const tests = step('tests', bin('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${summary}`,
  ...process.argv.slice(2),
])

let failed = (lint ? 0 : 1) + (types ? 0 : 1)
let passed = 0
let skipped = 0
if (existsSync(summary)) {
  const counts = JSON.parse(readFileSync(summary, 'utf8'))
  passed = counts.numPassedTests
  skipped = counts.numPendingTests + (counts.numTodoTests ?? 0)
  // A file that does not even load holds no failed test, but has failed.
  failed += Math.max(counts.numFailedTests, tests ? 0 : 1)
} else failed += 1
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
