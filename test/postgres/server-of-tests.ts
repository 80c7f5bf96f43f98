import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Where Debian puts the server's programs, a folder a version. */
const DEBIAN = '/usr/lib/postgresql'

/** A real PostgreSQL on a socket of its own, in a folder that goes when it is stopped. */
export interface PostgresOfTests {
  /** Makes an empty database; its address. */
  newDatabase(): Promise<string>
  /** Kills the server at once, all its processes with it, as a power cut would; waits until they are gone. */
  kill(): Promise<void>
  /** Stops it without waiting for anybody: open connections break, what was not committed is lost. */
  stopAtOnce(): Promise<void>
  /** Starts it again after either, and waits until it answers. */
  start(): Promise<void>
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

function programs(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined
  const versions = readdirSync(DEBIAN).filter(name => existsSync(join(DEBIAN, name, 'bin', 'initdb')))
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest !== undefined && Number(newest) >= 15 ? join(DEBIAN, newest, 'bin') : undefined
}

/**
 * Whether a PostgreSQL 15 or later is installed. Where it is not, says so in one line, so that the tests that need it
 * can be skipped; in CI that is a failure.
 */
export function hasPostgres(): boolean {
  if (programs()) return true
  const line = `postgresql: no server of version 15 or later under ${DEBIAN}; install it (apt-get install postgresql) to run the tests that need it`
  if (process.env['CI'] === 'true') throw new Error(line)
  console.warn(`${line} (skipped)`)
  return false
}

/** PostgreSQL refuses to run as root: then it runs as the user its package made. */
function runAs(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/**
 * Makes and starts a server. Everything is written through to the disk (fsync is on), as in real use.
 * @param settings further settings of postgresql.conf
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresOfTests> {
  const bin = programs()
  if (!bin) throw new Error('postgresql: not installed; ask hasPostgres first')
  const as = runAs()
  const folder = mkdtempSync(join(tmpdir(), 'lesionloop-pg-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  for (const path of [folder, data]) if (as.uid !== undefined) chownSync(path, as.uid, as.gid!)
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  let server: ChildProcess | undefined
  let log = ''
  const address = (database: string) =>
    `postgres:///${database}?host=${encodeURIComponent(folder)}&user=postgres`
  const all = { unix_socket_directories: folder, listen_addresses: '', max_connections: '100', ...settings }

  async function ask(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: address('postgres') })
    // A server that goes down under an open connection is no failure of the test that made it.
    client.on('error', () => undefined)
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(join(bin!, 'postgres'), ['-D', data, ...options], {
      ...as,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    child.stderr!.on('data', (part: Buffer) => {
      log = (log + part.toString()).slice(-20_000)
    })
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`postgresql: ended: ${log}`)
      try {
        return await ask('select 1')
      } catch {
        await delay(50)
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = server
    server = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    if (signal === 'SIGKILL') for (const pid of childrenOf(child.pid!)) process.kill(pid, 'SIGSTOP')
    child.kill(signal)
    if (signal === 'SIGKILL') for (const pid of childrenOf(child.pid!, true)) killed(pid)
    await gone
    // The new server refuses to start while a process of the old one holds the shared memory.
    if (signal === 'SIGKILL') await delay(200)
  }

  /** Processes the server started, found before it is gone and they are others' children. */
  let family: number[] = []
  function childrenOf(parent: number, again = false): number[] {
    if (again) return family
    family = readdirSync('/proc').flatMap(name => {
      if (!/^\d+$/.test(name)) return []
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return Number(fields[1]) === parent ? [Number(name)] : []
      } catch {
        return []
      }
    })
    return family
  }
  function killed(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone by itself.
    }
  }

  const atExit = () => void server?.kill('SIGQUIT')
  process.on('exit', atExit)
  let databases = 0
  await start()
  return {
    async newDatabase() {
      const name = `test_${process.pid}_${++databases}`
      await ask(`create database ${name}`)
      return address(name)
    },
    kill: () => end('SIGKILL'),
    stopAtOnce: () => end('SIGQUIT'),
    start,
    async close() {
      await end('SIGQUIT')
      process.off('exit', atExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
