import { describe, expect, it } from 'vitest'
import { planAssignment } from '../../../annotator/server/assignment.ts'
import { type Client, caseId, LABEL, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

const NEGATIVE = { ...LABEL, flag: 'negative' as const }
const ID = caseId(1, 'A')

async function disputedCase() {
  const desk = await startDesk(await smallWorkspace())
  const ann = await desk.personOf('annotator', 'Ann')
  const bob = await desk.personOf('annotator', 'Bob')
  const judge = await desk.personOf('adjudicator', 'Judy')
  await ann.act(ID, 0, LABEL)
  await bob.act(ID, 1, NEGATIVE)
  await ann.act(caseId(1, 'B'), 0, LABEL)
  await bob.act(caseId(1, 'B'), 1, LABEL)
  return { ...desk, ann, bob, judge }
}

describe('adjudication', () => {
  it('gives the cases whose readers disagree, with what was said and not by whom', async () => {
    const { judge } = await disputedCase()
    const { body } = await judge.get('/api/adjudication')
    expect(body).toMatchObject({ left: 1, next: { case: { id: ID }, disputed: ['flag'] } })
    expect(body.next.readings.map((each: { said: { flag: string } }) => each.said.flag).sort()).toEqual([
      'negative',
      'positive',
    ])
    expect(JSON.stringify(body)).not.toMatch(/"who":"(ann|bob)/)
  })

  it('is over with the verdict, which is the truth from then on', async () => {
    const { judge } = await disputedCase()
    const saved = await judge.act(ID, 2, { ...NEGATIVE, kind: 'adjudicate' })
    expect(saved.body.state.truth.flag).toEqual({ value: 'negative', source: 'adjudicated' })
    expect((await judge.get('/api/adjudication')).body).toEqual({ left: 0, next: null })
    await judge.post('/api/undo', { op: newOp() })
    expect((await judge.get('/api/adjudication')).body.left).toBe(1)
  })

  it('waits until everybody who was to read the case has read it', async () => {
    const { judge, owner } = await disputedCase()
    const { people } = (await judge.get('/api/people')).body
    await (await owner()).act(ID, 2, { kind: 'assign', to: people.map((each: { id: string }) => each.id) })
    expect((await judge.get('/api/adjudication')).body.left).toBe(0)
  })
})

describe('agreement', () => {
  it('of two readers has n, what was observed, and no kappa where all said the same', async () => {
    const { judge } = await disputedCase()
    const { body } = await judge.get('/api/agreement')
    expect(body.cases).toBe(2)
    expect(body.pairs).toHaveLength(1)
    expect(body.pairs[0].heads.flag).toMatchObject({ items: 2, groups: 1, observed: 0.5, value: 0 })
    expect(body.pairs[0].heads.GGO).toMatchObject({ items: 2, observed: 1, value: null })
    expect(body.all).toBeNull()
  })

  it('is of first readings: who follows the other afterwards does not raise it', async () => {
    const { judge, bob } = await disputedCase()
    const { case: state } = (await bob.get(`/api/case?id=${encodeURIComponent(ID)}`)).body
    expect((await bob.act(ID, state.version, LABEL)).status).toBe(200)
    expect((await judge.get('/api/agreement')).body.pairs[0].heads.flag.observed).toBe(0.5)
    const { days } = (await judge.get('/api/label-changes')).body
    expect(days).toEqual([{ day: expect.any(String), first: 4, changed: 1 }])
  })

  it('counts labels that follow the text apart for cases read with and without seeing it', async () => {
    const { judge, ann } = await disputedCase()
    await ann.act(caseId(2, 'A'), 0, { ...LABEL, blind: true })
    const { anchoring } = (await judge.get('/api/agreement')).body
    expect(anchoring.flag.shown).toMatchObject({ cases: 4, agreed: 3, share: 0.75 })
    expect(anchoring.flag.hidden).toMatchObject({ cases: 1, agreed: 1 })
    expect(anchoring.Csld.hidden).toEqual({ cases: 0, agreed: 0, share: null, low: null, high: null })
  })
})

describe('handing out cases', () => {
  const hand = async (client: Client, more: object) =>
    await client.post('/api/assignments', { people: ['ann', 'bob'], ...more })

  it('gives each person as many as the other, and the overlap to both', async () => {
    const { owner } = await disputedCase()
    const client = await owner()
    const { status, body } = await hand(client, { overlap: 0.5 })
    expect(status).toBe(200)
    expect(body).toEqual({ assigned: 4, shared: 2, changedMeanwhile: 0 })
    const { rows } = (await client.get('/api/assignments')).body
    expect(rows.filter((row: { assigned: number }) => row.assigned > 0)).toEqual([
      { who: 'ann', name: 'Ann', assigned: 3, read: 0 },
      { who: 'bob', name: 'Bob', assigned: 3, read: 0 },
    ])
    expect((await hand(client, {})).body.assigned).toBe(0)
    expect((await hand(client, { again: true, share: 0.5 })).body.assigned).toBe(2)
  })

  it('goes by lesion and document, and lists what is mine', async () => {
    const { owner, ann } = await disputedCase()
    expect((await hand(await owner(), { lesion: 'CrPa' })).body.assigned).toBe(0)
    await hand(await owner(), { people: ['ann'], lesion: 'GGO' })
    expect((await ann.get('/api/cases?assignedTo=me&state=open&by=me')).body.total).toBe(4)
  })

  it('conflicts with nobody who is reading a case in that moment', async () => {
    const { owner, ann } = await disputedCase()
    await hand(await owner(), {})
    expect((await ann.act(caseId(2, 'B'), 0, LABEL)).status).toBe(200)
  })

  it('is no part of the undo of who handed them out', async () => {
    const { owner } = await disputedCase()
    const client = await owner()
    await client.act(caseId(2, 'C'), 0, { kind: 'note', text: 'here' })
    await hand(client, {})
    expect((await client.post('/api/undo', { op: newOp() })).body.act.case).toBe(caseId(2, 'C'))
  })

  it('is refused to annotators, for people who are not there, and for one person with overlap', async () => {
    const { owner, ann } = await disputedCase()
    expect((await hand(ann, {})).status).toBe(403)
    expect((await hand(await owner(), { people: ['zoe'] })).status).toBe(404)
    const { status, body } = await hand(await owner(), { people: ['ann'], overlap: 0.1 })
    expect([status, body.error.code]).toEqual([400, 'assignment-invalid'])
  })

  it('is the same for the same seed, meets every pair, and is level to one reading', () => {
    const cases = Array.from({ length: 101 }, (_, at) => `case ${at}`)
    const plan = { people: ['a', 'b', 'c'], overlap: 0.4, readers: 2, seed: 5 }
    const first = planAssignment(cases, plan)
    expect(planAssignment(cases, plan)).toEqual(first)
    expect(planAssignment(cases, { ...plan, seed: 6 })).not.toEqual(first)
    const pairs = new Set([...first.values()].filter(each => each.length === 2).map(String))
    expect([...pairs].sort()).toEqual(['a,b', 'a,c', 'b,c'])
    expect([...first.values()].filter(each => each.length === 2)).toHaveLength(40)
    const load = plan.people.map(who => [...first.values()].filter(each => each.includes(who)).length)
    expect(Math.max(...load) - Math.min(...load)).toBeLessThanOrEqual(1)
  })
})

describe('going back in the history', () => {
  const history = async (client: Client) =>
    (await client.get(`/api/case/history?id=${encodeURIComponent(ID)}`)).body.history

  it('brings a case back to how it stood after an entry, and is itself undone and redone', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    await client.act(ID, 0, LABEL)
    await client.act(ID, 1, NEGATIVE)
    await client.act(ID, 2, { kind: 'note', text: 'later' })
    const back = await client.act(ID, 3, { kind: 'restore', seq: 1 })
    expect(back.body.state).toMatchObject({ labels: [{ flag: 'positive' }], notes: [], version: 4 })
    expect((await history(client)).map((each: { undone: boolean }) => each.undone)).toEqual([
      false,
      true,
      true,
      false,
    ])
    const undone = await client.post('/api/undo', { op: newOp() })
    expect(undone.body.state).toMatchObject({ labels: [{ flag: 'negative' }], notes: [{ text: 'later' }] })
    const redone = await client.post('/api/redo', { op: newOp() })
    expect(redone.body.state).toMatchObject({ labels: [{ flag: 'positive' }], notes: [] })
    expect((await client.act(ID, 6, { kind: 'restore', seq: 0 })).body.state.labels).toEqual([])
  })

  it("leaves another's label alone, unless an adjudicator goes back for everybody", async () => {
    const { ann, judge } = await disputedCase()
    expect((await ann.act(ID, 2, { kind: 'restore', seq: 0 })).body.state.version).toBe(3)
    expect((await judge.get('/api/cases?state=labelled')).body.rows[0].labelledBy).toEqual(['bob'])
    expect((await ann.act(ID, 3, { kind: 'restore', seq: 0, everyone: true })).status).toBe(403)
    expect((await judge.act(ID, 3, { kind: 'restore', seq: 0, everyone: true })).status).toBe(200)
    expect((await judge.get('/api/cases?state=labelled')).body.total).toBe(1)
  })

  it('stands as it was after a restart', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    await client.act(ID, 0, LABEL)
    await client.act(ID, 1, NEGATIVE)
    await client.act(ID, 2, { kind: 'restore', seq: 1 })
    await desk.restart()
    expect((await client.get(`/api/case?id=${encodeURIComponent(ID)}`)).body.case.labels[0].flag).toBe(
      'positive',
    )
    expect((await client.post('/api/undo', { op: newOp() })).body.state.labels[0].flag).toBe('negative')
  })
})
