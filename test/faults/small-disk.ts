import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A real file system in memory, so small that it is full when a test wants it to be. */
export interface SmallDisk {
  dir: string
  /** Takes up all but so many bytes (whole pages). */
  leave(bytes: number): void
  /** Gives back what `leave` took. */
  makeRoom(): void
}

function mount(dir: string, kilobytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', dir], { stdio: 'ignore' })
}
const unmount = (dir: string) => execFileSync('umount', ['-l', dir], { stdio: 'ignore' })

/** Whether a small disk can be mounted here; where not, says so in one line. */
export function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-mount-'))
  try {
    mount(dir, 64)
    unmount(dir)
    return true
  } catch {
    console.warn('a small disk can not be mounted here (Linux, as root): tests with a full disk are skipped')
    return false
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Mounts one; with the files of `from` on it, where given. Gone when the test is over. */
export function smallDisk(kilobytes: number, from?: string): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-small-disk-'))
  mount(dir, kilobytes)
  onTestFinished(() => {
    unmount(dir)
    rmSync(dir, { recursive: true, force: true })
  })
  if (from) cpSync(from, dir, { recursive: true })
  const ballast = join(dir, 'ballast')
  const makeRoom = () => rmSync(ballast, { force: true })
  return {
    dir,
    makeRoom,
    leave(bytes) {
      makeRoom()
      const { bavail, bsize } = statfsSync(dir)
      const pages = Math.max(0, bavail - Math.ceil(bytes / bsize))
      writeFileSync(ballast, Buffer.alloc(pages * bsize))
    },
  }
}
