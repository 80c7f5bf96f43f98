/**
 * `npm run test:faults`, `npm run test:fuzz`: the tests that `npm test` runs in a short form, in their long one. Words
 * after `--` choose files: `npm run test:faults -- killed`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { install, root } from './ready.mjs'

install()
const { build } = await import('./build.mjs')
build({ ifStale: true })
const [project, ...rest] = process.argv.slice(2)
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [
  vitest,
  'run',
  // First: behind a flag without a value, vitest takes a word for its value.
  ...rest,
  '--project',
  project,
  '--reporter',
  'verbose',
  '--disable-console-intercept',
]
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, LESIONLOOP_LONG: '1' },
})
process.exitCode = status ?? 1
