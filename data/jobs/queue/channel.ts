import { setTimeout as delay } from 'node:timers/promises'
import type { Ask, Database } from '../../stores/postgres/connection.ts'

/** What processes tell each other of jobs: a job changed; there is work of a kind; a job's workers are to stop. */
export type Word =
  | { what: 'job'; job: string }
  | { what: 'work'; kind: string }
  | { what: 'stop'; job: string }

type Client = Awaited<ReturnType<Database['connect']>>

const channelOf = (workspace: number) => `lesionloop_jobs_${workspace}`
const RECONNECT_MS = 500

/** Tells the others when the transaction commits. */
export async function tell(ask: Ask, workspace: number, word: Word): Promise<void> {
  await ask('select pg_notify($1, $2)', [channelOf(workspace), JSON.stringify(word)])
}

/**
 * Hears what is told, as long as it is open. Words that were said while the connection was broken are lost: `missed` is
 * called when it stands again, and who listens looks for himself.
 */
export async function hear(
  database: Database,
  workspace: number,
  heard: (word: Word) => void,
  missed: () => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false
  let client: Client | undefined

  async function connect(): Promise<void> {
    const mine = await database.connect()
    client = mine
    mine.on('notification', ({ payload }) => heard(JSON.parse(payload ?? '{}') as Word))
    mine.on('end', () => void again(mine))
    await mine.query(`listen ${channelOf(workspace)}`)
    if (closed) await mine.end()
  }

  async function again(broken: Client): Promise<void> {
    while (!closed && client === broken) {
      await delay(RECONNECT_MS, undefined, { ref: false })
      if (closed) return
      try {
        await connect()
        missed()
      } catch {
        if (client !== broken) void client?.end().catch(() => undefined)
        client = broken
      }
    }
  }

  await connect()
  return {
    async close() {
      closed = true
      await client?.end().catch(() => undefined)
    },
  }
}
