import { describe, expect, it } from 'vitest'
import { RULES } from '../../../annotator/server/rules.ts'
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
const enc = encodeURIComponent

/** What each route that reads is asked here; the table of rules says which routes there are. */
const PATHS: Record<string, string[]> = {
  'GET /api/cases': [
    '/api/cases',
    '/api/cases?sort=document&kind=all',
    '/api/cases?search=ground',
    '/api/cases?lesion=GGO&finding=present',
    '/api/cases?finding=present',
    '/api/cases?disagreement=true',
    `/api/cases?document=${enc(DOCUMENT)}`,
  ],
  'GET /api/case': [`/api/case?id=${enc(ID)}`, `/api/case?id=${enc(caseId(2, 'C'))}`],
  'GET /api/case/history': [`/api/case/history?id=${enc(ID)}`],
  'GET /api/case/opinion': [`/api/case/opinion?id=${enc(ID)}`],
  'GET /api/case/heat-map': [`/api/case/heat-map?id=${enc(ID)}&head=GGO`],
  'GET /api/document': [`/api/document?id=${enc(DOCUMENT)}`],
  'GET /api/document/source': [`/api/document/source?id=${enc(DOCUMENT)}`],
  'GET /api/document/page': [`/api/document/page?id=${enc(DOCUMENT)}&page=1`],
  'GET /api/adjudication': ['/api/adjudication'],
  'GET /api/cycles/:id': ['/api/cycles/0001'],
}

/** Routes whose answers say nothing of any one case, or that never end. */
const APART = new Set(['GET /api/events', 'GET /api/stats', 'GET /api/cycles/:id', 'GET /*'])

const routes = Object.keys(RULES).filter(
  rule => rule.startsWith('GET /api/') && !APART.has(rule) && (PATHS[rule] ?? !rule.includes(':')),
)

/** Two people who have read nothing, over a case whose text says GGO and COVID, and which somebody re-paired. */
async function unread(settings: Parameters<typeof changeSettings>[1]) {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const desk = await startDesk(workspace)
  const owner = await desk.owner()
  await owner.act(ID, 0, { kind: 're-pair', start: 4, end: 24, panels: ['A', 'B'] })
  await changeSettings(workspace, settings)
  // The server reads its settings when it starts.
  await desk.restart()
  return {
    desk,
    ann: await desk.personOf('annotator', 'Ann'),
    judge: await desk.personOf('adjudicator', 'Judy'),
  }
}

async function ask(client: Client, rule: string): Promise<string> {
  const answers = await Promise.all((PATHS[rule] ?? [rule.slice(4)]).map(path => client.get(path)))
  return answers.map(({ body }) => (typeof body === 'string' ? body : JSON.stringify(body))).join('\n')
}

const TEXT = /ground-glass|right lung|:"present"|"flag":"positive"|"re-pair"|"start":/i
const MODEL = /unsure|"thresholds"|"flag":0\.|"GGO":0\.|"AirBr":0\./

describe('a case read blind', () => {
  it.each(routes)('has neither its text nor an opinion in what %s answers', async rule => {
    const { ann, judge } = await unread({ showText: false, showModel: false })
    for (const reader of [ann, judge]) {
      const told = await ask(reader, rule)
      // What the search was for comes back in no answer.
      expect(told).not.toMatch(TEXT)
      expect(told).not.toMatch(MODEL)
    }
  })

  it('is the same where it is drawn by chance', async () => {
    const { ann } = await unread({ blindShare: 1 })
    for (const rule of routes) expect(`${rule} ${await ask(ann, rule)}`).not.toMatch(TEXT)
    for (const rule of routes) expect(`${rule} ${await ask(ann, rule)}`).not.toMatch(MODEL)
  })

  it('shows the text where only the model is hidden, and the opinion where only the text is', async () => {
    const byText = (await unread({ showModel: false })).ann
    const first = (await byText.get(`/api/case?id=${enc(ID)}`)).body
    expect(first).toMatchObject({ blind: true, hidden: { text: false, model: true }, opinion: null })
    expect(first.case.caption).toContain('Ground-glass')
    expect((await byText.get('/api/cases?search=ground')).body.total).toBe(6)
    const byModel = (await unread({ showText: false })).ann
    const second = (await byModel.get(`/api/case?id=${enc(ID)}`)).body
    expect(second).toMatchObject({ hidden: { text: true, model: false }, case: { caption: '' } })
    expect(second.opinion.flag).toBeGreaterThan(0)
    expect(second.queue).toBeNull()
  })

  it('is shown whole after the decision, found by a search again, and hidden once more by an undo', async () => {
    const { ann } = await unread({ showText: false, showModel: false })
    const labelled = await ann.act(ID, 1, { ...LABEL, blind: true })
    expect(labelled.body.state.caption).toContain('Ground-glass')
    expect((await ann.get(`/api/case?id=${enc(ID)}`)).body).toMatchObject({ blind: false })
    expect(
      (await ann.get('/api/cases?search=ground')).body.rows.map((row: { id: string }) => row.id),
    ).toEqual([ID])
    const undone = await ann.post('/api/undo', { op: newOp() })
    expect(undone.body.state.caption).toBe('')
    expect((await ann.get('/api/cases?search=ground')).body.total).toBe(0)
  })

  it('is told by no live event, and a conflict before the decision tells nothing of it', async () => {
    const { desk, ann } = await unread({ showText: false, showModel: false })
    const stop = new AbortController()
    const response = await fetch(`${ann.url}/api/events`, {
      headers: { Cookie: ann.cookie },
      signal: stop.signal,
    })
    const reader = response.body!.getReader()
    const owner = new (ann.constructor as typeof Client)(desk.server.url)
    owner.cookie = (await desk.personOf('curator', 'Cora')).cookie
    await owner.act(ID, 1, {
      kind: 'mention',
      start: 4,
      end: 24,
      lesion: 'CrPa',
      assertion: 'present',
      panels: [],
    })
    let heard = ''
    while (!heard.includes('"mention"')) heard += new TextDecoder().decode((await reader.read()).value)
    stop.abort()
    expect(heard).not.toMatch(TEXT)
    const { status, body } = await ann.act(ID, 1, { kind: 'note', text: 'blurred' })
    expect(status).toBe(409)
    expect(JSON.stringify(body)).not.toMatch(TEXT)
  })

  it('keeps its document’s pages and file from readers, not from curators, whose work they are', async () => {
    const { desk, ann } = await unread({ showText: false, showModel: false })
    const page = `/api/document/page?id=${enc(DOCUMENT)}&page=1`
    expect((await ann.get(page)).body.error.code).toBe('text-hidden')
    const cora = await desk.personOf('curator', 'Cora')
    expect((await cora.get(page)).body.error.code).toBe('page-undrawn')
    const figures = (await cora.get(`/api/document?id=${enc(DOCUMENT)}`)).body.figures
    expect(figures[0].caption).toContain('Ground-glass')
  })
})
