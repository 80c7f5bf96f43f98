import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { foldCase } from '../../../data/journal/fold.ts'
import type { Act } from '../../../data/records/act.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { draft, newWorkspace, samplePanels } from './sample.ts'

const program = [
  join(import.meta.dirname, '../workspace/run-typescript.mjs'),
  join(import.meta.dirname, 'write-for-ever.ts'),
]

interface Writer {
  child: ChildProcess
  /** What it has confirmed: the act's number and its words. */
  confirmed: { seq: number; text: string }[]
  kill(): Promise<void>
}

describe.skipIf(!hasPostgres())(
  'the store on PostgreSQL keeps each act that was confirmed, once and in order',
  () => {
    let postgres: PostgresOfTests
    let address: string
    let workspace: Workspace

    beforeAll(async () => {
      postgres = await startPostgres()
    })
    afterAll(() => postgres?.close())

    async function place(): Promise<void> {
      workspace = await newWorkspace()
      address = await postgres.newDatabase()
    }

    async function startWriter(round: number): Promise<Writer> {
      const child = spawn(process.execPath, [...program, workspace.dir, address, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let said = ''
      const confirmed: Writer['confirmed'] = []
      child.stdout.on('data', (data: Buffer) => {
        const lines = (said + data.toString()).split('\n')
        said = lines.pop()!
        for (const line of lines) {
          const [, seq, text] = /^note (\d+) (.*)$/.exec(line) ?? []
          if (text !== undefined) confirmed.push({ seq: Number(seq), text })
        }
      })
      const kill = async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = once(child, 'close')
        child.kill('SIGKILL')
        await gone
      }
      onTestFinished(kill)
      await expect.poll(() => confirmed.length, { timeout: 30_000 }).toBeGreaterThan(20)
      return { child, confirmed, kill }
    }

    /** Everything that was confirmed is there once under its number; numbers have no gap; columns say what the fold says. */
    async function check(writers: readonly Writer[]): Promise<void> {
      const store = await openStore(workspace, { database: address, write: ['labels'] })
      onTestFinished(() => store.close())
      const acts: Act[] = []
      for await (const act of store.acts.read()) acts.push(act)
      expect(acts.map(act => act.seq)).toEqual(acts.map((_, i) => i + 1))
      expect(await store.acts.lastSeq()).toBe(acts.length)
      const textOf = (act: Act) => (act.act.kind === 'note' ? act.act.text : '')
      expect(new Set(acts.map(textOf)).size).toBe(acts.length)
      for (const { confirmed } of writers)
        for (const { seq, text } of confirmed) expect(textOf(acts[seq - 1]!)).toBe(text)
      for await (const state of store.cases.all()) {
        const [mined] = samplePanels(state.panel!, { document: state.document })
        expect(state).toEqual(foldCase(mined!, acts))
        // The version in the database is what the next act is held against.
        await store.acts.append('eve', draft(state.id, state.version, { kind: 'discuss', text: state.id }))
      }
    }

    test('when its process is killed in mid-work', { timeout: 120_000 }, async () => {
      await place()
      const writers: Writer[] = []
      for (let round = 0; round < 3; round++) {
        const writer = await startWriter(round)
        await writer.kill()
        writers.push(writer)
      }
      await check(writers)
    })

    test.each([
      ['stopped at once', 'stopAtOnce'],
      ['killed with all its processes', 'kill'],
    ] as const)(
      'when PostgreSQL is %s and started again, and the acts go on by themselves',
      { timeout: 120_000 },
      async (_what, how) => {
        await place()
        const writer = await startWriter(0)
        for (let round = 0; round < 2; round++) {
          await postgres[how]()
          const before = writer.confirmed.length
          await postgres.start()
          await expect.poll(() => writer.confirmed.length, { timeout: 40_000 }).toBeGreaterThan(before + 50)
        }
        await writer.kill()
        await check([writer])
      },
    )

    test('when its connections are cut in mid-transaction, over and over', { timeout: 120_000 }, async () => {
      await place()
      const writers = [await startWriter(0), await startWriter(1)]
      const client = new pg.Client({ connectionString: address })
      await client.connect()
      let cut = 0
      for (let round = 0; round < 40; round++) {
        await delay(20 + (round % 7) * 10)
        const { rows } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'lesionloop' and state <> 'idle'`,
        )
        cut += rows.length
      }
      await client.end()
      expect(cut).toBeGreaterThan(10)
      const before = writers.map(({ confirmed }) => confirmed.length)
      for (const [i, { confirmed }] of writers.entries())
        await expect.poll(() => confirmed.length, { timeout: 40_000 }).toBeGreaterThan(before[i]! + 20)
      for (const writer of writers) await writer.kill()
      await check(writers)
    })

    test('and says so in words, without the password, where no server answers', async () => {
      await place()
      const nowhere = 'postgres://ann:secret@127.0.0.1:1/covid'
      const failed = openStore(workspace, { database: nowhere })
      await expect(failed).rejects.toMatchObject({
        code: 'database-lost',
        message: expect.stringMatching(/^database: postgres:\/\/ann@127\.0\.0\.1:1\/covid: .*ECONNREFUSED/),
      })
      await expect(failed).rejects.not.toThrow(/secret/)
    })
  },
)
