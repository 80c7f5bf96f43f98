import { rm } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../annotator/server/start.ts'
import { openStore } from '../../data/stores/open.ts'
import { readDocument, writeDocument } from '../../data/workspace/documents.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { complaints, freshWorkspace } from './desk.ts'
import { inChromium } from './seat.ts'

/** Runs wherever text is taken for markup, an address or an attribute; `said` is where it reports to. */
const evil = (where: string) =>
  `${where}"'><img src=x onerror="window.hurt='${where}';alert(1)"><script>window.hurt='${where}';alert(1)</script><svg/onload=alert(1)>{{constructor.constructor('alert(1)')()}} javascript:alert(1)`

/** A workspace in which everything that comes from a document, a file or a person is such a text. */
async function hostileDesk() {
  const { dir, cases } = await freshWorkspace(1)
  const workspace = await openWorkspace(dir)
  const first = cases[0]!
  const id = first.document!
  const record = (await readDocument(workspace, id))!
  await writeDocument(workspace, {
    ...record,
    doi: evil('doi'),
    title: evil('title'),
    abstract: evil('abstract'),
    licence: evil('licence'),
    file: { ...record.file, name: evil('file') },
    figures: record.figures.map(figure => ({ ...figure, caption: evil('figure') + figure.caption })),
    skipped: [{ page: 1, reason: evil('reason') }],
  } as typeof record)
  const store = await openStore(workspace, { write: ['cases', 'labels'] })
  await store.cases.put(
    id,
    cases.map(each => ({
      ...each,
      caption: `${each.caption} ${evil('caption')}`,
      patient: evil('patient'),
      source: { ...each.source, name: evil('source'), file: evil('source') },
    })),
  )
  const ann = await store.accounts.add('Ann <img src=x onerror=alert(1)>', 'curator')
  const note = { kind: 'note', text: evil('note') } as const
  await store.acts.append(ann.id, { op: 'operation-hostile-1', case: first.id, base: 0, act: note })
  await store.close()
  const server = await startServer({ workspace: dir })
  onTestFinished(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return { server, cases, id, ann }
}

inChromium('text from documents, files and people', browser => {
  describe('is shown as it is', () => {
    it('on every page, and runs on none', async () => {
      const { server, cases, id, ann } = await hostileDesk()
      const context = await browser().newContext({ viewport: { width: 1280, height: 720 } })
      onTestFinished(() => context.close())
      const page = await context.newPage()
      const heard = complaints(page)
      const dialogs: string[] = []
      page.on('dialog', dialog => {
        dialogs.push(dialog.message())
        void dialog.dismiss()
      })
      await page.goto(server.loginLink)
      // The person's own name is such a text as well.
      await page.getByRole('button', { name: /Ann <img/ }).click()
      await page.getByRole('button', { name: /Accept and next/ }).waitFor()

      const shown: string[] = []
      const visit = async (path: string) => {
        await page.goto(server.url + path)
        await page.locator('main, .desk').first().waitFor()
        await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined)
        shown.push(await page.evaluate(() => document.body.textContent ?? ''))
        expect([path, await page.evaluate(() => (window as unknown as { hurt?: string }).hurt)]).toEqual([
          path,
          undefined,
        ])
        expect([path, await page.locator('img[src="x"], svg[onload], body script').count()]).toEqual([
          path,
          0,
        ])
      }
      await visit(`/?case=${encodeURIComponent(cases[0]!.id)}`)
      for (const path of [
        'documents',
        'dataset',
        'datasets',
        'cycles',
        'cycles/0001',
        'diagnose',
        'people',
        'adjudicate',
      ])
        await visit(`/${path}`)
      await visit(`/document?id=${encodeURIComponent(id)}`)
      await visit(`/document/${encodeURIComponent(id)}`)
      await visit(`/?search=${encodeURIComponent(evil('search'))}`)
      await visit(`/login#${encodeURIComponent(evil('link'))}`)
      const all = shown.join('\n')
      for (const where of ['caption', 'title']) expect(all).toContain(`${where}"'><img src=x onerror=`)
      expect(all).toContain(ann.name)
      expect(dialogs).toEqual([])
      expect(heard).toEqual([])
    })
  })
})
