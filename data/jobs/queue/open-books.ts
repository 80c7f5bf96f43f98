import type { DatabaseAddress } from '../../stores/database-address.ts'
import { openDatabase } from '../../stores/postgres/connection.ts'
import { bringUp, workspaceNumber } from '../../stores/postgres/schema.ts'
import type { Books } from './books.ts'
import { openTickets } from './tickets.ts'

/**
 * Opens the jobs of a workspace in its database, on connections of their own.
 * @param maintain of pg-boss's tables, whether this process looks after them too.
 */
export async function openBooks(
  address: DatabaseAddress,
  { maintain, now = () => new Date() }: { maintain: boolean; now?: () => Date },
): Promise<Books & { close(): Promise<void> }> {
  const database = openDatabase(address)
  try {
    await bringUp(database)
    const workspace = await workspaceNumber(database)
    const tickets = await openTickets(database, workspace, { maintain })
    return {
      database,
      workspace,
      tickets,
      now,
      async close() {
        await tickets.close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
