import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

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

inChromium('the layout', browser => {
  it('nothing moves from case to case, nor by a flip, a cause, a mention or a warning', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Still')
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
  })

  it('a window that opens leaves the list where it stands, also one whose script is fetched first', async () => {
    const desk = await ownDesk()
    const last = desk.cases.at(-1)!
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Place')
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(last.id)}`)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    const list = page.locator('.queue-rows')
    await list.evaluate(element => element.scrollTo(0, 200))
    for (const [key, name] of [
      ['g', 'Labelling guideline'],
      ['p', /page/],
    ] as const) {
      await page.keyboard.press(key)
      await page.getByRole('dialog', { name }).waitFor()
      expect(await list.evaluate(element => element.scrollTop), String(name)).toBe(200)
      await page.keyboard.press('Escape')
    }
  })

  it('from the first paint over cases, windows and decisions the layout shifts by less than a hundredth (printed)', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Shift')
    await page.reload()
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    for (const key of [
      '1',
      'w',
      'Space',
      'j',
      'g',
      'Escape',
      'm',
      'Escape',
      'i',
      '+',
      'c',
      'Enter',
      'Backspace',
    ]) {
      await page.keyboard.press(key)
      await page.waitForTimeout(80)
    }
    const shifts = await page.evaluate(
      () =>
        new Promise<{ value: number; what: string }[]>(done => {
          new PerformanceObserver(list =>
            done(
              list.getEntries().map(entry => {
                const { value, sources } = entry as unknown as {
                  value: number
                  sources: { node: Element | null }[]
                }
                return {
                  value,
                  what: sources.map(each => each.node?.className || each.node?.nodeName).join(', '),
                }
              }),
            ),
          ).observe({ type: 'layout-shift', buffered: true })
          setTimeout(() => done([]), 500)
        }),
    )
    const total = shifts.reduce((sum, each) => sum + each.value, 0)
    console.info(`layout shift of the review page, also what follows a key: ${total.toFixed(4)}`)
    expect(total, JSON.stringify(shifts)).toBeLessThan(0.01)
  })

  it('at 4K everything but the slice is drawn larger, nothing overflows, and the column does not scroll', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Wall', {
      viewport: { width: 3840, height: 2160 },
    })
    const facts = await page.evaluate(() => {
      const box = (place: string) => document.querySelector(place)!.getBoundingClientRect()
      return {
        row: box('.row').height,
        picture: box('.viewport').width,
        wide: document.documentElement.scrollWidth <= innerWidth,
        columns: box('.queue').width + box('.picture').width + box('.column').width,
        scrolls: (column => column.scrollHeight > column.clientHeight)(document.querySelector('.column')!),
      }
    })
    expect(facts.row).toBeGreaterThan(55)
    expect(facts.picture).toBeGreaterThan(2600)
    expect(facts).toMatchObject({ wide: true, columns: 3840, scrolls: false })
    await page.keyboard.press('j')
    await page.mouse.move(1500, 900)
    const under = () =>
      page.evaluate(() => {
        const box = document.querySelector('.ground')!.getBoundingClientRect()
        return (1500 - box.x) / box.width
      })
    const before = await under()
    await page.mouse.wheel(0, -200)
    await page.waitForTimeout(100)
    expect(await under()).toBeCloseTo(before, 3)
  })

  it('at 1280 × 720 the decision column does not scroll, and a caption of 600 characters fits in it', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Fits')
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
  })

  it('a narrow window drops the list first and keeps picture and decision', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Narrow', {
      viewport: { width: 920, height: 720 },
    })
    expect(await page.locator('.queue').isVisible()).toBe(false)
    expect(await page.locator('.viewport').isVisible()).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  })

  it('every picture panel stays reachable by mouse alone: a click chooses, a click on a proposal decides', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Mouse')
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
  })

  it('after a click on a button Space still accepts the case; on a button reached by Tab it presses the button', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Click')
    await page.getByRole('button', { name: 'Zoom in' }).click()
    const before = page.url()
    await page.keyboard.press('Space')
    await expect.poll(() => page.url()).not.toBe(before)
    await page.getByRole('button', { name: 'Filter' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('dialog', { name: 'Search and filter' }).waitFor()
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
