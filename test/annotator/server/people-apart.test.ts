import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changeSettings } from '../../../data/workspace/open.ts'
import {
  type Client,
  caseId,
  DOCUMENT,
  LABEL,
  newOp,
  sealCycle,
  smallWorkspace,
  startDesk,
} from './desk-under-test.ts'

const ID = caseId(1, 'A')
const READ = {
  ...LABEL,
  flag: 'negative' as const,
  lesions: { ...LABEL.lesions, CrPa: 'uncertain' as const },
}

/** Two readers of one case, of whom the first has read it, noted and pointed at something. */
async function twoReaders() {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const desk = await startDesk(workspace)
  const owner = await desk.owner()
  const ann = await desk.personOf('annotator', 'Ann')
  const bob = await desk.personOf('annotator', 'Bob')
  const idOf = async (client: Client) => (await client.get('/api/me')).body.account.id as string
  const people = [await idOf(ann), await idOf(bob)]
  await owner.act(ID, 0, { kind: 'assign', to: people })
  await ann.act(ID, 1, READ)
  await ann.act(ID, 2, { kind: 'reason', head: 'flag', cause: 'wrong-flag' })
  await ann.act(ID, 3, { kind: 'box', lesion: 'CrPa', x: 0.123, y: 0.1, width: 0.2, height: 0.2 })
  await ann.act(ID, 4, { kind: 'note', text: 'SECRET crazy paving' })
  return { ...desk, workspace, ann, bob, owner, people }
}

/** Nothing in it says what Ann saw. */
function expectNothingOfAnn(body: unknown) {
  const text = JSON.stringify(body)
  expect(text).not.toContain('SECRET')
  expect(text).not.toContain('0.123')
  expect(text).not.toContain('wrong-flag')
  expect(text).not.toMatch(/"CrPa":\s*"uncertain"/)
  expect(text).not.toMatch(/"value":\s*"negative"/)
  expect(text).not.toContain('"source":"expert"')
}

describe("another's reading before one's own", () => {
  it.each([
    '/api/cases',
    '/api/cases?state=labelled',
    '/api/cases?disagreement=true',
    '/api/cases?uncertain=true',
    `/api/case?id=${encodeURIComponent(ID)}`,
    `/api/case?id=${encodeURIComponent(caseId(1, 'B'))}`,
    `/api/case/history?id=${encodeURIComponent(ID)}`,
    `/api/case/opinion?id=${encodeURIComponent(ID)}`,
    '/api/queue',
    '/api/queue/next',
    `/api/document?id=${encodeURIComponent(DOCUMENT)}`,
    '/api/agreement',
    '/api/label-changes',
    '/api/assignments',
    '/api/people',
    '/api/repeats',
    '/api/stats',
    '/api/jobs',
    '/api/documents',
    '/api/cycles',
    '/api/cycles/0001',
  ])('is not in what %s answers', async path => {
    const { bob } = await twoReaders()
    const { status, body } = await bob.get(path)
    expect(status).toBe(200)
    expectNothingOfAnn(body)
  })

  it.each(['predictions.jsonl', 'queue.jsonl'])(
    'is not in a cycle’s %s for those who read, nor is what the model says there',
    async file => {
      const { bob } = await twoReaders()
      const { status, body } = await bob.get(`/cycles/0001/${file}`)
      expect(status).toBe(403)
      expect(body.error.code).toBe('not-allowed')
    },
  )

  it('does not make a case match the filters for doubt and disagreement', async () => {
    const { bob, ann } = await twoReaders()
    expect((await bob.get('/api/cases?uncertain=true')).body.total).toBe(0)
    expect((await ann.get('/api/cases?uncertain=true')).body.total).toBe(1)
  })

  it('is not in the answer to a note, nor in the conflict over one, nor in an undo', async () => {
    const { bob } = await twoReaders()
    const noted = await bob.act(ID, 5, { kind: 'note', text: 'mine' })
    expect(noted.status).toBe(200)
    expectNothingOfAnn(noted.body)
    const stale = await bob.act(ID, 1, { kind: 'kind', image: 'xray' })
    expect(stale.status).toBe(409)
    expectNothingOfAnn(stale.body)
    expectNothingOfAnn((await bob.post('/api/undo', { op: newOp() })).body)
  })

  it('cannot be downloaded or adjudicated by an annotator', async () => {
    const { bob } = await twoReaders()
    for (const path of ['/api/export?format=jsonl', '/api/adjudication'])
      expect((await bob.get(path)).status).toBe(403)
  })

  it('is shown once one has decided, and hidden again after the decision is undone', async () => {
    const { bob, people } = await twoReaders()
    const decided = await bob.act(ID, 0, LABEL)
    expect(decided.body.state.labels.map((label: { who: string }) => label.who)).toEqual(people)
    expect((await bob.get(`/api/case/history?id=${encodeURIComponent(ID)}`)).body.history).toHaveLength(6)
    expectNothingOfAnn((await bob.post('/api/undo', { op: newOp() })).body)
  })

  it('is no conflict where both were asked to read the case apart, on whatever version the label was based', async () => {
    const { bob } = await twoReaders()
    expect((await bob.act(ID, 1, LABEL)).status).toBe(200)
  })

  it('stays a conflict, with both shown, where nobody asked for two readings', async () => {
    const { ann, bob } = await twoReaders()
    await ann.act(caseId(2, 'A'), 0, READ)
    const { status, body } = await bob.act(caseId(2, 'A'), 0, LABEL)
    expect(status).toBe(409)
    expect(body.state.labels).toHaveLength(1)
  })

  it('is not told over the live channel, which says only that somebody read the case', async () => {
    const { bob, ann } = await twoReaders()
    const stop = new AbortController()
    const response = await fetch(`${bob.url}/api/events`, {
      headers: { Cookie: bob.cookie },
      signal: stop.signal,
    })
    const reader = response.body!.getReader()
    await ann.act(caseId(1, 'B'), 0, READ)
    let heard = ''
    while (!heard.includes('"label"')) heard += new TextDecoder().decode((await reader.read()).value)
    stop.abort()
    expectNothingOfAnn(heard)
  })
})

