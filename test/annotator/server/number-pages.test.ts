import { describe, expect, it } from 'vitest'
import { rejectAll } from '../../../data/formats/rejections.ts'
import { openStore } from '../../../data/stores/open.ts'
import { writeDocument } from '../../../data/workspace/documents.ts'
import { type Client, caseId, LABEL, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

const ID = caseId(1, 'A')
const OTHER = { ...LABEL, lesions: { ...LABEL.lesions, GGO: 'absent' as const } }

async function twoPeople() {
  const desk = await startDesk(await smallWorkspace())
  const owner = await desk.owner()
  const readers = [await desk.personOf('annotator', 'Ann'), await desk.personOf('annotator', 'Bob')] as const
  const idOf = async (client: Client) => (await client.get('/api/me')).body.account.id as string
  await owner.act(ID, 0, { kind: 'assign', to: [await idOf(readers[0]), await idOf(readers[1])] })
  return { owner, readers }
}

const waiting = async (client: Client) => (await client.get('/api/adjudication')).body

describe('what the pages of numbers say', () => {
  it('follows each label, undo, verdict and handing out, though it is counted once', async () => {
    const { owner, readers } = await twoPeople()
    expect((await waiting(owner)).left).toBe(0)
    await readers[0].act(ID, 1, LABEL)
    await readers[1].act(ID, 1, OTHER)
    expect((await waiting(owner)).next.case.id).toBe(ID)
    await readers[1].post('/api/undo', { op: newOp() })
    expect((await waiting(owner)).left).toBe(0)
    await readers[1].post('/api/redo', { op: newOp() })
    expect((await waiting(owner)).left).toBe(1)
    const { version } = (await waiting(owner)).next.case
    // A third is asked: the verdict waits for them.
    const account = (await owner.post('/api/people', { name: 'Cyd', role: 'annotator' })).body.person.id
    const { people } = (await owner.get('/api/people')).body
    const ids = people.map((each: { id: string }) => each.id)
    await owner.act(ID, version, { kind: 'assign', to: [...ids.slice(1), account] })
    expect((await waiting(owner)).left).toBe(0)
  })

  it('keeps agreement until a label changes it, and says where it is of a moment ago', async () => {
    const { owner, readers } = await twoPeople()
    expect((await owner.get('/api/agreement')).body).toMatchObject({ stale: false, cases: 0 })
    await readers[0].act(ID, 1, LABEL)
    await readers[1].act(ID, 1, OTHER)
    await expect
      .poll(async () => {
        const { stale, cases } = (await owner.get('/api/agreement')).body
        return stale ? 'stale' : cases
      })
      .toBe(1)
  })

  it('lists a table whose rows are cases, and what could not be used of it, beside the documents', async () => {
    const workspace = await smallWorkspace()
    const store = await openStore(workspace, { write: ['cases'] })
    const [like] = (await store.cases.list()).rows
    const { labels: _l, notes: _n, assigned: _a, truth: _t, version: _v, edited: _e, ...mined } = like!
    const row = { ...mined, id: 'row-1', document: null, figure: null, panel: null }
    await store.cases.put('lab:', [{ ...row, source: { name: 'lab', file: 'a.png', format: 'png' } }])
    await store.close()
    await rejectAll(workspace, '/data/lab.csv', [
      { item: 'line 7', code: 'row-invalid', message: 'image: missing' },
    ])
    const owner = await (await startDesk(workspace)).owner()
    const { body } = await owner.get('/api/documents')
    expect(body.tables).toEqual([{ name: 'lab', cases: 1, labelled: 0, firstCase: 'row-1' }])
    expect(body.rejections).toMatchObject({
      total: 1,
      rows: [{ name: 'lab.csv', item: 'line 7', reason: 'image: missing' }],
    })
    await owner.act('row-1', 0, LABEL)
    expect((await owner.get('/api/documents')).body.tables[0].labelled).toBe(1)
  })

  it('lists a document that another process mines meanwhile', async () => {
    const workspace = await smallWorkspace()
    const desk = await startDesk(workspace)
    const owner = await desk.owner()
    expect((await owner.get('/api/documents')).body.total).toBe(1)
    await writeDocument(workspace, {
      id: '10.1101/2020.01.02.20003005v1',
      format: 'pdf',
      file: { name: 'second.pdf', sha256: '1'.repeat(64), bytes: 20 },
      miner: { version: 'test' },
      minedAt: '2026-01-02T00:00:00.000Z',
      pages: 1,
      figures: [],
      skipped: [],
    })
    expect((await owner.get('/api/documents')).body.total).toBe(2)
  })
})
