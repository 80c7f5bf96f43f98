import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DATABASE_VARIABLE } from '../../../data/stores/database-address.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { Client, caseId, LABEL, newOp, sealCycle, smallWorkspace } from './desk-under-test.ts'

const program = [
  join(import.meta.dirname, '../../data/workspace/run-typescript.mjs'),
  join(import.meta.dirname, 'serve-for-ever.ts'),
]

interface OneServer {
  child: ChildProcess
  url: string
  loginLink: string
}

/** A server of its own process over the workspace's folder and the database. */
async function startOne(workspace: Workspace): Promise<OneServer> {
  const child = spawn(process.execPath, [...program, workspace.dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  })
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { child, ...(JSON.parse(line) as { url: string; loginLink: string }) }
}

/** The same session at another server. Its name holds the port, which behind a balancer is the same for both. */
function at(server: OneServer, client: Client): Client {
  const there = new Client(server.url)
  there.cookie = client.cookie.replace(/_\d+=/, `_${new URL(server.url).port}=`)
  return there
}

describe.skipIf(!hasPostgres())('two servers on one database', () => {
  let postgres: PostgresOfTests
  let workspace: Workspace
  let one: OneServer
  let two: OneServer
  let owner: Client

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(async () => {
    delete process.env[DATABASE_VARIABLE]
    await postgres?.close()
  })

  async function start(): Promise<void> {
    process.env[DATABASE_VARIABLE] = await postgres.newDatabase()
    workspace = await smallWorkspace()
    await sealCycle(workspace)
    ;[one, two] = await Promise.all([startOne(workspace), startOne(workspace)])
    owner = new Client(one.url)
    const token = one.loginLink.split('#')[1]
    const answer = await owner.post('/api/login', { token, name: 'Owner' })
    expect(answer.status).toBe(200)
  }

  /** Adds a person at the first server, who logs in at the second by a link of the first. */
  async function person(name: string): Promise<Client> {
    const added = await owner.post('/api/people', { name, role: 'annotator' })
    const { link } = (await owner.post('/api/people/link', { account: added.body.person.id })).body
    const client = new Client(two.url)
    const answer = await client.post('/api/login', { token: link.split('#')[1] })
    expect(answer.status).toBe(200)
    return client
  }

  test('know each other’s sessions, people and links', async () => {
    await start()
    const ann = await person('Ann')
    expect((await at(one, ann).get('/api/me')).body.account.name).toBe('Ann')
    expect((await at(two, owner).get('/api/me')).body).toMatchObject({ owner: true })
    // Each keeps its own owner's link, whichever was started last.
    const other = new Client(two.url)
    expect((await other.post('/api/login', { token: two.loginLink.split('#')[1], name: 'B' })).status).toBe(
      200,
    )
  })

  test('refuse a decision that was made on what another server changed, and show both', async () => {
    await start()
    const bob = await person('Bob')
    const first = await owner.act(caseId(1, 'A'), 0, LABEL)
    expect(first).toMatchObject({ status: 200 })
    const refused = await bob.act(caseId(1, 'A'), 0, { ...LABEL, flag: 'negative' })
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({ state: { version: 1 }, acts: [{ seq: 1, act: { kind: 'label' } }] })
    const again = await bob.act(caseId(1, 'A'), 1, { ...LABEL, flag: 'negative' })
    expect(again.status).toBe(200)
  })

  test('answer an act that is sent again to the other one with the act that was written', async () => {
    await start()
    const op = newOp()
    const first = await owner.act(caseId(1, 'A'), 0, LABEL, op)
    const second = await at(two, owner).act(caseId(1, 'A'), 0, LABEL, op)
    expect(second.body.act).toEqual(first.body.act)
  })

  test('tell their open pages of each other’s acts', async () => {
    await start()
    const stopping = new AbortController()
    onTestFinished(() => stopping.abort())
    const response = await fetch(`${two.url}/api/events`, {
      headers: { Cookie: at(two, owner).cookie },
      signal: stopping.signal,
    })
    const told = (async () => {
      let text = ''
      for await (const part of response.body!) {
        text += Buffer.from(part).toString()
        if (text.includes('"type":"act"')) return text
      }
      return text
    })()
    await owner.act(caseId(1, 'B'), 0, LABEL)
    expect(await told).toContain(JSON.stringify(caseId(1, 'B')))
  })

  test('follow each other’s acts in counts, queue and undo', async () => {
    await start()
    const here = at(two, owner)
    expect((await here.get('/api/queue')).body.decided).toBe(0)
    await here.get('/api/stats')
    await owner.act(caseId(2, 'A'), 0, LABEL)
    await expect.poll(async () => (await here.get('/api/queue')).body.decided).toBe(1)
    await expect.poll(async () => (await here.get('/api/stats')).body.labelled).toBe(1)
    const undone = await here.post('/api/undo', { op: newOp() })
    expect(undone.body).toMatchObject({ act: { seq: 2, act: { kind: 'undo', seq: 1 } } })
    await expect.poll(async () => (await owner.get('/api/queue')).body.decided).toBe(0)
  })

  test('never give two annotators the same case', async () => {
    await start()
    const people = await Promise.all(['Ann', 'Bob', 'Cyd'].map(person))
    const clients = people.map((client, i) => (i % 2 ? at(one, client) : client))
    const nexts = await Promise.all(clients.map(client => client.get('/api/queue/next')))
    const given = nexts.map(({ body }) => body.next.case.id)
    expect(new Set(given).size).toBe(3)
    // Who asks again has the same case until it is decided.
    expect((await at(one, people[0]!).get('/api/queue/next')).body.next.case.id).toBe(given[0])
    // Six cases, three of them lent; a fourth, fifth and sixth may be given, a seventh not.
    const more: string[] = []
    for (let i = 0; i < 4; i++)
      more.push(
        (await owner.get(`/api/queue/next?after=${encodeURIComponent(more.at(-1) ?? '')}`)).body.next?.case
          .id,
      )
    expect(new Set([...given, ...more.slice(0, 3)]).size).toBe(6)
  })

  test('lose nothing when one is killed while many save, and the other goes on', {
    timeout: 60_000,
  }, async () => {
    await start()
    const acknowledged: string[] = []
    const work = async (server: OneServer, panel: string) => {
      const client = at(server, owner)
      for (let i = 0; ; i++) {
        const text = `${server === one ? 'one' : 'two'} ${panel} ${i}`
        for (let base = i; ; ) {
          const answer = await client.act(caseId(server === one ? 1 : 2, panel), base, { kind: 'note', text })
          if (answer.status === 200) break
          if (answer.status !== 409) throw new Error(JSON.stringify(answer.body))
          base = answer.body.state.version
        }
        acknowledged.push(text)
        if (server === two && i >= 20 && one.child.killed) return
      }
    }
    const dying = ['A', 'B', 'C'].map(panel => work(one, panel).catch(() => 'killed'))
    const living = ['A', 'B', 'C'].map(panel => work(two, panel))
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(30)
    one.child.kill('SIGKILL')
    await Promise.all([...dying, ...living])
    const store = await openStore(workspace)
    onTestFinished(() => store.close())
    const written: string[] = []
    let seq = 0
    for await (const act of store.acts.read()) {
      expect(act.seq).toBe(++seq)
      if (act.act.kind === 'note') written.push(act.act.text)
    }
    expect(new Set(written).size).toBe(written.length)
    expect(written).toEqual(expect.arrayContaining(acknowledged))
  })
})
