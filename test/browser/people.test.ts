import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { violations } from './axe.ts'
import { allSaved, caseShown, journalOf } from './desk.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

/** A picture of the page for whoever wants to look at it: PEOPLE_PICTURES names the folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['PEOPLE_PICTURES']
  if (!folder) return
  await mkdir(folder, { recursive: true })
  // Tall, since the page scrolls within its frame.
  await page.setViewportSize({ width: 1280, height: 2000 })
  await page.screenshot({ path: join(folder, `${name}.png`) })
  await page.setViewportSize({ width: 1280, height: 720 })
}

const toLight = (page: Page) => page.getByRole('button', { name: 'Change to the light theme' }).click()

inChromium('several people', browser => {
  it('are handed the same cases, read apart, and their disagreements are settled by keys alone', async () => {
    const desk = await ownDesk(2)
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Cura')

    /** Adds a reader on the page, and opens their link in a browser of their own. */
    async function reader(name: string): Promise<Page> {
      await page.goto(`${desk.server.url}/people`)
      await page.getByRole('textbox', { name: 'Name' }).fill(name)
      await page.keyboard.press('Enter')
      const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
      await row.getByRole('button', { name: 'Sign-in link' }).click()
      const link = await page.locator('.link-line code').textContent()
      const own = await browser().newContext({
        viewport: { width: 1280, height: 720 },
        reducedMotion: 'reduce',
      })
      const theirs = await own.newPage()
      await theirs.goto(link!)
      await theirs
        .getByRole('button', { name: /Sign in|Open/ })
        .first()
        .click({ timeout: 2000 })
        .catch(() => {})
      await theirs.getByRole('button', { name: /Accept and next/ }).waitFor()
      return theirs
    }
    const ann = await reader('Ann')
    const bob = await reader('Bob')

    await page.goto(`${desk.server.url}/people`)
    await page.getByRole('checkbox', { name: 'Ann' }).check()
    await page.getByRole('checkbox', { name: 'Bob' }).check()
    await page.getByLabel('Read by several, %').fill('100')
    await page.getByText('One document, another draw, handing out again').click()
    await page.getByLabel('Only of this document').selectOption(desk.cases[0]!.document!)
    await page.getByLabel('Seed of the draw').fill('7')
    await page.getByRole('button', { name: 'Hand out' }).click()
    await page.getByText(/cases handed out, .* to 2 readers/).waitFor()
    await page
      .getByRole('cell', { name: /^0 of \d+$/ })
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
    await picture(page, 'people-dark')

    const id = desk.cases[0]!.id
    const open = async (theirs: Page) => {
      await theirs.goto(`${desk.server.url}/?case=${encodeURIComponent(id)}`)
      await theirs.getByRole('button', { name: /Accept and next/ }).waitFor()
      expect(caseShown(theirs)).toBe(id)
    }
    await open(ann)
    await open(bob)
    // Both have the case before them; the second knows nothing of the first, and meets no conflict.
    await ann
      .getByRole('radiogroup', { name: /crazy paving/ })
      .getByLabel('present', { exact: true })
      .check({ force: true })
    await ann.keyboard.press('Space')
    await allSaved(ann)
    await bob
      .getByRole('radiogroup', { name: /crazy paving/ })
      .getByLabel('absent', { exact: true })
      .check({ force: true })
    await bob.keyboard.press('Space')
    await allSaved(bob)
    expect(await bob.getByRole('dialog').count()).toBe(0)

    await page.goto(`${desk.server.url}/adjudicate`)
    await page.getByText('1 waiting').waitFor()
    expect(await page.locator('body').textContent()).not.toMatch(/\bAnn\b|\bBob\b/)
    expect(await page.locator('tr.in-hand').getAttribute('data-head')).toBe('CrPa')
    expect(await violations(page)).toEqual([])
    await picture(page, 'adjudicate-dark')
    await toLight(page)
    expect(await violations(page)).toEqual([])
    await picture(page, 'adjudicate-light')
    await page.keyboard.press('Space')
    await page.getByText('Decide CrPa first.').waitFor()
    await page.keyboard.press('p')
    await page.keyboard.press('Space')
    await page.getByText('No two readings contradict each other.').waitFor()
    await page.keyboard.press('Backspace')
    await page.getByText('1 waiting').waitFor()
    await page.keyboard.press('2')
    await page.keyboard.press('Space')
    await page.getByText('No two readings contradict each other.').waitFor()

    await page.goto(`${desk.server.url}/dataset`)
    await page.getByRole('rowheader', { name: /Ann and Bob/ }).waitFor()
    await page.getByLabel(/Cases to have labelled/).fill('40')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Goal: 1 of 40 labelled' }).waitFor()
    await page.locator('.plot svg').waitFor()
    expect(await violations(page)).toEqual([])
    await picture(page, 'dataset-light')
    await page.goto(`${desk.server.url}/people`)
    await page
      .getByRole('cell', { name: /^1 of \d+$/ })
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
    await picture(page, 'people-light')
    expect(heard).toEqual([])
    const verdicts = (await journalOf(desk.dir)).filter(act => act.act.kind === 'adjudicate')
    expect(verdicts).toHaveLength(2)
  })

  it('read a share of the cases without text and model, which are shown after the decision', async () => {
    const desk = await ownDesk(2)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Blind')
    await page.goto(`${desk.server.url}/people`)
    const field = page.getByLabel('Read without text and model, %')
    await field.fill('100')
    const saved = page.waitForResponse(
      response => response.url().endsWith('/api/settings') && response.request().method() === 'PUT',
    )
    await field.press('Tab')
    expect((await saved).status()).toBe(200)
    const id = encodeURIComponent(desk.cases[0]!.id)
    await page.goto(`${desk.server.url}/?case=${id}`)
    await page.getByText('Read blind: text and model are shown after your decision.').waitFor()
    expect(await page.locator('.said, .probability').count()).toBe(0)
    await page.getByText('The caption is shown after your decision.').waitFor()
    // Nothing is proposed: the first press fills in what is open, the second saves it.
    await page.keyboard.press('Space')
    await page.getByText('The rest is absent. Once more saves it.').waitFor()
    expect(await page.locator('.choice.decided').count()).toBe(5)
    expect(caseShown(page)).toBe(desk.cases[0]!.id)
    await page.keyboard.press('Space')
    await allSaved(page)
    await page.goto(`${desk.server.url}/?case=${id}`)
    await page.locator('.probability').first().waitFor()
    const [label] = await journalOf(desk.dir)
    expect(label?.act).toMatchObject({ kind: 'label', blind: true })
  })

  it('are asked a share of their cases once more, as if they had not read them', async () => {
    const desk = await ownDesk(2)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Again')
    await page.evaluate(() =>
      fetch('/api/settings', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ repeatShare: 1, repeatAfter: 2 }),
      }),
    )
    await page.goto(desk.server.url)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    const seen: string[] = []
    for (let turn = 0; turn < 8 && new Set(seen).size === seen.length; turn++) {
      await page.waitForFunction(
        last => new URL(location.href).searchParams.get('case') !== last,
        seen.at(-1),
      )
      seen.push(caseShown(page))
      if (new Set(seen).size < seen.length) {
        // The rows propose anew; what was saved the first time is not in them.
        expect(await page.locator('.choice.decided').count()).toBe(0)
      }
      const due = page.waitForResponse(response => response.url().endsWith('/api/repeats'))
      await page.keyboard.press('Space')
      await due
      await allSaved(page)
    }
    expect(new Set(seen).size).toBe(seen.length - 1)
    const labels = (await journalOf(desk.dir)).filter(act => act.act.kind === 'label')
    expect(labels.map(act => act.act.kind === 'label' && act.act.repeat === true)).toEqual(
      seen.map((_, at) => at === seen.length - 1),
    )
    expect(labels.at(-1)?.case).toBe(labels[0]?.case)
  })

  it('go back to an entry of a case’s history, and undo that', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Back')
    const id = caseShown(page)
    const address = `${desk.server.url}/?case=${encodeURIComponent(id)}`
    const choice = (words: string) =>
      page.getByRole('radiogroup', { name: /consolidation/ }).getByLabel(words, { exact: true })
    for (const words of ['present', 'uncertain']) {
      await page.goto(address)
      await choice(words).check({ force: true })
      await page.keyboard.press('Space')
      await allSaved(page)
    }
    await page.goto(address)
    await page.locator('.caption').waitFor()
    await page.keyboard.press('y')
    await page.getByRole('button', { name: /^Go back to act 1/ }).click()
    await allSaved(page)
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[name="choice-Csld"][value="present"]')?.checked,
    )
    await page.keyboard.press('Backspace')
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[name="choice-Csld"][value="uncertain"]')?.checked,
    )
  })
})
