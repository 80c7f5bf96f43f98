import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LesionloopError } from '../errors.ts'
import { writeFileAtomically } from './files.ts'
import type { Workspace } from './open.ts'

/** The areas of a workspace that have one writer each. */
export const AREAS = [
  'documents',
  'cases',
  'labels',
  'features',
  'cycles',
  'jobs',
  'accounts',
  'datasets',
] as const
export type Area = (typeof AREAS)[number]

export interface LockHolder {
  area: Area
  pid: number
  host: string
  /** Start of the process in the system's own terms: tells it apart from a later one with the same pid. */
  processStart: string
  /** The command, for people: "lesionloop mine". */
  command: string
  /** ISO 8601, when it was taken. */
  since: string
}

export interface Lock {
  readonly area: Area
  release(): Promise<void>
}

const held = new Set<string>()
process.on('exit', () => {
  for (const path of held) rmSync(path, { force: true })
})

/**
 * Takes the lock of an area. Announce, then look: a claim file of its own name is put down first, and taken back where
 * another living one is found, so that two can never both go on; a dead one's file has a name nobody uses again and
 * may be removed by anyone. Two that start at the same moment may both step back: each tries again after a random
 * moment.
 * @throws LesionloopError `lock-held` (details: `holder`).
 */
export async function acquireLock(
  workspace: Workspace,
  area: Area,
  { command = commandName(), attempts = 4 }: { command?: string; attempts?: number } = {},
): Promise<Lock> {
  const me: LockHolder = {
    area,
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid) ?? '',
    command,
    since: new Date().toISOString(),
  }
  for (let attempt = 1; ; attempt++) {
    const other = (await livingClaims(workspace, area))[0]
    if (!other) {
      const path = join(workspace.paths.locks, `${area}.${randomBytes(8).toString('hex')}.lock`)
      held.add(path)
      try {
        await writeFileAtomically(workspace.files, path, `${JSON.stringify(me)}\n`)
        if ((await livingClaims(workspace, area)).every(claim => claim.path === path))
          return { area, release: () => release(workspace, path) }
      } catch (error) {
        await release(workspace, path)
        throw error
      }
      await release(workspace, path)
    } else if (attempt >= attempts) throw heldBy(workspace, other.holder)
    await delay(10 + Math.random() * 40)
  }
}

/** Takes the locks of several areas, always in the same order; all or none. */
export async function acquireLocks(
  workspace: Workspace,
  areas: readonly Area[],
  command?: string,
): Promise<Lock[]> {
  const locks: Lock[] = []
  try {
    for (const area of AREAS.filter(known => areas.includes(known)))
      locks.push(await acquireLock(workspace, area, command === undefined ? {} : { command }))
    return locks
  } catch (error) {
    for (const lock of locks) await lock.release()
    throw error
  }
}

/** Runs work while holding a lock. */
export async function withLock<T>(workspace: Workspace, area: Area, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(workspace, area)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Who holds which area now. */
export async function lockHolders(workspace: Workspace): Promise<LockHolder[]> {
  const claims = await Promise.all(AREAS.map(area => livingClaims(workspace, area)))
  return claims.flat().map(claim => claim.holder)
}

async function release(workspace: Workspace, path: string): Promise<void> {
  await workspace.files.remove(path)
  held.delete(path)
}

interface Claim {
  path: string
  holder: LockHolder
}

/** Claims of living processes; those of dead ones are removed on the way. */
async function livingClaims(workspace: Workspace, area: Area): Promise<Claim[]> {
  const folder = workspace.paths.locks
  if (!existsSync(folder)) return []
  const claims: Claim[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (!name.startsWith(`${area}.`) || !name.endsWith('.lock')) continue
    const path = join(folder, name)
    const holder = await readHolder(path, area)
    if (!holder) continue
    if (isAlive(holder)) claims.push({ path, holder })
    else await workspace.files.remove(path)
  }
  return claims
}

async function readHolder(path: string, area: Area): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // Written by rename, so never half: somebody edited it. Held by nobody we could name, yet not ours to take.
    return {
      area,
      pid: 0,
      host: 'unknown',
      processStart: '',
      command: `unreadable lock ${path}`,
      since: 'unknown',
    }
  }
}

/** Of another machine nothing can be known: taken for alive. */
function isAlive(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return true
  if (holder.pid === process.pid) return holder.processStart === (processStart(process.pid) ?? '')
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const start = processStart(holder.pid)
  return start === undefined || holder.processStart === '' || start === holder.processStart
}

/** When a process started, as the system says it; undefined where it can't be told. */
export function processStart(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // Field 22 (starttime, in ticks since boot); the name in brackets may itself hold blanks and brackets.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // A zombie is dead to us: it holds no file open and will write nothing.
      if (fields[0] === 'Z') return 'zombie'
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return `${boot.slice(0, 8)}:${fields[19]}`
    }
    if (process.platform === 'win32') return undefined
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

function commandName(): string {
  const verb = process.argv[2]
  return verb !== undefined && /^[a-z][a-z-]*$/.test(verb) ? `lesionloop ${verb}` : 'lesionloop'
}

function heldBy(workspace: Workspace, holder: LockHolder): LesionloopError {
  const elsewhere = holder.host !== hostname()
  const who = `\`${holder.command}\` (pid ${holder.pid}${elsewhere ? ` on ${holder.host}` : ''})`
  const todo = elsewhere
    ? `wait for it, or stop it; if that machine is gone, remove ${join(workspace.paths.locks, `${holder.area}.*.lock`)}`
    : 'wait for it, or stop it'
  return new LesionloopError(
    'lock-held',
    `workspace: ${holder.area} are being written by ${who} since ${holder.since}; ${todo}`,
    { holder },
  )
}
