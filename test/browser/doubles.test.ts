import { rm } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { readDuplicates, writeDuplicates } from '../../data/duplicates/record.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { violations } from './axe.ts'
import { freshWorkspace } from './desk.ts'
import { inChromium, sitDown } from './seat.ts'

/** A desk whose first and last case are linked. */
async function deskWithDoubles() {
  const { dir, cases } = await freshWorkspace()
  const workspace = await openWorkspace(dir)
  const [one, other] = [cases[0]!, cases.at(-1)!]
  const box = { left: 0, top: 0, right: 1, bottom: 1 }
  const evidence = { bits: 2, whole: 0.99, tiles: 1, detail: 0.98, box }
  await writeDuplicates(workspace, {
    links: [{ one: one.image, other: other.image, evidence }],
    apart: [],
    decisions: [],
    compared: [],
  })
  const server = await startServer({ workspace: dir })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { server, workspace, one: one.id, other: other.id }
}
const shown = (page: Page, id: string) =>
  page.waitForFunction(wanted => new URL(location.href).searchParams.get('case') === wanted, id)

inChromium('doubles', browser => {
  it('are found by the filter, opened by a key, and judged from there', async () => {
    const { server, workspace, one, other } = await deskWithDoubles()
    const { page, heard } = await sitDown(browser(), server.loginLink, 'Dr Double')
    await page.keyboard.press('/')
    await page.getByLabel(/the same slice as another case/).check()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Same slice in 1 other case/ }).waitFor()
    expect([one, other]).toContain(new URL(page.url()).searchParams.get('case'))
    await page.goto(`${server.url}/?case=${encodeURIComponent(one)}`)
    await page.getByRole('button', { name: /^Same slice in/ }).waitFor()
    for (const theme of ['dark', 'light']) {
      await page.keyboard.press('s')
      await page.getByRole('dialog', { name: 'The same slice elsewhere' }).waitFor()
      expect(await violations(page), theme).toEqual([])
      await page.keyboard.press('Escape')
      if (theme === 'dark') await page.getByRole('button', { name: 'Change to the light theme' }).click()
    }
    await page.keyboard.press('s')
    await page.getByLabel('Not the same, because').fill('two patients')
    await page.keyboard.press('Enter')
    await page.getByText('Not the same, Dr Double said: two patients').waitFor()
    expect((await readDuplicates(workspace)).links).toEqual([])
    await page.getByRole('button', { name: 'Open that case' }).click()
    await shown(page, other)
    expect(heard).toEqual([])
  })
  it('are counted on the page of the dataset', async () => {
    const { server } = await deskWithDoubles()
    const { page } = await sitDown(browser(), server.loginLink, 'Dr Count')
    await page.goto(`${server.url}/dataset`)
    expect(await page.getByRole('listitem').filter({ hasText: 'with a double' }).textContent()).toMatch(
      /^2\s/,
    )
  })
})
