import { randomUUID } from 'node:crypto'
import type { Workspace } from '../../workspace/open.ts'
import type { DatabaseAddress } from '../database-address.ts'
import type { OpenStoreOptions } from '../open.ts'
import type { Store } from '../store.ts'
import { actStore } from './acts.ts'
import { caseStore } from './cases.ts'
import { openDatabase } from './connection.ts'
import { fillShares } from './fill-shares.ts'
import { jobStore } from './jobs.ts'
import { Listening } from './listening.ts'
import { accountStore } from './people.ts'
import { queueStore } from './queue.ts'
import { bringUp, workspaceNumber } from './schema.ts'
import { passwordStore, sessionStore } from './ways-in.ts'

/**
 * The store on PostgreSQL: any number of processes may write at once. A case's state is folded here, by the same
 * function as everywhere; the database keeps what was mined, the acts, and the columns that filters ask for.
 * @throws LesionloopError `database-lost`, `database-refused`, `database-old`, `database-newer`.
 */
export async function openPostgresStore(
  folder: Workspace,
  address: DatabaseAddress,
  { write = [], now = () => new Date() }: OpenStoreOptions = {},
): Promise<Store> {
  const database = openDatabase(address)
  try {
    await bringUp(database)
    const workspace = await workspaceNumber(database)
    await fillShares(database, workspace)
    const me = randomUUID()
    const queue = queueStore({ database, workspace, folder, me })
    const acts = actStore({
      database,
      workspace,
      canWrite: write.includes('labels'),
      me,
      now,
      wrote: seqs => listening.wrote(seqs),
    })
    const listening = new Listening({ database, workspace, acts, me })
    let closed: Promise<void> | undefined
    return {
      acts,
      cases: caseStore({
        database,
        workspace,
        canWrite: write.includes('cases'),
        me,
        cycle: () => queue.cycle(),
      }),
      queue,
      accounts: accountStore(database, workspace, now),
      jobs: jobStore(database, workspace),
      sessions: sessionStore(database, workspace, now),
      passwords: passwordStore(database, workspace),
      refresh: async () => {
        await queue.takeIn()
        await listening.settled()
      },
      listen: (listener, afterSeq) => listening.listen(listener, afterSeq),
      close() {
        closed ??= (async () => {
          await acts.close()
          await listening.close()
          await queue.close()
          await database.close()
        })()
        return closed
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
