import { rm } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { violations } from './axe.ts'
import { allSaved, caseShown, freshWorkspace, journalOf, serveApart } from './desk.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

inChromium('saving', browser => {
  it('a server killed in mid-work loses nothing: decisions wait, survive a closed tab, and go out once, in order', async () => {
    const { dir } = await freshWorkspace()
    const first = await serveApart(dir, 0)
    const port = Number(new URL(first.url).port)
    const { context, page } = await sitDown(browser(), first.loginLink, 'Dr Steady')
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
    await rm(dir, { recursive: true, force: true })
  })

  it('a server that comes back gets what waited, without a reload', async () => {
    const { dir } = await freshWorkspace()
    const first = await serveApart(dir, 0)
    const { page } = await sitDown(browser(), first.loginLink, 'Dr Wait')
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
    await rm(dir, { recursive: true, force: true })
  })

  it('says how much is not yet saved, and warns before a tab with unsaved work is closed', async () => {
    const { dir } = await freshWorkspace()
    const server = await serveApart(dir, 0)
    const { page } = await sitDown(browser(), server.loginLink, 'Dr Close')
    await page.waitForTimeout(300)
    const gone = new Promise(resolve => server.process.once('exit', resolve))
    server.process.kill('SIGKILL')
    await gone
    for (let i = 0; i < 3; i++) {
      const before = caseShown(page)
      await page.keyboard.press('Space')
      await page.waitForFunction(was => new URL(location.href).searchParams.get('case') !== was, before)
    }
    await page.getByText('3 not yet saved; the server is not reached').waitFor()
    const warned = page.waitForEvent('dialog')
    await page.close({ runBeforeUnload: true })
    const dialog = await warned
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    expect(page.isClosed()).toBe(false)
    await page.getByText('3 not yet saved').waitFor()
    await rm(dir, { recursive: true, force: true })
  })

  it('two people on one case: the second sees both labels and chooses, and nothing is overwritten silently', async () => {
    const desk = await ownDesk()
    const one = await sitDown(browser(), desk.server.loginLink, 'Dr One')
    const two = await sitDown(browser(), await desk.server.newLoginLink(), 'Dr Two')
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
    expect(await violations(two.page)).toEqual([])
    expect(await journalOf(desk.dir)).toHaveLength(1)
    await dialog.getByRole('button', { name: 'Save mine too' }).click()
    await allSaved(two.page)
    const acts = await journalOf(desk.dir)
    expect(acts.map(act => [act.case, act.act.kind])).toEqual([
      [id, 'label'],
      [id, 'label'],
    ])
    expect(new Set(acts.map(act => act.who)).size).toBe(2)
  })

  it('a conflict settled as theirs leaves only their label', async () => {
    const desk = await ownDesk()
    const one = await sitDown(browser(), desk.server.loginLink, 'Dr First')
    const two = await sitDown(browser(), await desk.server.newLoginLink(), 'Dr Second')
    const id = caseShown(one.page)
    await two.page.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
    await two.page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await one.page.keyboard.press('Space')
    await allSaved(one.page)
    await two.page.keyboard.press('Space')
    await two.page.getByRole('button', { name: 'Leave it as it stands' }).click()
    await allSaved(two.page)
    expect(await journalOf(desk.dir)).toHaveLength(1)
  })
})
