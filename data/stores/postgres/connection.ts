import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { LesionloopError, messageOf } from '../../errors.ts'
import type { DatabaseAddress } from '../database-address.ts'

export type Row = Record<string, unknown>

/** Asks for rows; parameters are $1, $2 … */
export type Ask = <T extends Row = Row>(sql: string, values?: readonly unknown[]) => Promise<T[]>

export interface Database {
  readonly address: DatabaseAddress
  readonly ask: Ask
  /** Runs work in one transaction; what it throws takes everything back. */
  inTransaction<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /** A connection of its own, for listening. */
  connect(): Promise<pg.Client>
  close(): Promise<void>
}

const CONNECTIONS = 8
/** Numbers of acts stay below 2^53: bigint columns come as numbers. */
const types = {
  getTypeParser: ((oid: number, format?: never) =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** Opens connections as they are needed; none yet. Commits wait for the disk, whatever the server's default is. */
export function openDatabase(address: DatabaseAddress): Database {
  const config = {
    connectionString: address.url,
    application_name: 'lesionloop',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
    types,
  }
  const pool = new pg.Pool({ ...config, max: CONNECTIONS, options: '-c synchronous_commit=on' })
  // A connection that breaks while nobody uses it is taken out of the pool; the next question opens another.
  pool.on('error', () => undefined)

  const asker =
    (client: pg.Pool | pg.PoolClient): Ask =>
    async <T extends Row>(sql: string, values?: readonly unknown[]) => {
      try {
        return (await client.query<T>(sql, values as unknown[])).rows
      } catch (error) {
        throw inWords(error, address)
      }
    }

  return {
    address,
    ask: asker(pool),
    async inTransaction(work) {
      let client: pg.PoolClient
      try {
        client = await pool.connect()
      } catch (error) {
        throw inWords(error, address)
      }
      // Without a listener a connection that breaks between two questions would end the process.
      const broke = () => undefined
      client.on('error', broke)
      const ask = asker(client)
      let isSound = false
      try {
        await ask('begin')
        const outcome = await work(ask)
        await ask('commit')
        isSound = true
        return outcome
      } catch (error) {
        await ask('rollback').then(
          () => {
            isSound = true
          },
          () => undefined,
        )
        throw error
      } finally {
        client.off('error', broke)
        client.release(!isSound)
      }
    },
    async connect() {
      const client = new pg.Client(config)
      client.on('error', () => undefined)
      try {
        await client.connect()
      } catch (error) {
        throw inWords(error, address)
      }
      return client
    },
    close: () => pool.end(),
  }
}

/** Classes of SQLSTATE that say the connection or the server went away, or that a transaction may be tried again. */
const AGAIN = /^(08|57P|40001|40P01|53300)/
const LOST = 'database-lost'

/** Turns the driver's errors into ours; a broken connection is `database-lost`. The address is shown without its password. */
function inWords(error: unknown, { shown }: DatabaseAddress): unknown {
  if (error instanceof LesionloopError) return error
  const { code } = error as { code?: unknown }
  const state = typeof code === 'string' ? code : ''
  const message = messageOf(error)
  const isLost =
    AGAIN.test(state) ||
    /^E(CONN|PIPE|TIMEDOUT|NOENT|HOST|AI_)/.test(state) ||
    /connection (terminated|timeout|ended|error)|not queryable|timeout exceeded/i.test(message)
  if (isLost)
    return new LesionloopError(
      LOST,
      `database: ${shown}: the connection broke or was refused (${message}); see that PostgreSQL runs and can be reached`,
      { state },
      { cause: error },
    )
  if (state.startsWith('28') || state === '3D000')
    return new LesionloopError(
      'database-refused',
      `database: ${shown}: ${message}; check user, password (PGPASSWORD or ~/.pgpass) and the database's name`,
      { state },
      { cause: error },
    )
  if (/^[0-9A-Z]{5}$/.test(state))
    return new LesionloopError(
      'database-error',
      `database: ${shown}: ${message} (${state}); nothing of this was written`,
      { state },
      { cause: error },
    )
  return error
}

export const isLost = (error: unknown): boolean => error instanceof LesionloopError && error.code === LOST

/** Waits between tries, in milliseconds: a server that restarts is back within them. */
const WAITS = [20, 100, 300, 1000, 2000, 4000]

/** Does work again where the connection broke. Only for what may be done twice. */
export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await work()
    } catch (error) {
      if (!isLost(error)) throw error
      await delay(wait)
    }
  }
  return await work()
}
