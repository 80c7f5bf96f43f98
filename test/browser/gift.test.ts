import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { phantomSlice } from '../../data/demo/phantom/slice.ts'
import { writeDicom } from '../data/dicom/write-dicom.ts'
import { violations } from './axe.ts'
import { demoDesk } from './demo-desk.ts'
import { inChromium, sitDown } from './seat.ts'

/** A phantom as a DICOM file of a CT, with a name in its tags and a bright line burnt into its first rows. */
function slice(): { bytes: Buffer; width: number; height: number; line: number } {
  const { pixels, width, height } = phantomSlice('given', { covid: true, lesions: ['GGO'], width: 200 })
  const line = Math.round(height / 10)
  const samples = Int16Array.from(pixels, (grey, at) =>
    at < line * width ? 2600 : Math.round(-1350 + (grey * 1500) / 255) + 1024,
  )
  const bytes = writeDicom({
    width,
    height,
    samples,
    elements: { '0010,0010': ['PN', 'Doe^Jane'], '0010,0020': ['LO', 'MRN-4711'] },
  })
  return { bytes: Buffer.from(bytes), width, height, line }
}

const pictures = async (dir: string) => (await readdir(join(dir, 'images'))).sort()

async function choose(page: Page, buffer: Buffer): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'doe-jane.dcm', mimeType: 'application/dicom', buffer })
  await page.getByRole('heading', { name: 'What the model says' }).waitFor()
}

inChromium('giving a picture', browser => {
  it('keeps nothing without the tick; with it what was boxed is black, by mouse and by keys, and the case can be read', async () => {
    const { server, dir } = await demoDesk()
    const { page, heard } = await sitDown(browser(), server.loginLink, 'Dr Giver')
    await page.goto(`${server.url}/diagnose`)
    const before = await pictures(dir)
    const { bytes, width, height, line } = slice()
    await choose(page, bytes)
    expect(await pictures(dir)).toEqual(before)
    expect(await page.getByRole('button', { name: 'Give it' }).count()).toBe(0)

    await page.getByRole('checkbox', { name: 'Give this picture to the pool' }).check()
    await page.getByText('PatientName, PatientID').waitFor()
    const give = page.getByRole('button', { name: 'Give it' })
    await page.getByLabel(/^I may pass this picture on/).check()
    expect(await give.isDisabled()).toBe(true)

    const ground = page.locator('.black-out .diagnosed')
    await ground.scrollIntoViewIfNeeded()
    const edge = (await ground.boundingBox())!
    await page.mouse.move(edge.x + edge.width + 20, edge.y + edge.height * 0.12)
    await page.mouse.move(edge.x + edge.width - 1, edge.y + edge.height * 0.12)
    await page.mouse.down()
    await page.mouse.move(edge.x - 20, edge.y - 20, { steps: 4 })
    await page.mouse.up()
    await page.getByText('1 box', { exact: true }).waitFor()

    // The second by keys alone: into the lower left corner, wider by ten steps.
    await page.getByRole('button', { name: 'Add a box' }).press('Enter')
    const second = page.getByRole('button', { name: /^Black box 2/ })
    await expect.poll(() => second.evaluate(node => node === document.activeElement)).toBe(true)
    for (let step = 0; step < 100; step++) await page.keyboard.press('ArrowDown')
    for (let step = 0; step < 40; step++) await page.keyboard.press('ArrowLeft')
    for (let step = 0; step < 10; step++) await page.keyboard.press('Shift+ArrowRight')
    await page.getByRole('button', { name: 'Add a box' }).click()
    await page.keyboard.press('Delete')
    await page.getByText('2 boxes', { exact: true }).waitFor()

    await page.getByLabel(/^I have looked/).check()
    expect(await violations(page), 'dark').toEqual([])
    const shots = process.env['GIFT_SHOTS']
    if (shots) await page.screenshot({ path: `${shots}/gift-dark.png`, fullPage: true })
    await page.getByRole('button', { name: 'Change to the light theme' }).click()
    expect(await violations(page), 'light').toEqual([])
    if (shots) await page.screenshot({ path: `${shots}/gift-light.png`, fullPage: true })
    expect(await pictures(dir)).toEqual(before)

    await give.click()
    const open = page.getByRole('link', { name: 'Open it on the desk' })
    await open.waitFor()
    const after = (await pictures(dir)).filter(name => !before.includes(name))
    expect(after).toHaveLength(2)
    const shown = await sharp(join(dir, 'images', after.find(name => !name.includes('.hu.'))!))
      .raw()
      .toBuffer()
    const greyAt = (x: number, y: number) => shown[3 * (y * width + x)]!
    for (let x = 0; x < width; x++) for (let y = 0; y <= line; y++) expect(greyAt(x, y), `${x}, ${y}`).toBe(0)
    for (let x = 0; x < 0.39 * width; x++) expect(greyAt(x, height - 2), `${x}, bottom`).toBe(0)
    // What no box was drawn over is as it was.
    let left = 0
    for (let at = 0; at < width * height; at++) left += Number(shown[3 * at]! > 60)
    expect(left).toBeGreaterThan((width * height) / 20)

    await open.click()
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await page.getByRole('group', { name: 'Window in Hounsfield units' }).waitFor()
    await page.getByText(/given to the pool for research/).waitFor()
    const cases = await readFile(join(dir, 'cases', 'cases.jsonl'), 'utf8')
    expect(cases).toContain('"given":{"who":')
    expect(cases).not.toMatch(/doe|jane|4711/i)
    expect(heard).toEqual([])
  })
})
