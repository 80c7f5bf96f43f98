import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { type RunningServer, startServer } from '../../annotator/server/start.ts'
import { DATABASE_VARIABLE } from '../../data/stores/database-address.ts'
import { openStore } from '../../data/stores/open.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { allSaved, caseShown, journalOf } from './desk.ts'
import { fillReadingRoom } from './reading-room.ts'
import { inChromium, sitDown } from './seat.ts'

const installed = hasPostgres()
let postgres: PostgresOfTests | undefined

afterAll(async () => {
  delete process.env[DATABASE_VARIABLE]
  await postgres?.close()
})

/** Two servers over a folder and a database of the test's own, with the cases of two documents and their queue. */
async function twoServers(): Promise<{ dir: string; servers: [RunningServer, RunningServer] }> {
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-lending-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  postgres ??= await startPostgres()
  process.env[DATABASE_VARIABLE] = await postgres.newDatabase()
  await fillReadingRoom(dir, { documents: 2, width: 160 })
  const servers = [await startServer({ workspace: dir }), await startServer({ workspace: dir })] as const
  onTestFinished(async () => {
    for (const server of servers) await server.close()
  })
  return { dir, servers: [...servers] }
}

/** Decides the case in sight and waits for what comes next; false where nothing comes. */
async function decide(page: Page): Promise<boolean> {
  const id = caseShown(page)
  await page.keyboard.press('Space')
  const next = page.waitForFunction(
    before =>
      document.querySelector('.sorry') !== null || new URL(location.href).searchParams.get('case') !== before,
    id,
  )
  await next
  return (await page.locator('.sorry').count()) === 0
}

inChromium('a queue that two people go through at two servers', browser => {
  it.skipIf(!installed)('gives no case twice, and none is left over', async () => {
    const { dir, servers } = await twoServers()
    const seats = [
      await sitDown(browser(), servers[0].loginLink, 'Dr Here'),
      await sitDown(browser(), servers[1].loginLink, 'Dr There'),
    ]
    expect(caseShown(seats[0]!.page)).not.toBe(caseShown(seats[1]!.page))
    await Promise.all(
      seats.map(async ({ page }) => {
        while (await decide(page)) {
          // Until the page says that nothing is left.
        }
        await allSaved(page)
      }),
    )
    const store = await openStore(await openWorkspace(dir))
    const open = await store.cases.count({ state: 'open' })
    await store.close()
    const labelled = (await journalOf(dir)).filter(({ act }) => act.kind === 'label').map(act => act.case)
    expect(labelled.length).toBeGreaterThan(5)
    expect(new Set(labelled).size).toBe(labelled.length)
    expect(open).toBe(0)
    for (const { heard } of seats) expect(heard).toEqual([])
  })

  it.skipIf(!installed)('gives back what somebody leaves undecided, and the next person has it', async () => {
    const { servers } = await twoServers()
    const here = await sitDown(browser(), servers[0].loginLink, 'Dr Gone')
    const first = caseShown(here.page)
    await here.page.goto(`${servers[0].url}/people`)
    await here.page.getByRole('heading', { name: 'People' }).waitFor()
    const there = await sitDown(browser(), servers[1].loginLink, 'Dr Next')
    await expect.poll(() => caseShown(there.page)).toBe(first)
    // Who comes back by the address of the case is given the next one.
    await here.page.goBack()
    await here.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await expect.poll(() => caseShown(here.page)).not.toBe(first)
    // A link to a case is another thing: it is shown, whoever has it.
    await here.page.goto(`${servers[0].url}/people`)
    await here.page.goto(`${servers[0].url}/?case=${encodeURIComponent(first)}`)
    await here.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await expect.poll(() => caseShown(here.page)).toBe(first)
  })
})
