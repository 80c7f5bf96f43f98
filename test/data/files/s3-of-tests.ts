import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The version that .ci/run builds too. */
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'

/** A real S3-compatible server over a folder of its own, which goes when it is closed. */
export interface S3OfTests {
  endpoint: string
  /** Where the objects are as files: a folder for each bucket. */
  folder: string
  /** Makes an empty bucket; its name. */
  newBucket(): string
  close(): Promise<void>
}

let built: string | undefined

function program(): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin')]
  const found = places.map(place => join(place, 'versitygw')).find(path => existsSync(path))
  if (found) return found
  try {
    execFileSync('go', ['install', VERSITYGW], { stdio: 'ignore', env: { ...process.env, CGO_ENABLED: '0' } })
  } catch {
    return undefined
  }
  return join(homedir(), 'go', 'bin', 'versitygw')
}

/**
 * Whether an S3-compatible server is here, or can be built. Where it is not, says so in one line, so that the tests that
 * need it can be skipped; in CI that is a failure, unless .ci/run has said aloud that it could not be built.
 */
export function hasS3(): boolean {
  built ??= program()
  if (built) return true
  const line = `versitygw: not on PATH, not in ~/go/bin, and no Go to build it; go install ${VERSITYGW} to run the tests of object storage`
  if (process.env['CI'] === 'true' && !process.env['LESIONLOOP_TESTS_WITHOUT_S3']) throw new Error(line)
  console.warn(`${line} (skipped)`)
  return false
}

/** Credentials of the server of tests, where the SDK looks for them. */
export const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'tester', AWS_SECRET_ACCESS_KEY: 'for-tests-alone' }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the server and sets its credentials in this process's environment. */
export async function startS3(): Promise<S3OfTests> {
  const folder = mkdtempSync(join(tmpdir(), 'lesionloop-s3-'))
  const objects = join(folder, 'objects')
  const besides = join(folder, 'sidecar')
  for (const path of [objects, besides]) mkdirSync(path)
  const port = await freePort()
  const child: ChildProcess = spawn(
    built!,
    [
      ...['--access', CREDENTIALS.AWS_ACCESS_KEY_ID, '--secret', CREDENTIALS.AWS_SECRET_ACCESS_KEY],
      ...['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', besides, objects],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr!.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-4000)
  })
  Object.assign(process.env, CREDENTIALS)
  const endpoint = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`versitygw: ended: ${said}`)
    if (await fetch(endpoint).then(Boolean, () => false)) break
    await delay(20)
  }
  let buckets = 0
  return {
    endpoint,
    folder: objects,
    newBucket() {
      const name = `tests-${process.pid}-${++buckets}`
      mkdirSync(join(objects, name))
      return name
    },
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}
