import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { inChromium, ownDesk, sitDown } from './seat.ts'

/** More stops than any page has: whoever presses Tab so often without coming round is caught somewhere. */
const MOST = 400

interface Stop {
  name: string
  isVisible: boolean
  hasRing: boolean
}

/** What has the focus: its name, whether it is in sight, and whether something shows that it has it. */
const stop = (page: Page): Promise<Stop | null> =>
  page.evaluate(() => {
    const now = document.activeElement
    if (!(now instanceof HTMLElement) || now === document.body) return null
    // A choice of several is a hidden input in a label that wears the ring.
    const shown = now.matches('input[type="radio"]') ? (now.closest('label') ?? now) : now
    const box = shown.getBoundingClientRect()
    const worn = [now, shown, ...shown.children].map(each => getComputedStyle(each))
    return {
      name: `${now.tagName.toLowerCase()} ${now.getAttribute('aria-label') ?? now.textContent ?? ''}`.slice(
        0,
        80,
      ),
      isVisible:
        box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      hasRing: worn.some(
        style =>
          (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) ||
          style.boxShadow !== 'none',
      ),
    }
  })

inChromium('without a mouse', browser => {
  it('every page is reached by Tab from the bar, walked through to its end, and shows at each stop where one is', async () => {
    const desk = await ownDesk(2)
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Tab')
    const pages = await page
      .locator('.bar nav a')
      .evaluateAll(links => links.map(link => link.textContent ?? ''))
    expect(pages.length).toBeGreaterThanOrEqual(7)
    for (const words of pages) {
      const link = page.locator('.bar nav').getByRole('link', { name: words, exact: true })
      await link.focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => link.getAttribute('aria-current')).toBe('page')
      await page.waitForLoadState('networkidle')
      await page.locator('.skip').focus()
      const stops: Stop[] = []
      for (let at = 0; at < MOST; at++) {
        await page.keyboard.press('Tab')
        const now = await stop(page)
        if (!now) break
        stops.push(now)
      }
      expect(stops.length, `${words}: stops before the page's end`).toBeLessThan(MOST)
      expect(stops.length, words).toBeGreaterThan(8)
      expect(
        stops.filter(each => !each.isVisible || !each.hasRing).map(each => each.name),
        words,
      ).toEqual([])
    }
    expect(heard).toEqual([])
  }, 90_000)

  it('the skip link leads past the bar, and a window gives the focus back to where it was opened', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Skip')
    await page.goto(`${desk.server.url}/people`)
    await page.getByRole('heading', { name: 'Add a person' }).waitFor()
    await page.locator('.skip').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    const keys = page.getByRole('button', { name: 'All keys' })
    await keys.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Adjudicate' }).count()).toBe(1)
    for (let at = 0; at < 120; at++) await page.keyboard.press('Tab')
    expect(
      await page.evaluate(() => {
        const now = document.activeElement
        return now === document.body || now?.closest('dialog') !== null
      }),
    ).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => keys.evaluate(button => button === document.activeElement)).toBe(true)
  })
})
