import { rm } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { openStore } from '../../data/stores/open.ts'
import { Passwords, passwordFile } from '../../data/stores/passwords.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { violations } from './axe.ts'
import { complaints, freshWorkspace } from './desk.ts'
import { inChromium } from './seat.ts'

const RIGHT = 'seven grey lungs'
/** Where the page keeps its theme. */
const PREFERENCES = 'lesionloop.preferences'

/** A desk that other machines reach, with one person who has a password. */
async function deskOutside() {
  const { dir } = await freshWorkspace(1)
  const workspace = await openWorkspace(dir)
  const store = await openStore(workspace)
  await new Passwords(passwordFile(workspace)).set(await store.accounts.add('Ann Reader', 'curator'), RIGHT)
  await store.close()
  const server = await startServer({ workspace: dir, host: '0.0.0.0' })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return server
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['LOGIN_PICTURES']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

inChromium('signing in with name and password', browser => {
  describe.each(['dark', 'light'] as const)('in the %s theme', theme => {
    it('goes by keys alone, says what is wrong, and is accessible', async () => {
      const server = await deskOutside()
      const context = await browser().newContext({
        viewport: { width: 1280, height: 720 },
        reducedMotion: 'reduce',
      })
      onTestFinished(() => context.close())
      // As a page of before left it in this browser.
      await context.addInitScript(
        ([place, kept]) => localStorage.setItem(place!, kept!),
        [PREFERENCES, JSON.stringify({ theme })],
      )
      const page = await context.newPage()
      const heard = complaints(page)
      await page.goto(server.url)
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe(theme)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('name')
      expect(await violations(page)).toEqual([])
      await page.keyboard.type('ann reader')
      await page.keyboard.press('Tab')
      await page.keyboard.type('eight grey lungs')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: 'open nothing' }).waitFor()
      expect(await violations(page)).toEqual([])
      await picture(page, `login-${theme}`)
      await page.getByLabel('Password').fill(RIGHT)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /Accept and next/ }).waitFor()
      expect(heard).toEqual([])
    })
  })

  it('is followed by a password of one’s own choice, which ends the session in the other browser', async () => {
    const server = await deskOutside()
    const seats = await Promise.all(
      [1, 2].map(async () => {
        const context = await browser().newContext({ viewport: { width: 1280, height: 720 } })
        onTestFinished(() => context.close())
        const page = await context.newPage()
        await page.goto(server.url)
        await page.getByLabel('Name').fill('Ann Reader')
        await page.getByLabel('Password').fill(RIGHT)
        await page.keyboard.press('Enter')
        await page.getByRole('button', { name: /Accept and next/ }).waitFor()
        return page
      }),
    )
    const [here, elsewhere] = seats as [Page, Page]
    await here.goto(`${server.url}/people`)
    await here.getByLabel('Until now, if you have one').fill(RIGHT)
    await here.getByLabel('New', { exact: true }).fill('nine pale lungs')
    expect(await violations(here)).toEqual([])
    await here.getByRole('button', { name: 'Change it' }).click()
    await here.getByText('you are signed out everywhere else').waitFor()
    await elsewhere.reload()
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor()
    await here.reload()
    await here.getByRole('heading', { name: 'People' }).waitFor()
  })
})
