import { describe, expect, it } from 'vitest'
import { caseId, DOCUMENT, LABEL, newOp, sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'

describe('reviewing over HTTP', () => {
  it('lists the cases with their figure, findings and total', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { body } = await (await owner()).get('/api/cases?limit=4&offset=1&sort=document')
    expect(body).toMatchObject({ total: 6, offset: 1, limit: 4, cycle: null })
    expect(body.rows.map((row: { id: string }) => row.id)).toEqual([
      caseId(1, 'B'),
      caseId(1, 'C'),
      caseId(2, 'A'),
      caseId(2, 'B'),
    ])
    expect(body.rows[0]).toMatchObject({
      flag: 'positive',
      findings: { GGO: 'present' },
      mine: false,
      queue: null,
    })
  })

  it("lists in the queue's order with each entry's reason once there is a cycle", async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const { body } = await (await owner()).get('/api/cases?sort=queue')
    expect(body.cycle).toBe('0001')
    expect(body.rows[0]).toMatchObject({
      id: caseId(2, 'A'),
      queue: { rank: 1, why: 'the model is unsure of GGO (0.50)' },
      disagreements: ['GGO'],
    })
  })

  it('filters by lesion, finding, words, person and state', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    const total = async (query: string) => (await client.get(`/api/cases?${query}`)).body.total
    expect(await total('lesion=GGO&finding=present')).toBe(6)
    expect(await total('lesion=Csld')).toBe(0)
    expect(await total('search=right%202%23a')).toBe(1)
    expect(await total('state=labelled&by=me')).toBe(1)
    expect(await total('state=open')).toBe(5)
  })

  it.each(['limit=-1', 'offset=x', 'lesion=Ggo', 'sort=random', 'disagreement=1'])(
    'refuses the query %s and names the field',
    async query => {
      const { owner } = await startDesk(await smallWorkspace())
      const { status, body } = await (await owner()).get(`/api/cases?${query}`)
      expect(status).toBe(400)
      expect(body.error.code).toBe('request-invalid')
      expect(body.error.message).toContain(query.split('=')[0])
    },
  )

  it('gives one case with siblings in reading order, opinion, reason and document', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const { body } = await (await owner()).get(`/api/case?id=${encodeURIComponent(caseId(2, 'B'))}`)
    expect(body.case).toMatchObject({ id: caseId(2, 'B'), version: 0, labels: [] })
    expect(body.siblings.map((row: { panel: string }) => row.panel)).toEqual(['A', 'B', 'C'])
    expect(body.opinion).toMatchObject({
      cycle: '0001',
      promoted: false,
      side: 'pool',
      fold: 1,
      flag: 0.8,
      lesions: { GGO: 0.05, Csld: 0.25 },
      thresholds: { flag: 0.62, GGO: 0.5 },
    })
    expect(body.queue.rank).toBe(2)
    expect(body.document).toMatchObject({ id: DOCUMENT, doi: '10.1101/2020.01.02.20003004' })
  })

  it('says that a case is unknown, and what to do', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, body } = await (await owner()).get('/api/case?id=nothing')
    expect(status).toBe(404)
    expect(body.error).toMatchObject({
      code: 'case-unknown',
      message: expect.stringContaining('load the list again'),
    })
  })

  it('saves a label with who and when, and shows it at once', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const saved = await client.act(caseId(1, 'A'), 0, LABEL)
    expect(saved.status).toBe(200)
    expect(saved.body.act).toMatchObject({ seq: 1, who: 'owner', case: caseId(1, 'A') })
    expect(saved.body.state).toMatchObject({
      version: 1,
      truth: { flag: { value: 'positive', source: 'expert' } },
    })
    expect(saved.body.undo).toEqual({ seq: 1, case: caseId(1, 'A') })
    const row = (await client.get('/api/cases?sort=document')).body.rows[0]
    expect(row).toMatchObject({ mine: true, labelledBy: ['owner'], version: 1 })
  })

  it('answers a repeated operation as the first time and writes nothing twice', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const op = newOp()
    const first = await client.act(caseId(1, 'A'), 0, LABEL, op)
    const again = await client.act(caseId(1, 'A'), 0, LABEL, op)
    expect(again.status).toBe(200)
    expect(again.body.act).toEqual(first.body.act)
    expect(again.body.state.version).toBe(1)
  })

  it('refuses a stale base with the case as it stands and the acts since', async () => {
    const { owner, personOf } = await startDesk(await smallWorkspace())
    const bob = await personOf('annotator', 'Bob')
    await bob.act(caseId(1, 'A'), 0, LABEL)
    const { status, body } = await (await owner()).act(caseId(1, 'A'), 0, { ...LABEL, flag: 'negative' })
    expect(status).toBe(409)
    expect(body.error.code).toBe('act-conflict')
    expect(body.state).toMatchObject({ version: 1, labels: [{ who: 'bob', flag: 'positive' }] })
    expect(body.acts).toMatchObject([{ seq: 1, who: 'bob' }])
    expect(body.error.details).toBeUndefined()
  })

  it.each([
    ['an unknown kind', { kind: 'delete' }],
    ['a field nobody knows', { kind: 'note', text: 'a', more: 1 }],
    ['an unknown lesion', { ...LABEL, lesions: { ...LABEL.lesions, XX: 'present' } }],
    ['a missing lesion', { kind: 'label', flag: 'positive', lesions: { GGO: 'present' } }],
  ])('refuses an act with %s', async (_what, act) => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status } = await (await owner()).act(caseId(1, 'A'), 0, act as never)
    expect(status).toBe(400)
  })

  it('lets many save at once without losing or doubling one', async () => {
    const { owner, personOf } = await startDesk(await smallWorkspace())
    const people = [
      await owner(),
      await personOf('annotator'),
      await personOf('trainer'),
      await personOf('adjudicator'),
    ]
    const answers = await Promise.all(
      people.map(async client => {
        let conflicts = 0
        for (let saved = 0; saved < 10; ) {
          const { version } = (await client.get(`/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)).body
            .case
          const { status } = await client.act(caseId(1, 'A'), version, { kind: 'note', text: 'seen' })
          if (status === 200) saved++
          else conflicts++
        }
        return conflicts
      }),
    )
    // Notes are each reader's own until they have decided: together they are all.
    const path = `/api/case/history?id=${encodeURIComponent(caseId(1, 'A'))}`
    const own = await Promise.all(people.map(async client => (await client.get(path)).body.history))
    const seqs = own.flat().map((act: { seq: number }) => act.seq)
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(answers.every(conflicts => conflicts >= 0)).toBe(true)
  })

  it('keeps what was saved over a restart', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    await desk.restart()
    const { body } = await client.get(`/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(body.case).toMatchObject({ version: 1, labels: [{ who: 'owner' }] })
  })
})

describe('undo and redo over HTTP', () => {
  it('takes back the last act wherever it was, and brings it back', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    await client.act(caseId(2, 'C'), 0, LABEL)
    const undone = await client.post('/api/undo', { op: newOp() })
    expect(undone.body).toMatchObject({
      state: { id: caseId(2, 'C'), labels: [] },
      undo: { seq: 1, case: caseId(1, 'A') },
      redo: { case: caseId(2, 'C') },
    })
    const redone = await client.post('/api/redo', { op: newOp() })
    expect(redone.body).toMatchObject({
      state: { id: caseId(2, 'C'), labels: [{ who: 'owner' }] },
      redo: null,
    })
  })

  it('undoes once for a repeated request', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    await client.act(caseId(1, 'B'), 0, LABEL)
    const op = newOp()
    const first = await client.post('/api/undo', { op })
    const again = await client.post('/api/undo', { op })
    expect(again.body.act).toEqual(first.body.act)
    expect((await client.get('/api/cases?state=labelled')).body.total).toBe(1)
  })

  it('never touches what another person did', async () => {
    const { owner, personOf } = await startDesk(await smallWorkspace())
    const bob = await personOf('annotator')
    await bob.act(caseId(1, 'A'), 0, LABEL)
    const client = await owner()
    expect((await client.post('/api/undo', { op: newOp() })).body.error.code).toBe('nothing-to-undo')
    const byHand = await bob.act(caseId(1, 'A'), 1, { kind: 'undo', seq: 1 })
    expect(byHand.status).toBe(200)
  })

  it("lets an adjudicator take back another's act, and an annotator not", async () => {
    const { personOf } = await startDesk(await smallWorkspace())
    const [ann, bob, judge] = [
      await personOf('annotator'),
      await personOf('annotator'),
      await personOf('adjudicator'),
    ]
    await ann.act(caseId(1, 'A'), 0, LABEL)
    expect((await bob.act(caseId(1, 'A'), 1, { kind: 'undo', seq: 1 })).status).toBe(403)
    expect((await judge.act(caseId(1, 'A'), 1, { kind: 'undo', seq: 1 })).status).toBe(200)
  })

  it('goes back to the very first act after a restart', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    for (const panel of ['A', 'B', 'C']) await client.act(caseId(1, panel), 0, LABEL)
    await desk.restart()
    for (const panel of ['C', 'B', 'A'])
      expect((await client.post('/api/undo', { op: newOp() })).body.state.id).toBe(caseId(1, panel))
    expect((await client.post('/api/undo', { op: newOp() })).status).toBe(409)
  })

  it('marks in the history what was taken back, with names', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL)
    await client.post('/api/undo', { op: newOp() })
    const { body } = await client.get(`/api/case/history?id=${encodeURIComponent(caseId(1, 'A'))}`)
    expect(body.history).toMatchObject([
      { seq: 1, name: 'Owner', undone: true, act: { kind: 'label' } },
      { seq: 2, name: 'Owner', undone: false, act: { kind: 'undo', seq: 1 } },
    ])
  })
})

