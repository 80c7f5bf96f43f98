import { expect, it } from 'vitest'
import type { Withdrawal } from '../../data/records/document.ts'
import { openStore } from '../../data/stores/open.ts'
import { readDocument, writeDocument } from '../../data/workspace/documents.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { violations } from './axe.ts'
import { inChromium, ownDesk, sitDown } from './seat.ts'

const RETRACTED: Withdrawal = { kind: 'retracted', date: '2020-06-01', reason: 'the pictures were of others' }

inChromium('a document that was taken back', browser => {
  it('is marked at its cases, in the list and on its own page, with the reason', async () => {
    const desk = await ownDesk()
    const id = desk.cases[0]!.document!
    // As `fetch --refresh` writes it, beside the running server.
    const workspace = await openWorkspace(desk.dir)
    const store = await openStore(workspace, { write: ['cases'] })
    const own = desk.cases.filter(each => each.document === id)
    await store.cases.put(
      id,
      own.map(each => ({ ...each, withdrawn: RETRACTED })),
    )
    await store.close()
    const record = await readDocument(workspace, id)
    await writeDocument(workspace, { ...record!, withdrawn: RETRACTED, supersededBy: `${id}-later` })

    const { page } = await sitDown(browser(), desk.server.loginLink, 'Dr Careful')
    await page.goto(`${desk.server.url}/?case=${encodeURIComponent(own[0]!.id)}`)
    await page.getByText('on 2020-06-01: the pictures were of others. Exports leave it out.').waitFor()
    expect(await page.locator('.queue-marks', { hasText: '⊘' }).count()).toBeGreaterThan(0)
    expect(await violations(page)).toEqual([])

    await page.goto(`${desk.server.url}/document?id=${encodeURIComponent(id)}`)
    await page.getByText('⊘ retracted on 2020-06-01: the pictures were of others.').waitFor()
    expect(await page.getByRole('link', { name: `${id}-later` }).getAttribute('href')).toBe(
      `/document?id=${encodeURIComponent(`${id}-later`)}`,
    )
    expect(await violations(page)).toEqual([])
  })
})
