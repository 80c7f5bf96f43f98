import { LesionloopError } from '../../errors.ts'
import { databaseOf } from '../../stores/database-address.ts'
import { type Ask, type Database, openDatabase } from '../../stores/postgres/connection.ts'
import type { Workspace } from '../../workspace/open.ts'
import { own } from './taken.ts'
import { type Piece, StopError } from './work.ts'

/** Environment variable that tells a verb's process which piece it does, and which attempt this is: "17:2". */
export const PIECE_VARIABLE = 'LESIONLOOP_PIECE'

/** A piece and the attempt at it, as a verb is told of it: "17:2". */
export const fenceText = ({ id, attempt }: Pick<Piece, 'id' | 'attempt'>): string => `${id}:${attempt}`

/** A process that is frozen behind the fence loses its hold after this. */
const SILENT = '30s'
const ALIVE_MS = 5000

/**
 * Does work while the piece can't be taken over: whoever wants it waits. Where somebody has it already, nothing is done.
 * @throws StopError `taken-over`.
 */
export async function fencedBy<T>(
  { database }: { database: Database },
  piece: Pick<Piece, 'id' | 'attempt'>,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  return await database.inTransaction(async ask => {
    await ask(`set local idle_in_transaction_session_timeout = '${SILENT}'`)
    await own(ask, piece)
    const alive = setInterval(() => void ask('select 1').catch(() => undefined), ALIVE_MS)
    try {
      return await work(ask)
    } finally {
      clearInterval(alive)
    }
  })
}

/**
 * The same in the process of a verb that a worker runs.
 * @param text `fenceText` of the piece, as its environment says.
 * @throws LesionloopError `job-taken-over`, `usage`.
 */
export async function behindFence<T>(workspace: Workspace, text: string, work: () => Promise<T>): Promise<T> {
  const [, id, attempt] = /^(\d+):(\d+)$/.exec(text) ?? []
  const address = databaseOf(workspace)
  if (id === undefined || !address)
    throw new LesionloopError('usage', `piece: ${text}: workers give this; leave it out`)
  const database = openDatabase(address)
  try {
    return await fencedBy({ database }, { id: Number(id), attempt: Number(attempt) }, work)
  } catch (error) {
    if (!(error instanceof StopError)) throw error
    throw new LesionloopError(
      'job-taken-over',
      'job: another worker has it by now; nothing of this was written',
    )
  } finally {
    await database.close()
  }
}
