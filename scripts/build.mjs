/** Builds dist/: the command line, the parts and the annotator's page. `--if-stale` skips what is newer than its sources. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, stampIsFresh, writeStamp } from './ready.mjs'

const bin = name => join(root, 'node_modules', '.bin', name)

export function build({ ifStale = false } = {}) {
  if (ifStale && stampIsFresh('build')) return false
  run(bin('tsc'), ['-p', 'tsconfig.build.json'])
  chmodSync(join(root, 'dist', 'cli.js'), 0o755)
  if (existsSync(join(root, 'annotator', 'ui', 'vite.config.ts')))
    execFileSync(bin('vite'), ['build', '--config', 'annotator/ui/vite.config.ts', '--logLevel', 'warn'], {
      cwd: root,
      stdio: 'inherit',
    })
  writeStamp('build')
  return true
}

if (process.argv[1] === import.meta.filename) build({ ifStale: process.argv.includes('--if-stale') })
