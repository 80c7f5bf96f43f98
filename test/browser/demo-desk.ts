import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { type RunningServer, startServer } from '../../annotator/server/start.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { onceARun } from './once-a-run.ts'

/** The demo corpus with its first cycle, as `lesionloop demo` fills it; DIAGNOSE_WORKSPACE takes one that is there. */
const filledDemo = async () =>
  process.env['DIAGNOSE_WORKSPACE'] ??
  (await onceARun('demo', folder =>
    promisify(execFile)(process.execPath, [packagePath('dist', 'cli.js'), 'demo', '--workspace', folder]),
  ))

/** A server over a copy of the demo, cleared away after the test that calls this. */
export async function demoDesk(): Promise<{ server: RunningServer; dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-demo-'))
  await cp(await filledDemo(), dir, { recursive: true })
  const server = await startServer({ workspace: dir })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { server, dir }
}
