import { expect, it } from 'vitest'
import { violations } from './axe.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

inChromium('the page Export', browser => {
  it('previews, freezes two versions and tells them apart, by axe in both themes', async () => {
    const desk = await ownDesk()
    const { page, heard } = await sitDown(browser(), desk.server.loginLink, 'Dr Out')
    await page.goto(`${desk.server.url}/datasets`)
    await page.getByText(`${desk.cases.length} cases go out.`).waitFor()
    await page.getByRole('table').first().waitFor()
    expect(await violations(page), 'dark').toEqual([])
    for (const name of ['v1', 'v2']) {
      await page.getByLabel(/Name of the new version/).fill(name)
      await page.getByRole('button', { name: 'Freeze what is chosen above' }).click()
      await page.getByRole('rowheader', { name, exact: true }).waitFor()
    }
    await page.getByRole('heading', { name: 'What changed' }).waitFor()
    await page.getByText(`${desk.cases.length} unchanged`).waitFor()
    await page.getByLabel(/only with an expert/).check()
    await page.getByText("left out: no expert's label").waitFor()
    await page.getByLabel('Format').selectOption('la-dnn')
    await page.getByText('lesionloop export la-dnn FOLDER').waitFor()
    await page.getByRole('button', { name: 'Change to the light theme' }).click()
    expect(await violations(page), 'light').toEqual([])
    expect(heard).toEqual([])
  })
  it('a download has the rows that the preview counted', async () => {
    const desk = await ownDesk()
    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Down')
    await page.goto(`${desk.server.url}/datasets`)
    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('lesionloop-jsonl.jsonl')
    let text = ''
    for await (const piece of await download.createReadStream()) text += String(piece)
    expect(text.trim().split('\n')).toHaveLength(desk.cases.length)
  })
})
