import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { inject, onTestFinished } from 'vitest'
import { type RunningServer, startServer } from '../../annotator/server/start.ts'
import { packagePath } from '../../data/workspace/package-root.ts'

/** The demo corpus with its first cycle, as `lesionloop demo` fills it: once a run, by whichever file asks first. */
async function filledDemo(): Promise<string> {
  const given = process.env['DIAGNOSE_WORKSPACE']
  if (given) return given
  const [ready, making] = ['demo', 'demo-making'].map(name => join(inject('runFolder'), name)) as [
    string,
    string,
  ]
  while (!existsSync(ready)) {
    const isOurs = await mkdir(making).then(
      () => true,
      () => false,
    )
    if (!isOurs) await wait(100)
    else
      try {
        const cli = packagePath('dist', 'cli.js')
        await promisify(execFile)(process.execPath, [cli, 'demo', '--workspace', making])
        await rename(making, ready)
      } finally {
        // After a failure the next who asks tries again.
        await rm(making, { recursive: true, force: true })
      }
  }
  return ready
}

/** A server over a copy of the demo, cleared away after the test that calls this. DIAGNOSE_WORKSPACE is copied instead where it is given. */
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