describe('the queue over HTTP', () => {
  it('goes through the undecided cases in order and ends', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    const seen: string[] = []
    let after = ''
    for (;;) {
      const { next, left } = (
        await client.get(`/api/queue/next${after && `?after=${encodeURIComponent(after)}`}`)
      ).body
      if (!next) break
      expect(left).toBe(6 - seen.length)
      after = next.case.id
      seen.push(after)
      await client.act(after, next.case.version, LABEL)
    }
    expect(seen.map(id => id.split('#').slice(1).join(' '))).toEqual([
      'Figure 2 A',
      'Figure 2 B',
      'Figure 2 C',
      'Figure 1 A',
      'Figure 1 B',
      'Figure 1 C',
    ])
  })

  it('says which entries are decided, also after an undo', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    await client.get('/api/queue')
    await client.act(caseId(2, 'B'), 0, LABEL)
    const after = (await client.get('/api/queue?limit=2')).body
    expect(after).toMatchObject({
      cycle: '0001',
      total: 6,
      decided: 1,
      rows: [{ decided: false }, { decided: true }],
    })
    await client.post('/api/undo', { op: newOp() })
    expect((await client.get('/api/queue')).body.decided).toBe(0)
  })

  it('leaves out what a person marked as no CT', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    await client.act(caseId(2, 'A'), 0, { kind: 'kind', image: 'chart' })
    expect((await client.get('/api/queue/next')).body.next.case.id).toBe(caseId(2, 'B'))
  })

  it('passes on to the next case without a decision, and around at the end', async () => {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    const { owner } = await startDesk(workspace)
    const client = await owner()
    const next = async (after: string) =>
      (await client.get(`/api/queue/next?after=${encodeURIComponent(after)}`)).body.next.case.id
    expect(await next(caseId(2, 'A'))).toBe(caseId(2, 'B'))
    expect(await next(caseId(1, 'C'))).toBe(caseId(2, 'A'))
  })

  it('offers the open cases by document where no cycle ran yet', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    expect((await client.get('/api/queue/next')).body.next.case.id).toBe(caseId(1, 'A'))
  })

  it('takes up the queue of a cycle that is sealed while the server runs', async () => {
    const workspace = await smallWorkspace()
    const { owner } = await startDesk(workspace)
    const client = await owner()
    expect((await client.get('/api/queue')).body.cycle).toBeNull()
    await sealCycle(workspace)
    await expect.poll(async () => (await client.get('/api/queue')).body.cycle, { timeout: 3000 }).toBe('0001')
  })
})
