import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../annotator/server/start.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { violations } from './axe.ts'
import { journalOf, signIn } from './desk.ts'
import { inChromium } from './seat.ts'

/** A folder for pictures of what the tests see, where somebody wants to look at them. */
const PICTURES = process.env['LESIONLOOP_PICTURES']

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

const DOCUMENT = '10.5555/2020.02.19.200001v1'

inChromium('the page of a document', browser => {
  let mined: string
  let dir: string
  let server: RunningServer
  let page: Page
  let heard: string[]

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lesionloop-documents-'))
    mined = packagePath('data', 'demo', 'corpus', 'heron.pdf')
    await promisify(execFile)(process.execPath, [
      packagePath('dist', 'cli.js'),
      'mine',
      mined,
      '--workspace',
      dir,
    ])
    server = await startServer({ workspace: dir })
    ;({ page, heard } = await signIn(browser(), server.loginLink, 'Dr Page'))
  }, 120_000)
  afterAll(async () => {
    await server?.close()
    await rm(dir, { recursive: true, force: true })
  })

  const open = async () => {
    await page.goto(`${server.url}/document?id=${encodeURIComponent(DOCUMENT)}`)
    await page.getByRole('heading', { name: 'Figure 1', exact: true }).waitFor()
  }
  const card = (label = 'Figure 1') => page.getByRole('region', { name: label, exact: true })
  const panels = () => card().getByRole('link', { name: /review it/ })
  const state = async (id: string) =>
    (
      await page.request
        .get(`${server.url}/api/case?id=${encodeURIComponent(id)}`)
        .then(reply => reply.json())
    ).case

  it('has its pages drawn by a job, with the figures marked on them; a mark leads to its figure', async () => {
    await open()
    const mark = page.getByRole('button', { name: /Figure 1: to its panels/ })
    await mark.waitFor({ timeout: 60_000 })
    const sheet = await page
      .getByAltText(/^Page \d+ of the document/)
      .first()
      .boundingBox()
    const box = await mark.boundingBox()
    expect(box!.width).toBeGreaterThan(sheet!.width * 0.3)
    expect(box!.x + box!.width).toBeLessThan(sheet!.x + sheet!.width)
    await mark.focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('figure-Figure-1')
    expect(await violations(page)).toEqual([])
    await picture(page, 'document-dark')
  }, 90_000)

  it('takes a corrected caption by keyboard, has its new words mined, keeps the mined text, and undoes it', async () => {
    await open()
    await page.getByRole('button', { name: 'Edit caption of Figure 1' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Caption of Figure 1' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('Air bronchogram in every panel. ')
    await picture(page, 'caption-editor-dark')
    await page.keyboard.press('Control+Enter')
    await card().getByText('caption corrected').waitFor()
    const id = `${DOCUMENT}#Figure 1#A`
    await expect.poll(async () => (await state(id)).mined.findings.AirBr, { timeout: 60_000 }).toBe('present')
    expect((await state(id)).minedCaption).not.toContain('every panel')
    await page.getByRole('button', { name: 'Undo' }).click()
    await card().getByText('caption corrected').waitFor({ state: 'detached' })
    expect((await state(id)).mined.findings.AirBr).not.toBe('present')
  }, 90_000)

  it('splits and merges panels by keys alone; the untouched keep their case, and an undo brings all back', async () => {
    await open()
    const before = await panels().count()
    const hrefs = await panels().evaluateAll(links => links.map(link => link.getAttribute('href')))
    await page.getByRole('button', { name: 'Split panels of Figure 1' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Panels of Figure 1' })
    await dialog.waitFor()
    await page.keyboard.press('v')
    const line = dialog.locator('.editor-line:focus')
    const at = Number(await line.getAttribute('aria-valuenow'))
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight')
    expect(Number(await line.getAttribute('aria-valuenow'))).toBeCloseTo(at + 2, 1)
    await page.keyboard.press('Shift+ArrowLeft')
    expect(Number(await line.getAttribute('aria-valuenow'))).toBeCloseTo(at + 1.9, 1)
    expect(await violations(page)).toEqual([])
    await picture(page, 'figure-editor-dark')
    await page.keyboard.press('Control+Enter')
    await card().getByText('panels by hand').waitFor({ timeout: 60_000 })
    await expect.poll(() => panels().count()).toBe(before + 1)
    const now = await panels().evaluateAll(links => links.map(link => link.getAttribute('href')))
    expect(now.filter(href => hrefs.includes(href))).toHaveLength(before - 1)
    await picture(page, 'document-split-dark')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => panels().count()).toBe(before)
    expect(await panels().evaluateAll(links => links.map(link => link.getAttribute('href')))).toEqual(hrefs)
  }, 120_000)

  it('lets lines be dragged, double-clicked away, and the mined panels put back', async () => {
    await open()
    const before = await panels().count()
    await page.getByRole('button', { name: 'Split panels of Figure 1' }).click()
    const dialog = page.getByRole('dialog', { name: 'Panels of Figure 1' })
    const line = dialog.getByRole('slider').first()
    const from = Number(await line.getAttribute('aria-valuenow'))
    const box = (await line.boundingBox())!
    const [x, y] = [box.x + box.width / 4, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 30, y + 30, { steps: 4 })
    await page.mouse.up()
    expect(Number(await line.getAttribute('aria-valuenow'))).toBeGreaterThan(from)
    const lines = await dialog.getByRole('slider').count()
    await dialog.getByRole('slider').last().dblclick()
    expect(await dialog.getByRole('slider').count()).toBeLessThan(lines)
    await dialog.getByRole('button', { name: 'Letter them A, B, C' }).click()
    await dialog.getByRole('button', { name: /^Save/ }).click()
    await card().getByText('panels by hand').waitFor({ timeout: 60_000 })
    await expect.poll(() => panels().count()).toBe(before - 1)
    await page.getByRole('button', { name: 'Split panels of Figure 1' }).click()
    await dialog.getByRole('button', { name: 'As mined' }).click()
    await expect.poll(() => panels().count()).toBe(before)
  }, 120_000)

  it('takes a picture out of the lists that is no CT, and brings it back', async () => {
    await open()
    const all = async () =>
      (await page.request.get(`${server.url}/api/cases`).then(reply => reply.json())).total
    const before = await all()
    const kind = card().getByLabel('What Panel A is')
    await kind.selectOption('diagram')
    await expect.poll(all).toBe(before - 1)
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await expect.poll(all).toBe(before)
    await expect.poll(() => kind.inputValue()).toBe('ct')
  }, 60_000)

  it('makes cases of a figure in which the miner saw no CT, where a person sees one', async () => {
    await open()
    await card('Figure 2')
      .getByRole('button', { name: /There is a CT in it/ })
      .click()
    const kind = card('Figure 2').getByRole('combobox').first()
    await kind.waitFor({ timeout: 60_000 })
    expect(await kind.inputValue()).toBe('chart')
    expect(await violations(page)).toEqual([])
  }, 90_000)

  it('takes a folder with a table and the pictures it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lesionloop-folder-'))
    await mkdir(join(folder, 'images'))
    const { imageFile } = await state(`${DOCUMENT}#Figure 1#A`)
    await copyFile(join(dir, 'images', imageFile), join(folder, 'images', 'slice.png'))
    const row = { image: 'images/slice.png', caption: 'Crazy paving on CT of COVID-19.', document: 'by hand' }
    await writeFile(join(folder, 'rows.jsonl'), `${JSON.stringify(row)}\n`)
    await writeFile(join(folder, 'images', 'fake.png'), 'no picture')
    await page.goto(`${server.url}/documents`)
    await page.getByLabel('Folder to mine').setInputFiles(folder)
    const files = page.getByRole('list', { name: 'Files sent' })
    await files.getByText(/fake\.png: neither PDF/).waitFor()
    await page.getByRole('heading', { name: 'Mining: done' }).waitFor({ timeout: 60_000 })
    const found = await page.request.get(`${server.url}/api/cases?search=crazy+paving+on`)
    const { rows } = (await found.json()) as { rows: { id: string }[] }
    expect(rows.filter(({ id }) => id.startsWith('rows:'))).toMatchObject([
      { findings: { CrPa: 'present' }, flag: 'positive' },
    ])
    expect(await violations(page)).toEqual([])
    await picture(page, 'documents-dark')
    await rm(folder, { recursive: true, force: true })
  }, 90_000)

  it('is one key away from its cases, at the panel', async () => {
    await page.goto(`${server.url}/?case=${encodeURIComponent(`${DOCUMENT}#Figure 1#B`)}`)
    await page.getByRole('button', { name: /Accept and next/ }).waitFor()
    await page.keyboard.press('p')
    await page.getByRole('dialog', { name: /Figure 1, page/ }).waitFor()
    await page.locator('.page-mark[data-kind="here"]').waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    await picture(page, 'page-dialog-dark')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Edit the caption' }).click()
    await page.getByRole('dialog', { name: 'Caption of Figure 1' }).waitFor()
    await page.keyboard.press('Escape')
  }, 90_000)

  it('is clean and readable in the light theme too', async () => {
    await page.getByRole('button', { name: 'Change to the light theme' }).click()
    await open()
    expect(await violations(page)).toEqual([])
    await picture(page, 'document-light')
    await page.getByRole('button', { name: 'Split panels of Figure 1' }).click()
    await page.getByRole('dialog', { name: 'Panels of Figure 1' }).waitFor()
    expect(await violations(page)).toEqual([])
    await picture(page, 'figure-editor-light')
    await page.keyboard.press('Escape')
  }, 60_000)

  it('wrote every correction into the journal, and broke no rule of the security policy', async () => {
    const kinds = (await journalOf(dir)).map(({ act }) => act.kind)
    expect(kinds).toEqual([
      'caption',
      'undo',
      'split-panels',
      'undo',
      'split-panels',
      'split-panels',
      'kind',
      'undo',
    ])
    expect(heard).toEqual([])
  })
})
