import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageType } from '../../../annotator/server/routes/images.ts'
import type { Promotion } from '../../../data/records/promotion.ts'
import { readDocument, writeDocument } from '../../../data/workspace/documents.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { caseId, DOCUMENT, LABEL, sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'
import { temporaryFolder } from './temporary-workspace.ts'

/** promoted.json as `lesionloop promote` writes it. */
async function promote(workspace: Workspace, cycle: string): Promise<void> {
  const step = { cycle, since: '2026-01-02T00:00:00.000Z', by: 'ann', why: 'all gates open', forced: false }
  const pointer: Promotion = {
    format: 'lesionloop-promotion-1',
    ...step,
    history: [{ ...step, how: 'promote' }],
  }
  await writeFile(workspace.paths.promoted, JSON.stringify(pointer))
}

describe('pictures over HTTP', () => {
  it('come with their type by content and may be kept for ever', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const file = (await client.get('/api/cases')).body.rows[0].imageFile
    const { status, headers } = await client.get(`/images/${file}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('image/png')
    expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
    expect((await client.get(`/images/${file}`, { 'If-None-Match': headers.get('etag')! })).status).toBe(304)
  })

  it('that are none are not shown, whatever their name says', async () => {
    const workspace = await smallWorkspace()
    await writeFile(join(workspace.paths.images, 'page.png'), '<html><script>alert(1)</script>')
    const { owner } = await startDesk(workspace)
    const { status, headers } = await (await owner()).get('/images/page.png')
    expect(status).toBe(415)
    expect(headers.get('content-type')).toContain('application/json')
  })

  it.each([
    '/images/..%2Fworkspace.json',
    '/images/..%2F..%2F..%2Fetc%2Fpasswd.png',
    '/images/%2e%2e%2fsessions.json',
    '/images/none.png',
    '/images/x.svg',
    '/images/a%00.png',
  ])('are the only files under /images: %s is not there', async path => {
    const { owner } = await startDesk(await smallWorkspace())
    expect((await (await owner()).get(path)).status).toBe(404)
  })

  it('are told apart by their first bytes', () => {
    expect(imageType(Buffer.from('\x89PNG\r\n\x1a\nxxxx', 'latin1'))).toBe('image/png')
    expect(imageType(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toBe('image/jpeg')
    expect(imageType(Buffer.from('RIFF....WEBP'))).toBe('image/webp')
    expect(imageType(Buffer.from('<svg xmlns='))).toBeNull()
    expect(imageType(Buffer.from('RIFF....WAVE'))).toBeNull()
    expect(imageType(Buffer.alloc(0))).toBeNull()
  })
})

describe('documents over HTTP', () => {
  it('are listed with their cases and how many are labelled', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    const { body } = await client.get('/api/documents')
    expect(body).toMatchObject({
      total: 1,
      rows: [{ id: DOCUMENT, cases: 6, labelled: 1, skippedPages: 1, pages: 2 }],
    })
  })

  it('come one by one with their record and cases, a slash in the id or not', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { body } = await (await owner()).get(`/api/document?id=${encodeURIComponent(DOCUMENT)}`)
    expect(body.document.title).toContain('CT of the chest')
    expect(body.cases).toHaveLength(6)
    expect(body.source).toBeNull()
  })

  it('hand out their source: a PDF to be shown, anything else to be kept', async () => {
    const workspace = await smallWorkspace()
    const record = (await readDocument(workspace, DOCUMENT))!
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.pdf'), '%PDF-1.7 first')
    await writeDocument(workspace, record, join(folder, 'a.pdf'))
    const { owner } = await startDesk(workspace)
    const client = await owner()
    const path = (await client.get(`/api/document?id=${encodeURIComponent(DOCUMENT)}`)).body.source
    const pdf = await client.get(path)
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect(pdf.headers.get('content-disposition')).toBe(
      "inline; filename*=UTF-8''a%20%22paper%22%3B%20of%20M%C3%A4rz.pdf",
    )
    expect(pdf.body).toBe('%PDF-1.7 first')
    await writeFile(join(folder, 'a.html'), '<script>alert(1)</script>')
    await writeDocument(workspace, record, join(folder, 'a.html'))
    const page = await client.get(path)
    expect(page.headers.get('content-type')).toBe('application/octet-stream')
    expect(page.headers.get('content-disposition')).toMatch(/^attachment/)
  })

  it('with a damaged record are left out of the list, and the others stay', async () => {
    const workspace = await smallWorkspace()
    await mkdir(workspace.paths.document('broken'), { recursive: true })
    await writeFile(workspace.paths.documentFile('broken'), '{')
    const { owner } = await startDesk(workspace)
    expect((await (await owner()).get('/api/documents')).body.total).toBe(1)
  })

  it('that are unknown say so', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, body } = await (await owner()).get('/api/document?id=..%2F..%2Fworkspace.json')
    expect([status, body.error.code]).toEqual([404, 'document-unknown'])
  })
})

describe('cycles over HTTP', () => {
  it('are listed with the AUC and what they learned from, the newest first', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace, '0001')
    await sealCycle(workspace, '0002')
    const { owner } = await startDesk(workspace)
    const { body } = await (await owner()).get('/api/cycles')
    expect(body.rows.map((row: { id: string }) => row.id)).toEqual(['0002', '0001'])
    expect(body.rows[0]).toMatchObject({
      auc: { value: 0.8, low: 0.7, high: 0.9 },
      warnings: 1,
      promoted: false,
    })
    expect(body.speaking).toBe('0002')
  })

  it('speak by the promoted one, and by none where its folder is gone', async () => {
    const workspace = await smallWorkspace()
    for (const id of ['0001', '0002']) await sealCycle(workspace, id)
    await promote(workspace, '0001')
    const { owner, restart } = await startDesk(workspace)
    const client = await owner()
    expect((await client.get('/api/cycles')).body.speaking).toBe('0001')
    await rename(workspace.paths.cycle('0001'), join(workspace.dir, 'elsewhere'))
    await restart()
    expect((await client.get('/api/cycles')).body.speaking).toBeNull()
    const one = await client.get(`/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(one.body.opinion).toBeNull()
  })

  it('are not there before they are sealed', async () => {
    const workspace = await smallWorkspace()
    await mkdir(workspace.paths.cycle('0001'), { recursive: true })
    await writeFile(join(workspace.paths.cycle('0001'), 'metrics.json'), '{}')
    const { owner } = await startDesk(workspace)
    const client = await owner()
    expect((await client.get('/api/cycles')).body.rows).toEqual([])
    expect((await client.get('/api/cycles/0001')).status).toBe(404)
  })

  it('show their report with nothing in it that could run', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    const { report, metrics } = (await client.get('/api/cycles/0001')).body
    expect(metrics.curves.roc[0].points).toEqual([
      [0, 0],
      [1, 1],
    ])
    const { headers, body } = await client.get(report)
    expect(body).toContain('<title>Cycle</title>')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox/)
    expect(headers.get('content-security-policy')).not.toContain('script-src')
  })

  it.each(['secret.txt', '..%2F..%2Fworkspace.json', 'constructor', 'none.html'])(
    'hand out only the files they list: not %s',
    async file => {
      const workspace = await smallWorkspace()
      await sealCycle(workspace)
      const { owner } = await startDesk(workspace)
      expect((await (await owner()).get(`/cycles/0001/${file}`)).status).toBe(404)
    },
  )

  it('speak by the promoted one where there is one', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace, '0001')
    await sealCycle(workspace, '0002')
    await promote(workspace, '0001')
    const { owner } = await startDesk(workspace)
    const { body } = await (await owner()).get(`/api/case/opinion?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(body.opinion).toMatchObject({ cycle: '0001', promoted: true })
  })

  it('with damaged predictions have no opinion, and reviewing goes on', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    await writeFile(join(workspace.paths.cycle('0001'), 'predictions.jsonl'), '{"case": half')
    const { owner } = await startDesk(workspace)
    const client = await owner()
    const { body } = await client.get(`/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(body).toMatchObject({ opinion: null, queue: { rank: 4 } })
    expect((await client.act(caseId(1, 'A'), 0, LABEL)).status).toBe(200)
  })

  it('have no opinion where there is none yet', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { body } = await (await owner()).get(`/api/case/opinion?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(body.opinion).toBeNull()
  })
})

describe('the dataset in numbers', () => {
  it('counts cases, labels, truths by source and people, and again after each act', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const before = (await client.get('/api/stats')).body
    expect(before).toMatchObject({
      cases: 6,
      documents: 1,
      labelled: 0,
      truth: { GGO: { positive: 6, negative: 0, masked: 0, sources: { mined: 6 } } },
      mined: { flag: { positive: 6 }, lesions: { GGO: { present: 6 } } },
      sources: { 'paper.pdf': 6 },
      kinds: { ct: 6 },
    })
    await client.act(caseId(1, 'A'), 0, { ...LABEL, lesions: { ...LABEL.lesions, GGO: 'absent' } })
    const after = (await client.get('/api/stats')).body
    expect(after).toMatchObject({
      labelled: 1,
      truth: { GGO: { positive: 5, negative: 1, sources: { mined: 5, expert: 1 } } },
      byPerson: [{ who: 'owner', name: 'Owner', labelled: 1 }],
    })
  })

  it('shows the goal once a curator set it, and takes it away again', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    expect((await client.send('PUT', '/api/settings', { goal: 200 })).body.goal).toBe(200)
    await desk.restart()
    expect((await client.get('/api/stats')).body.goal).toBe(200)
    expect((await client.send('PUT', '/api/settings', { goal: null })).body.goal).toBeNull()
    expect((await client.send('PUT', '/api/settings', { gaol: 1 })).status).toBe(400)
  })
})

describe('downloads of the labels', () => {
  it.each([
    ['jsonl', 'application/x-ndjson; charset=utf-8', 'lesionloop-jsonl.jsonl'],
    ['csv', 'text/csv; charset=utf-8', 'lesionloop-csv.csv'],
    ['label-studio', 'application/json', 'lesionloop-label-studio.json'],
  ])('as %s come with type and name', async (format, type, name) => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, headers } = await (await owner()).get(`/api/export?format=${format}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
  })

  it('hold every case with its truth, evidence and provenance', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, { ...LABEL, flag: 'negative' })
    const { body } = await client.get('/api/export?format=jsonl')
    const rows = body
      .trim()
      .split('\n')
      .map((line: string) => JSON.parse(line))
    expect(rows).toHaveLength(6)
    expect(rows.find((row: { id: string }) => row.id === caseId(1, 'A'))).toMatchObject({
      flag: { value: 'negative', source: 'expert' },
      provenance: { doi: '10.1101/2020.01.02.20003004', annotators: ['owner'], cycle: '0001' },
    })
  })

  it("hold experts' cases alone where that is asked for", async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    const { body } = await client.get('/api/export?format=jsonl&onlyExpert=true')
    expect(body.trim().split('\n')).toHaveLength(1)
  })

  it('refuse a format that is not there', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    expect((await (await owner()).get('/api/export?format=xlsx')).status).toBe(400)
  })
})
