import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import { violations } from './axe.ts'
import { allSaved, caseShown, freshWorkspace } from './desk.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const toLight = (page: Page) => page.getByRole('button', { name: 'Change to the light theme' }).click()

async function runCycle(page: Page, url: string, number: number): Promise<void> {
  await page.goto(`${url}/cycles`)
  await page.getByRole('button', { name: 'Start a cycle' }).click()
  await heading(page, 'Cycle: running').waitFor()
  await page.getByRole('link', { name: `Cycle ${number}`, exact: true }).waitFor({ timeout: 150_000 })
}

async function accept(page: Page, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const before = page.url()
    await page.keyboard.press('Space')
    await page.waitForURL(url => url.href !== before)
  }
  await allSaved(page)
}

/** A server over a workspace whose cycle has cases in the queues beside the review, too. */
async function deskWithQueues() {
  const { dir } = await freshWorkspace(4)
  const rows = await withQueues(dir)
  const server = await startServer({ workspace: dir })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { server, rows }
}

async function withQueues(dir: string): Promise<QueueEntry[]> {
  const path = join(dir, 'cycles', '0001', 'queue.jsonl')
  const rows = (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as QueueEntry)
  const besides = rows.slice(4, 8).flatMap((row, at): QueueEntry[] => [
    { ...row, rank: rows.length + 2 * at + 1, queue: 'disagreement', why: `text against picture ${at}` },
    { ...row, rank: rows.length + 2 * at + 2, queue: 'labels', why: `a label in doubt ${at}` },
  ])
  const all = [
    ...rows.map((row, at): QueueEntry => (at < 2 ? { ...row, queue: 'audit', audit: true } : row)),
    ...besides,
  ]
  await writeFile(path, all.map(row => `${JSON.stringify(row)}\n`).join(''))
  return all
}

inChromium('the cycles', browser => {
  it('are started from the page, compared, promoted through the gates, and rolled back', async () => {
    const desk = await ownDesk(8)
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Ledger')
    const url = desk.server.url
    await runCycle(page, url, 2)
    await page.getByRole('button', { name: 'Promote cycle 2' }).click()
    await heading(page, 'cycle 2 is promoted').waitFor({ timeout: 60_000 })

    // Blind cases of the audit have nothing to accept: those of the review are read here.
    await page.goto(`${url}/?queue=review`)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await accept(page, 6)
    await runCycle(page, url, 3)
    await page.getByText('★ promoted').waitFor()
    // The newest against the one that speaks is what one wants to compare first.
    await page.getByRole('link', { name: 'Compare cycle 3 with cycle 2' }).click()
    await heading(page, 'Cycle 3 against cycle 2').waitFor()
    await heading(page, /^(The gates would let|A gate refuses) cycle 3/).waitFor({ timeout: 60_000 })
    expect(await page.locator('.gates li').count()).toBeGreaterThan(2)
    await heading(page, /^Flips: /).waitFor()
    await heading(page, 'What was corrected in between').waitFor()
    await page.locator('.plot svg').first().waitFor()
    for (const theme of ['dark', 'light']) {
      expect(await violations(page), theme).toEqual([])
      if (theme === 'dark') await toLight(page)
    }

    const why = page.getByLabel('Why all the same?')
    if (await why.isVisible()) {
      await page.getByRole('button', { name: /^Promote cycle 3/ }).click()
      await page.getByText('Say why it is promoted all the same.').waitFor()
      await why.fill('the test wants both to have spoken')
    }
    await page.getByRole('button', { name: /^Promote cycle 3/ }).click()
    await page.getByText('cycle 3 is promoted and speaks for the model.').waitFor({ timeout: 60_000 })

    await page.getByRole('link', { name: 'All cycles' }).click()
    await heading(page, /^cycle 3 is promoted/).waitFor()
    await page.getByRole('button', { name: 'Roll back' }).click()
    await heading(page, 'cycle 2 is promoted').waitFor({ timeout: 60_000 })
    await page.getByText('What spoke before').click()
    await page.getByText(/rolled back to cycle 2 by Dr Ledger/).waitFor()
    expect(heard).toEqual([])
  })

  it('say what is missing where there is one cycle only, and none', async () => {
    const desk = await ownDesk(2)
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr First')
    await page.goto(`${desk.server.url}/cycles`)
    await heading(page, 'No cycle is promoted yet').waitFor()
    expect(await page.getByRole('link', { name: /^Compare/ }).count()).toBe(0)
    await page.getByText(/Not known yet: read the cases of the audit/).waitFor()
    for (const theme of ['dark', 'light']) {
      expect(await violations(page), theme).toEqual([])
      if (theme === 'dark') await toLight(page)
    }
    await page.goto(`${desk.server.url}/label-audit`)
    await page.getByText('No label is in doubt here.').waitFor()
    await page.goto(`${desk.server.url}/cycles/compare?before=0001&after=0007`)
    await page.getByRole('alert').getByText(/0007/).waitFor({ timeout: 60_000 })
    expect(heard).toEqual([])
  })
})

inChromium('the queues', browser => {
  it('stand apart as tabs, the audit tells nothing of its cases, and each keeps its order', async () => {
    const desk = await deskWithQueues()
    const { rows } = desk
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Queue')
    const tabs = page.getByRole('toolbar', { name: 'Queues' })
    await tabs.getByRole('button', { name: /^Audit/ }).click()
    await page.getByText('drawn by chance and read blind').waitFor()
    await page.waitForURL(url => url.searchParams.get('queue') === 'audit')
    await expect.poll(() => caseShown(page)).toBe(rows[0]!.case)
    expect(await page.locator('.mention').count()).toBe(0)
    await tabs.getByRole('button', { name: /^Text against picture/ }).click()
    const expected = rows.filter(row => row.queue === 'disagreement').map(row => row.case)
    await expect.poll(() => caseShown(page)).toBe(expected[0])
    await accept(page, 1)
    await expect.poll(() => caseShown(page)).toBe(expected[1])
    for (const theme of ['dark', 'light']) {
      expect(await violations(page), theme).toEqual([])
      if (theme === 'dark') await toLight(page)
    }
    expect(heard).toEqual([])
  })

  it('the label audit opens a case by one key, and a label said to be right leaves the list', async () => {
    const desk = await deskWithQueues()
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Doubt')
    await page.goto(`${desk.server.url}/label-audit`)
    await heading(page, '4 doubted labels of cycle 1').waitFor()
    for (const theme of ['dark', 'light']) {
      expect(await violations(page), theme).toEqual([])
      if (theme === 'dark') await toLight(page)
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(url => url.searchParams.get('queue') === 'labels')
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await accept(page, 1)
    await page.goto(`${desk.server.url}/label-audit`)
    await heading(page, '3 doubted labels of cycle 1').waitFor()
    expect(heard).toEqual([])
  })
})
