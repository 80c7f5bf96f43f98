import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { violations } from './axe.ts'
import { complaints } from './desk.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

/** Two people label a case each their own way, so that it waits for a verdict. */
async function disagree(browser: Browser, page: Page, id: string): Promise<void> {
  const label = (GGO: string, base: number) => ({
    op: crypto.randomUUID(),
    case: id,
    base,
    act: {
      kind: 'label',
      flag: 'positive',
      lesions: { GGO, Csld: 'absent', CrPa: 'absent', AirBr: 'absent', InSepThi: 'absent' },
    },
  })
  const post = (on: Page, path: string, body: unknown) =>
    on.evaluate(
      async ([to, json]) => {
        const headers = { 'Content-Type': 'application/json' }
        return (await fetch(to, { method: 'POST', headers, body: json })).json()
      },
      [path, JSON.stringify(body)] as const,
    )
  const { person } = await post(page, '/api/people', { name: 'Dr Other', role: 'annotator' })
  const { link } = await post(page, '/api/people/link', { account: person.id })
  const context = await browser.newContext()
  const theirs = await context.newPage()
  await theirs.goto(link)
  await theirs.getByRole('button', { name: 'Open the desk' }).click()
  await theirs.getByRole('button', { name: /Accept and next/ }).waitFor()
  await post(theirs, '/api/acts', label('present', 0))
  await context.close()
  await post(page, '/api/acts', label('absent', 1))
}

const toLight = (page: Page) => page.getByRole('button', { name: 'Change to the light theme' }).click()