describe('reading blind', () => {
  it('hides what the text says and the model thinks until the first decision', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    await changeSettings(workspace, { blindShare: 1 })
    const desk = await startDesk(workspace)
    const owner = await desk.owner()
    const path = `/api/case?id=${encodeURIComponent(ID)}`
    const before = (await owner.get(path)).body
    expect(before).toMatchObject({ blind: true, opinion: null, queue: null, disagreements: [] })
    expect(before.case).toMatchObject({
      mined: { flag: 'unstated', findings: { GGO: 'none' } },
      mentions: [],
    })
    const row = (await owner.get('/api/cases?sort=document')).body.rows[0]
    expect(row).toMatchObject({ flag: 'unstated', findings: { GGO: 'none' } })
    expect(row.queue.why).not.toContain('GGO')
    expect((await owner.get(`/api/case/opinion?id=${encodeURIComponent(ID)}`)).body.opinion).toBeNull()
    expect(JSON.stringify((await owner.get('/api/queue')).body)).not.toContain('unsure')
    await owner.act(ID, 0, { ...LABEL, blind: true })
    const after = (await owner.get(path)).body
    expect(after).toMatchObject({ blind: false, case: { mined: { flag: 'positive' } } })
    expect(after.opinion).not.toBeNull()
  })
})

describe('the audit of a queue', () => {
  it('is read blind whatever share is set, and the cases behind it are not', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const path = join(workspace.paths.cycle('0001'), 'queue.jsonl')
    const [first, ...rest] = (await readFile(path, 'utf8')).trim().split('\n')
    const drawn = JSON.parse(first!)
    await writeFile(path, [JSON.stringify({ ...drawn, audit: true, queue: 'audit' }), ...rest, ''].join('\n'))
    const desk = await startDesk(workspace)
    const owner = await desk.owner()
    const shown = async (id: string) => (await owner.get(`/api/case?id=${encodeURIComponent(id)}`)).body
    expect(await shown(drawn.case)).toMatchObject({ blind: true, opinion: null, case: { mentions: [] } })
    expect(await shown(JSON.parse(rest[0]!).case)).toMatchObject({ blind: false })
    expect((await shown(JSON.parse(rest[0]!).case)).opinion).not.toBeNull()
  })
})

describe('cases that come again', () => {
  it("come after the gap, without the reader's first reading, and leave the first label as it was", async () => {
    const workspace = await smallWorkspace()
    await changeSettings(workspace, { repeatShare: 1, repeatAfter: 2 })
    const desk = await startDesk(workspace)
    const owner = await desk.owner()
    await owner.act(ID, 0, READ)
    await owner.act(caseId(1, 'B'), 0, LABEL)
    expect((await owner.get('/api/repeats')).body.cases).toEqual([])
    await owner.act(caseId(1, 'C'), 0, LABEL)
    expect((await owner.get('/api/repeats')).body.cases).toEqual([ID])
    const shown = (await owner.get(`/api/case?id=${encodeURIComponent(ID)}`)).body
    expect(shown.repeat).toBe(true)
    expectNothingOfAnn([shown.case, shown.siblings[0], shown.disagreements])
    expectNothingOfAnn((await owner.get(`/api/case/history?id=${encodeURIComponent(ID)}`)).body)
    const { body } = await owner.act(ID, 1, { ...LABEL, repeat: true })
    expect(body.state.labels[0]).toMatchObject({ flag: 'negative', seq: 1 })
    // What was read between is due now, the repeat being a decision too; this one is done.
    expect((await owner.get('/api/repeats')).body.cases).toEqual([caseId(1, 'B')])
    // On a busy machine the first answer is of a moment ago, and says so.
    await expect
      .poll(async () => (await owner.get('/api/agreement')).body.self, { timeout: 20_000 })
      .toMatchObject([{ who: 'owner', cases: 1, heads: { flag: { items: 1, observed: 0 } } }])
  })
})
