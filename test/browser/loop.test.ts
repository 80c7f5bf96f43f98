import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { allSaved } from './desk.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

inChromium('the loop from the page', browser => {
  it('a preprint dropped on an empty desk is mined, and its pictures become cases to review', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lesionloop-first-'))
    await openWorkspace(dir, { create: true })
    const server = await startServer({ workspace: dir })
    const context = await browser().newContext({ viewport: { width: 1280, height: 720 } })
    const page = await context.newPage()
    await page.goto(server.loginLink)
    await page.getByLabel('Your name').fill('Dr First')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No cases yet' }).waitFor()
    await page.getByLabel('Files to mine').setInputFiles([
      {
        name: 'heron.pdf',
        mimeType: 'application/pdf',
        buffer: await readFile(packagePath('data', 'demo', 'corpus', 'heron.pdf')),
      },
      { name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 torn off') },
    ])
    await page.getByRole('button', { name: /Accept and next/ }).waitFor({ timeout: 120_000 })
    expect(await page.locator('.mention').count()).toBeGreaterThan(0)
    expect(
      await page.locator('.ground img').evaluate(image => (image as HTMLImageElement).naturalWidth),
    ).toBeGreaterThan(50)
    const { rows } = await (await context.request.get(`${server.url}/api/documents`)).json()
    expect(rows).toHaveLength(1)
    const { jobs } = await (await context.request.get(`${server.url}/api/jobs`)).json()
    const job = await (await context.request.get(`${server.url}/api/jobs/${jobs[0].id}`)).json()
    expect(JSON.stringify(job.job.problems)).toContain('broken.pdf')
    await context.close()
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('a cycle is started and watched; it seals, its curves are drawn, and its queue comes up for review', async () => {
    const desk = await ownDesk(8)
    const { context, page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Loop')
    for (let i = 0; i < 5; i++) {
      const before = page.url()
      await page.keyboard.press('Space')
      await page.waitForURL(url => url.href !== before)
    }
    await allSaved(page)
    await page.goto(`${desk.server.url}/cycles`)
    await page.getByRole('button', { name: 'Start a cycle' }).click()
    await page.getByRole('heading', { name: 'Cycle: running' }).waitFor()
    expect(await page.getByRole('button', { name: 'A cycle is running' }).isDisabled()).toBe(true)
    await page.getByRole('heading', { name: 'Cycle: done' }).waitFor({ timeout: 150_000 })
    await page.getByRole('link', { name: 'Cycle 2', exact: true }).click()
    await page
      .getByText(/^ROC: COVID flag/)
      .first()
      .waitFor()
    await expect.poll(() => page.locator('.plot svg').count()).toBeGreaterThanOrEqual(3)
    const report = await context.request.get(
      `${desk.server.url}${await page.getByRole('link', { name: 'Report' }).getAttribute('href')}`,
    )
    expect(await report.text()).toContain('<svg')
    await page.goto(desk.server.url)
    await page.getByText(/^Queue · cycle 2 ·/).waitFor()
    const { record } = await (await context.request.get(`${desk.server.url}/api/cycles/0002`)).json()
    expect(record.learnedFrom.sources.expert).toBeGreaterThan(0)
    expect(heard).toEqual([])
  })
})