inChromium('the pages', browser => {
  it('pass axe in both themes, each of them and each window, and break no rule of the security policy', async () => {
    const desk = await ownDesk()
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Axe')
    const id = encodeURIComponent(desk.cases[0]!.document!)
    await disagree(browser(), page, desk.cases[0]!.id)
    const places = [
      ['/', () => page.locator('.mention, .caption').first().waitFor()],
      ['/documents', () => page.getByRole('heading', { name: '4 documents' }).waitFor()],
      [
        `/document?id=${id}`,
        () =>
          page
            .getByRole('heading', { name: /^Figure|^Extended/ })
            .first()
            .waitFor(),
      ],
      ['/cycles', () => page.getByRole('link', { name: 'Cycle 1' }).waitFor()],
      ['/cycles/0001', () => page.locator('.plot svg').first().waitFor()],
      ['/dataset', () => page.getByRole('heading', { name: 'What the cases teach' }).waitFor()],
      [
        '/people',
        () =>
          page
            .getByRole('cell', { name: 'Dr Axe' })
            .or(page.getByRole('rowheader', { name: 'Dr Axe' }))
            .first()
            .waitFor(),
      ],
      ['/diagnose', () => page.getByText('Research use only, not a diagnosis.').waitFor()],
      ['/adjudicate', () => page.getByText('1 waiting').waitFor()],
      ['/nowhere', () => page.getByText('There is no such page').waitFor()],
    ] as const
    for (const theme of ['dark', 'light']) {
      for (const [path, there] of places) {
        await page.goto(desk.server.url + path)
        await there()
        expect(await violations(page), `${path}, ${theme}`).toEqual([])
      }
      await page.goto(desk.server.url)
      await page.locator('.caption').waitFor()
      for (const [key, name] of [
        ['?', 'Keys'],
        ['n', 'Note on this case'],
        ['d', 'Discuss this case'],
        ['x', 'Not assessable, because of'],
        ['/', 'Search and filter'],
        ['g', 'Labelling guideline'],
        ['y', 'History of this case'],
      ] as const) {
        await page.keyboard.press(key)
        await page.getByRole('dialog', { name }).waitFor()
        expect(await violations(page), `${name}, ${theme}`).toEqual([])
        await page.keyboard.press('Escape')
      }
      await page.keyboard.press('1')
      await page.keyboard.press('m')
      expect(await violations(page), `a flip and a mention in hand, ${theme}`).toEqual([])
      if (theme === 'dark') await toLight(page)
    }
    expect(heard).toEqual([])
  })

  it('who is not signed in is told how, and a link that was used opens nothing', async () => {
    const desk = await ownDesk(1)
    await sitDown(browser(), desk.server.loginLink, 'Dr In')
    const stranger = await browser().newContext()
    const page = await stranger.newPage()
    const heard = complaints(page)
    await page.goto(desk.server.url)
    await page.getByRole('heading', { name: 'Open your sign-in link' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto('about:blank')
    await page.goto(desk.server.loginLink)
    await page.getByRole('heading', { name: 'This link does not open the desk' }).waitFor()
    expect(heard).toEqual([])
    await stranger.close()
  })

  it('an empty workspace says the next step and does it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lesionloop-empty-'))
    await openWorkspace(dir, { create: true })
    const server = await startServer({ workspace: dir })
    const context = await browser().newContext()
    const page = await context.newPage()
    await page.goto(server.loginLink)
    await page.getByLabel('Your name').fill('Dr New')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No cases yet' }).waitFor()
    await page.getByRole('button', { name: 'Choose files' }).waitFor()
    expect(await violations(page)).toEqual([])
    for (const [path, words] of [
      ['/documents', /No documents yet/],
      ['/cycles', /No cycle yet/],
      ['/dataset', /No cases yet/],
    ] as const) {
      await page.goto(server.url + path)
      await page.getByText(words).waitFor()
      expect(await violations(page), path).toEqual([])
    }
    await context.close()
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('a file that is no document gets its own line, and the rest of the batch goes on', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Files')
    await page.goto(`${desk.server.url}/documents`)
    await page.getByLabel('Files to mine').setInputFiles([
      { name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('not a pdf at all') },
      { name: 'empty.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
      {
        name: 'heron.pdf',
        mimeType: 'application/pdf',
        buffer: await readFile(packagePath('data', 'demo', 'corpus', 'heron.pdf')),
      },
    ])
    const files = page.getByRole('list', { name: 'Files sent' }).getByRole('listitem')
    await expect.poll(() => files.nth(0).textContent()).toContain('its content is not a PDF')
    await expect.poll(() => files.nth(1).textContent()).toContain('0 bytes')
    await expect.poll(() => files.nth(2).textContent()).toContain('sent')
    await page.getByRole('heading', { name: /^Mining/ }).waitFor()
  })

  it('a person is added, gets a link, and reads with the rights of the role', async () => {
    const desk = await ownDesk(1)
    const { context, page } = await sitDown(browser(), desk.server.loginLink, 'Dr Head')
    await page.goto(`${desk.server.url}/people`)
    await page.getByLabel('Name', { exact: true }).fill('Dr Young')
    await page.getByRole('button', { name: 'Add' }).click()
    const row = page.getByRole('row', { name: /Dr Young/ })
    await row.getByRole('button', { name: 'Sign-in link' }).click()
    const link = await page.locator('.made-link code').textContent()
    const young = await browser().newContext()
    const theirs = await young.newPage()
    await theirs.goto(link!)
    await theirs.getByRole('button', { name: 'Open the desk' }).click()
    await theirs.getByRole('button', { name: /Accept and next/ }).waitFor()
    await theirs.goto(`${desk.server.url}/people`)
    await theirs.getByRole('rowheader', { name: 'Dr Young' }).waitFor()
    expect(await theirs.getByRole('button', { name: 'Add' }).count()).toBe(0)
    await young.close()
    await context.close()
  })

  it('a filter narrows the list, and an empty one offers the way back', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Filter')
    const total = desk.cases.length
    await page.getByText(`1 of ${total}`).waitFor()
    await page.keyboard.press('/')
    await page.getByLabel('Lesion').selectOption('CrPa')
    await page.getByLabel('as the text says it').selectOption('present')
    await page.keyboard.press('Enter')
    const narrowed = desk.cases.filter(each => each.mined.findings.CrPa === 'present').length
    await page.getByText(`1 of ${narrowed}`).waitFor()
    await page.keyboard.press('/')
    await page.getByLabel('Words of the caption, document or file').fill('no such words anywhere')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('heading', { name: 'No case matches this filter' }).waitFor()
    await page.getByRole('button', { name: 'Show all cases' }).click()
    await page.getByText(`of ${total}`).waitFor()
  })

  it('keys can be changed and single keys switched off', async () => {
    const desk = await ownDesk(1)
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Own')
    await page.keyboard.press('?')
    await page.getByRole('button', { name: 'change the key for: write a note' }).click()
    await page.keyboard.press('j')
    await page.getByText(/already does “next case without deciding”/).waitFor()
    await page.keyboard.press('q')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.keyboard.press('q')
    await page.getByRole('dialog', { name: 'Note on this case' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'All keys' }).click()
    await page.getByLabel(/single keys act/).uncheck()
    await page.keyboard.press('Escape')
    await page.keyboard.press('q')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })
})
