import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { violations } from './axe.ts'
import { demoDesk } from './demo-desk.ts'
import { inChromium, sitDown } from './seat.ts'

inChromium('diagnose', browser => {
  it('answers a dropped slice with six probabilities, their range and like cases, refuses what is none, passes axe', async () => {
    const { server, dir } = await demoDesk()
    const pictures = (await readdir(join(dir, 'images'))).filter(name => name.endsWith('.png')).sort()
    const picture = join(dir, 'images', pictures[0]!)
    const { page, heard } = await sitDown(browser(), server.loginLink, `Dr Drop ${Date.now() % 10_000}`)
    await page.goto(`${server.url}/diagnose`)
    await page.getByText('Research use only, not a diagnosis.').waitFor()
    const chooser = page.locator('input[type=file]')

    await chooser.setInputFiles({
      name: 'letter.png',
      mimeType: 'image/png',
      buffer: Buffer.from('Dear Sir'),
    })
    await page.getByText(/letter\.png: not a picture that can be read/).waitFor()

    await chooser.setInputFiles(picture)
    await page.getByRole('heading', { name: 'What the model says' }).waitFor()
    expect(await page.locator('.said li').count()).toBe(6)
    expect(await page.getByText(/folds \d+ % to \d+ %/).count()).toBeGreaterThan(0)
    // The slice is a case of the workspace: the case most alike is itself.
    expect(await page.locator('.alike li').first().textContent()).toContain('1.00')

    const began = performance.now()
    await chooser.setInputFiles(picture)
    await page.locator('.diagnosis').waitFor({ state: 'detached' })
    await page.locator('.diagnosis').waitFor()
    console.log(
      `diagnose: warm, from choosing a picture to the answer: ${Math.round(performance.now() - began)} ms`,
    )

    expect(await violations(page), 'dark').toEqual([])
    const shots = process.env['DIAGNOSE_SHOTS']
    const map = page.getByRole('button', { name: /^Heat map of Ground/ })
    if ((await map.count()) > 0) await map.click()
    if (shots) await page.screenshot({ path: `${shots}/diagnose-dark.png`, fullPage: true })
    await page.getByRole('button', { name: 'Change to the light theme' }).click()
    expect(await violations(page), 'light').toEqual([])
    if (shots) await page.screenshot({ path: `${shots}/diagnose-light.png`, fullPage: true })
    expect(heard).toEqual([])
  })

  it('h asks for a heat map, and where the model has none the reason is told', async () => {
    const { server } = await demoDesk()
    const { page } = await sitDown(browser(), server.loginLink, `Dr Heat ${Date.now() % 10_000}`)
    await page.keyboard.press('h')
    await page.keyboard.press('1')
    const words = page.locator('.heat-controls [role=status]')
    const shown = page.locator('.ground .heat')
    const told = page.getByText(/heat map: none/)
    // Cases read blind hide the map, and of what nothing speaks for there is none: a later case has one.
    for (let tried = 0; tried < 40; tried++) {
      await page
        .locator('.ground .heat')
        .or(told)
        .or(words.filter({ hasText: /hidden until|nothing here/ }))
        .first()
        .waitFor()
      if ((await shown.count()) + (await told.count()) > 0) break
      const before = page.url()
      await page.keyboard.press('j')
      await page.waitForURL(url => url.href !== before)
    }
    const shots = process.env['DIAGNOSE_SHOTS']
    if (shots) await page.screenshot({ path: `${shots}/heat-dark.png` })
    if ((await shown.count()) > 0) {
      expect(await page.getByLabel('Heat map of').inputValue()).toBe('GGO')
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('h')
      await shown.waitFor({ state: 'detached' })
    } else expect(await told.first().textContent()).toContain('efficientnet-lite0')
  })
})
