import { setTimeout as delay } from 'node:timers/promises'
import { LesionloopError } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { databaseOf } from '../../data/stores/database-address.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'

const LOOK_MS = 500

/**
 * Takes the turn to make a cycle: one at a time in a workspace, on whichever machine. In a folder that is the lock of
 * cycles/; over a database a lock there, since of another machine's file nobody can tell whether it still runs. A
 * worker's job waits for its turn, a person is told who has it.
 * @param job the job that makes the cycle, where one does.
 * @throws LesionloopError `lock-held`.
 */
export async function takeTurn(
  workspace: Workspace,
  { job, signal, onProgress }: RunOptions & { job?: string } = {},
): Promise<{ release(): Promise<void> }> {
  const address = databaseOf(workspace)
  if (!address) return await acquireLock(workspace, 'cycles')
  // The driver is loaded only where there is a database.
  const { openDatabase } = await import('../../data/stores/postgres/connection.ts')
  const { bringUp, workspaceNumber } = await import('../../data/stores/postgres/schema.ts')
  const { takeSessionLock } = await import('../../data/stores/postgres/session-lock.ts')
  const database = openDatabase(address)
  try {
    await bringUp(database)
    const number = await workspaceNumber(database)
    for (;;) {
      signal?.throwIfAborted()
      const taken = await takeSessionLock(database, number, 'lesionloop cycles', job)
      if ('release' in taken)
        return {
          async release() {
            await taken.release()
            await database.close()
          },
        }
      const by = taken.job === '-' ? '`lesionloop cycle`' : `job ${taken.job}`
      const who = `${by} (${taken.process}) since ${taken.since.toISOString()}`
      if (job === undefined)
        throw new LesionloopError(
          'lock-held',
          `workspace: a cycle is being made by ${who}; wait for it, or stop it`,
          { holder: taken },
        )
      onProgress?.({ step: 'waiting for another cycle', done: 0, total: null, detail: who })
      await delay(LOOK_MS, undefined, signal ? { signal } : {})
    }
  } catch (error) {
    await database.close()
    throw signal?.aborted ? signal.reason : error
  }
}
