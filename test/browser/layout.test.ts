import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { launch, withoutBrowser } from './chromium.ts'
import { openDesk, removeRooms, signIn } from './desk.ts'

const PLACES = ['.queue', '.viewport', '.strip', '.why', '.rows', '.prompt', '.accept', '.caption']

const rectangles = (page: Page) =>
  page.evaluate(
    places =>
      places.map(place => {
        const { x, y, width, height } = document.querySelector(place)!.getBoundingClientRect()
        return [place, x, y, width, height].join(' ')
      }),
    PLACES,
  )

describe.skipIf(withoutBrowser())('the layout', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await removeRooms()
  })

  it('nothing moves from case to case, nor by a flip, a cause, a mention or a warning', async () => {
    const desk = await openDesk()
    const { context, page } = await signIn(browser, desk.server.loginLink, 'Dr Still')
    const first = await rectangles(page)
    for (let i = 0; i < 12; i++) {
      for (const key of ['1', 'w', 'Shift+4', 'c', 'Escape', 'm', 'm', 'Escape']) {
        await page.keyboard.press(key)
        expect(await rectangles(page)).toEqual(first)
      }
      await page.keyboard.press('j')
      await page.waitForTimeout(60)
      expect(await rectangles(page)).toEqual(first)
    }
    await context.close()
    await desk.close()
  })

  it('at 1280 × 720 the decision column does not scroll, and a caption of 600 characters fits in it', async () => {
    const desk = await openDesk()
    const { context, page } = await signIn(browser, desk.server.loginLink, 'Dr Fits')
    const column = page.locator('.column')
    expect(await column.evaluate(element => element.scrollHeight <= element.clientHeight)).toBe(true)
    const words = 'Axial chest CT shows patchy opacities in both lower lobes, and more words. '
      .repeat(9)
      .slice(0, 600)
    const fits = await page.locator('.caption-scroll').evaluate((element, text) => {
      element.querySelector('p')!.textContent = text
      return element.scrollHeight <= element.clientHeight
    }, words)
    expect(fits).toBe(true)
    await context.close()
    await desk.close()
  })

  it('a narrow window drops the list first and keeps picture and decision', async () => {
    const desk = await openDesk(1)
    const { context, page } = await signIn(browser, desk.server.loginLink, 'Dr Narrow', {
      viewport: { width: 920, height: 720 },
    })
    expect(await page.locator('.queue').isVisible()).toBe(false)
    expect(await page.locator('.viewport').isVisible()).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await context.close()
    await desk.close()
  })

  it('every picture panel stays reachable by mouse alone: a click chooses, a click on a proposal decides', async () => {
    const desk = await openDesk()
    const { context, page } = await signIn(browser, desk.server.loginLink, 'Dr Mouse')
    const row = page.getByRole('radiogroup', { name: /^crazy paving/ })
    await row.getByTitle('uncertain').click()
    expect(await row.getAttribute('aria-label')).toContain('uncertain, decided')
    await page.getByRole('list', { name: 'Panels of this figure' }).getByRole('button').last().click()
    await page.getByRole('button', { name: /Accept and next/ }).click()
    await page.locator('.saving[data-state="saved"]').waitFor()
    await page.mouse.move(500, 300)
    const before = await page.locator('.ground').evaluate(element => (element as HTMLElement).style.transform)
    await page.mouse.wheel(0, -300)
    await expect
      .poll(() => page.locator('.ground').evaluate(element => (element as HTMLElement).style.transform))
      .not.toBe(before)
    await context.close()
    await desk.close()
  })

  it('after a click on a button Space still accepts the case; on a button reached by Tab it presses the button', async () => {
    const desk = await openDesk()
    const { context, page } = await signIn(browser, desk.server.loginLink, 'Dr Click')
    await page.getByRole('button', { name: 'Zoom in' }).click()
    const before = page.url()
    await page.keyboard.press('Space')
    await expect.poll(() => page.url()).not.toBe(before)
    await page.getByRole('button', { name: 'Filter' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('dialog', { name: 'Search and filter' }).waitFor()
    await context.close()
    await desk.close()
  })

  it('the review page’s script is under 150 kB gzipped, and no script or style stands inline', async () => {
    const folder = packagePath('dist', 'annotator', 'ui')
    const html = await readFile(`${folder}/index.html`, 'utf8')
    const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(match => match[1]!)
    expect(scripts.length).toBeGreaterThan(0)
    let bytes = 0
    for (const script of scripts) bytes += gzipSync(await readFile(`${folder}/${script}`)).length
    console.info(`script of the review page: ${(bytes / 1000).toFixed(1)} kB gzipped`)
    expect(bytes).toBeLessThan(150_000)
    expect(html).not.toMatch(/<style|<script(?![^>]*src=)|style="/)
  })
})
