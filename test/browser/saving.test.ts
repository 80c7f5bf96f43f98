import { rm } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, withoutBrowser } from './chromium.ts'
import {
  allSaved,
  caseShown,
  freshWorkspace,
  journalOf,
  openDesk,
  removeRooms,
  serveApart,
  signIn,
} from './desk.ts'

describe.skipIf(withoutBrowser())('saving', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await removeRooms()
  })

  it('a server killed in mid-work loses nothing: decisions wait, survive a closed tab, and go out once, in order', async () => {
    const { dir } = await freshWorkspace()
    const first = await serveApart(dir, 0)
    const port = Number(new URL(first.url).port)
    const { context, page } = await signIn(browser, first.loginLink, 'Dr Steady')
    const seen: string[] = []
    const decide = async () => {
      const id = caseShown(page)
      seen.push(id)
      await page.keyboard.press('Space')
      await page.waitForFunction(before => new URL(location.href).searchParams.get('case') !== before, id)
    }
    await decide()
    await decide()
    await allSaved(page)
    await page.waitForTimeout(300)
    const gone = new Promise(resolve => first.process.once('exit', resolve))
    first.process.kill('SIGKILL')
    await gone
    await decide()
    await decide()
    await decide()
    await page.getByText('3 not yet saved').waitFor()
    // The tab closes with the decisions unsaved; the page, opened again, takes them up.
    await page.close({ runBeforeUnload: false })
    const second = await serveApart(dir, port)
    const again = await context.newPage()
    await again.goto(second.url)
    await again.getByRole('button', { name: /Accept and next/ }).waitFor()
    await allSaved(again)
    expect((await journalOf(dir)).map(act => act.case)).toEqual(seen)
    second.process.kill('SIGTERM')
    await new Promise(resolve => second.process.once('exit', resolve))
    await context.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('a server that comes back gets what waited, without a reload', async () => {
    const { dir } = await freshWorkspace()
    const first = await serveApart(dir, 0)
    const { context, page } = await signIn(browser, first.loginLink, 'Dr Wait')
    await page.waitForTimeout(300)
    const gone = new Promise(resolve => first.process.once('exit', resolve))
    first.process.kill('SIGKILL')
    await gone
    await page.keyboard.press('Space')
    await page.getByText('1 not yet saved').waitFor()
    const second = await serveApart(dir, Number(new URL(first.url).port))
    await page.getByRole('button', { name: 'Try now' }).click()
    await allSaved(page)
    expect(await journalOf(dir)).toHaveLength(1)
    second.process.kill('SIGTERM')
    await new Promise(resolve => second.process.once('exit', resolve))
    await context.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('two people on one case: the second sees both labels and chooses, and nothing is overwritten silently', async () => {
    const desk = await openDesk()
    const one = await signIn(browser, desk.server.loginLink, 'Dr One')
    const two = await signIn(browser, await desk.server.newLoginLink(), 'Dr Two')
    const id = caseShown(one.page)
    await two.page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
    await two.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await one.page.keyboard.press('Space')
    await allSaved(one.page)
    await two.page.keyboard.press('c')
    await two.page.keyboard.press('Space')
    const dialog = two.page.getByRole('dialog', { name: 'Somebody else decided meanwhile' })
    await dialog.waitFor()
    expect(await two.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(await two.page.locator('.column').boundingBox()).toMatchObject({ x: 920, width: 360 })
    expect(await dialog.getByRole('columnheader', { name: 'Dr One' }).count()).toBe(1)
    expect(await journalOf(desk.dir)).toHaveLength(1)
    await dialog.getByRole('button', { name: 'Save mine too' }).click()
    await allSaved(two.page)
    const acts = await journalOf(desk.dir)
    expect(acts.map(act => [act.case, act.act.kind])).toEqual([
      [id, 'label'],
      [id, 'label'],
    ])
    expect(new Set(acts.map(act => act.who)).size).toBe(2)
    await one.context.close()
    await two.context.close()
    await desk.close()
  })

  it('a conflict settled as theirs leaves only their label', async () => {
    const desk = await openDesk()
    const one = await signIn(browser, desk.server.loginLink, 'Dr First')
    const two = await signIn(browser, await desk.server.newLoginLink(), 'Dr Second')
    const id = caseShown(one.page)
    await two.page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
    await two.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await one.page.keyboard.press('Space')
    await allSaved(one.page)
    await two.page.keyboard.press('Space')
    await two.page.getByRole('button', { name: 'Leave it as it stands' }).click()
    await allSaved(two.page)
    expect(await journalOf(desk.dir)).toHaveLength(1)
    await one.context.close()
    await two.context.close()
    await desk.close()
  })
})
