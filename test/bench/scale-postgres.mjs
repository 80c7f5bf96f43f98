/**
 * A PostgreSQL of the bench's own, in a folder that goes with it: fsync on, on a socket, with the settings that
 * docs/deploy.md advises for a machine like this one.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

const DEBIAN = '/usr/lib/postgresql'
/** Beside the defaults of the package; printed with the figures. */
export const SETTINGS = {
  shared_buffers: '1GB',
  maintenance_work_mem: '512MB',
  max_wal_size: '8GB',
  random_page_cost: '1.1',
}

function programs() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).filter(name => Number(name) >= 15) : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  if (newest) return join(DEBIAN, newest, 'bin')
  throw new Error(`bench: no PostgreSQL 15 or later under ${DEBIAN}; install it (apt-get install postgresql)`)
}

/** It refuses to run as root. */
function runAs() {
  if (process.getuid?.() !== 0) return {}
  const id = flag => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** @param within the folder in which its own is made. */
export async function startPostgres(within = tmpdir()) {
  const bin = programs()
  const as = runAs()
  const folder = mkdtempSync(join(within, 'lesionloop-scale-pg-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  for (const path of [folder, data]) if (as.uid !== undefined) chownSync(path, as.uid, as.gid)
  const how = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']
  execFileSync(join(bin, 'initdb'), how, { ...as, cwd: folder, stdio: 'ignore' })
  const settings = {
    unix_socket_directories: folder,
    listen_addresses: '',
    max_connections: '200',
    ...SETTINGS,
  }
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, cwd: folder, stdio: 'ignore' },
  )
  const atExit = () => void child.kill('SIGQUIT')
  process.on('exit', atExit)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  const address = `postgres:///postgres?host=${encodeURIComponent(folder)}&user=postgres`
  const client = await connected(address, child)
  return {
    address,
    data,
    version: (await client.query('show server_version')).rows[0].server_version,
    /** Rows of one question. */
    ask: async (sql, values) => (await client.query(sql, values)).rows,
    /** A client more. */
    connect: () => connected(address, child),
    /** MB that its processes hold together, what they share counted once (Linux). */
    memory: () => memoryOf([child.pid, ...childrenOf(child.pid)]),
    async close() {
      await client.end().catch(() => undefined)
      child.kill('SIGQUIT')
      if (child.exitCode === null) await once(child, 'exit')
      process.off('exit', atExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function connected(connectionString, child) {
  for (;;) {
    const client = new pg.Client({ connectionString })
    // It goes down under whoever still holds a connection.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (child.exitCode !== null) throw new Error('bench: PostgreSQL did not start', { cause: error })
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

function childrenOf(parent) {
  return readdirSync('/proc').filter(name => {
    if (!/^\d+$/.test(name)) return false
    try {
      return Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === parent
    } catch {
      return false
    }
  })
}

/** Proportional set size: each shared page by the share of it. */
function memoryOf(pids) {
  let kilobytes = 0
  for (const pid of pids)
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
    } catch {
      // It ended meanwhile.
    }
  return Math.round(kilobytes / 1024)
}
