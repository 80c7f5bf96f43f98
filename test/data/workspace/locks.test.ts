import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeFiles, writeJson } from '../../../data/workspace/files.ts'
import {
  AREAS,
  acquireLock,
  acquireLocks,
  lockHolders,
  processStart,
  withLock,
} from '../../../data/workspace/locks.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { newWorkspace } from '../stores/sample.ts'

/** A lock as another process would have left it. */
const leave = (workspace: Workspace, more: object) =>
  writeJson(nodeFiles, join(workspace.paths.locks, 'cases.0123456789abcdef.lock'), {
    area: 'cases',
    pid: process.pid,
    host: hostname(),
    processStart: processStart(process.pid),
    command: 'lesionloop mine',
    since: '2020-05-11T09:00:00.000Z',
    ...more,
  })
const locks = (workspace: Workspace) => readdir(workspace.paths.locks)

describe('a lock', () => {
  test('refuses a second writer by name, pid and time, and says what to do', async () => {
    const workspace = await newWorkspace()
    await leave(workspace, {})
    await expect(acquireLock(workspace, 'cases')).rejects.toMatchObject({
      code: 'lock-held',
      message: `workspace: cases are being written by \`lesionloop mine\` (pid ${process.pid}) since 2020-05-11T09:00:00.000Z; wait for it, or stop it`,
      details: { holder: { pid: process.pid, area: 'cases' } },
    })
  })

  test('is free again once it is given back', async () => {
    const workspace = await newWorkspace()
    await (await acquireLock(workspace, 'cases')).release()
    expect(await locks(workspace)).toEqual([])
    await (await acquireLock(workspace, 'cases')).release()
  })

  test('of one area leaves the others free', async () => {
    const workspace = await newWorkspace()
    const all = await acquireLocks(workspace, AREAS)
    expect((await lockHolders(workspace)).map(holder => holder.area)).toEqual(AREAS)
    for (const lock of all) await lock.release()
  })

  test('is refused to the same process too', async () => {
    const workspace = await newWorkspace()
    const lock = await acquireLock(workspace, 'labels')
    await expect(acquireLock(workspace, 'labels')).rejects.toMatchObject({ code: 'lock-held' })
    await lock.release()
  })

  test('of a process that is dead is taken over', async () => {
    const workspace = await newWorkspace()
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    await leave(workspace, { pid: child.pid, processStart: 'long ago' })
    const lock = await acquireLock(workspace, 'cases')
    expect((await locks(workspace)).length).toBe(1)
    await lock.release()
  })

  test('of a dead process whose pid another one has now is taken over', async () => {
    const workspace = await newWorkspace()
    await leave(workspace, { pid: process.ppid, processStart: 'another boot' })
    await (await acquireLock(workspace, 'cases')).release()
  })

  test('of another machine is never taken over, and the way out is told', async () => {
    const workspace = await newWorkspace()
    await leave(workspace, { host: 'another-machine', pid: 1 })
    await expect(acquireLock(workspace, 'cases')).rejects.toThrow(
      /pid 1 on another-machine.*if that machine is gone, remove/,
    )
  })

  test('that nobody can read is not taken over in silence', async () => {
    const workspace = await newWorkspace()
    await nodeFiles.makeFolder(workspace.paths.locks)
    await (await nodeFiles.open(join(workspace.paths.locks, 'cases.x.lock'), 'w')).close()
    await expect(acquireLock(workspace, 'cases')).rejects.toMatchObject({ code: 'lock-held' })
  })

  test('is held during the work and given back after a failure', async () => {
    const workspace = await newWorkspace()
    const work = withLock(workspace, 'datasets', async () => {
      expect((await lockHolders(workspace)).map(holder => holder.area)).toEqual(['datasets'])
      throw new Error('work failed')
    })
    await expect(work).rejects.toThrow('work failed')
    expect(await locks(workspace)).toEqual([])
  })

  test('of several areas is all or none', async () => {
    const workspace = await newWorkspace()
    await leave(workspace, {})
    await expect(acquireLocks(workspace, ['documents', 'cases', 'labels'])).rejects.toMatchObject({
      code: 'lock-held',
    })
    expect(await locks(workspace)).toEqual(['cases.0123456789abcdef.lock'])
  })

  test('is got by at most one of many that ask at the same moment, round after round', {
    timeout: 30_000,
  }, async () => {
    const workspace = await newWorkspace()
    for (let round = 0; round < 10; round++) {
      await leave(workspace, { pid: 2 ** 22 + 1, processStart: 'dead' })
      const asked = await Promise.allSettled(
        Array.from({ length: 8 }, () => acquireLock(workspace, 'cases', { attempts: 2 })),
      )
      const got = asked.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
      expect(got.length).toBeLessThanOrEqual(1)
      for (const lock of got) await lock.release()
    }
  })

  test('is given back when the process comes to its end', { timeout: 30_000 }, async () => {
    const workspace = await newWorkspace()
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'run-typescript.mjs'),
        join(import.meta.dirname, 'hold-lock.ts'),
        workspace.dir,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(said.toString()).toContain('held')
    await once(child, 'exit')
    expect(await locks(workspace)).toEqual([])
  })
})
