import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LesionloopError } from '../../../data/errors.ts'
import { processStart } from '../../../data/workspace/locks.ts'

/**
 * Runs work as the only installer of this user's backends. As the workspace's locks do: announce, then look; the claim
 * of a process that is no more is swept away by whoever comes.
 * @throws LesionloopError `lock-held`.
 */
export async function withInstallLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true })
  const mine = `.lock-${process.pid}-${randomBytes(4).toString('hex')}`
  await writeFile(join(folder, mine), processStart(process.pid) ?? '', { flag: 'wx' })
  try {
    const other = await otherLivingClaim(folder, mine)
    if (other !== null)
      throw new LesionloopError(
        'lock-held',
        `backend: ${folder}: process ${other} is installing or removing one there; wait for its end and run it again`,
        { pid: other },
      )
    return await work()
  } finally {
    await rm(join(folder, mine), { force: true })
  }
}

async function otherLivingClaim(folder: string, mine: string): Promise<number | null> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^\.lock-(\d+)-/.exec(name)?.[1] ?? Number.NaN)
    if (name === mine || Number.isNaN(pid)) continue
    const path = join(folder, name)
    const start = await readFile(path, 'utf8').catch(() => null)
    // An empty claim is one that is being written.
    if (start !== null && isRunning(pid, start)) return pid
    await rm(path, { force: true })
  }
  return null
}

function isRunning(pid: number, start: string): boolean {
  const now = processStart(pid)
  return now !== undefined && (start === '' || now === start)
}
