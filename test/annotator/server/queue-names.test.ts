import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { QueueEntry, QueueName } from '../../../data/records/cycle.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { caseId, LABEL, sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'

const entry = (queue: QueueName, id: string, rank: number, why = `${queue} of ${id}`): QueueEntry => ({
  case: id,
  rank,
  score: 1 / rank,
  strategy: 'test',
  head: 'GGO',
  why,
  queue,
  ...(queue === 'audit' ? { audit: true as const } : {}),
})

/** Figure 1 A is drawn for the audit; the rest of the two figures are to be reviewed; some stand in other queues too. */
async function deskWithQueues() {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  const review = ['B', 'C']
    .map(panel => caseId(1, panel))
    .concat(['A', 'B', 'C'].map(panel => caseId(2, panel)))
  const rows = [
    entry('audit', caseId(1, 'A'), 1),
    ...review.map((id, at) => entry('review', id, at + 2)),
    entry('disagreement', caseId(2, 'B'), 7),
    entry('disagreement', caseId(1, 'A'), 8),
    entry('disagreement', caseId(2, 'A'), 9),
    entry('labels', caseId(2, 'C'), 10, 'GGO is positive (mined from the text)'),
    entry('labels', caseId(1, 'C'), 11, "GGO is positive (one expert's label)"),
  ]
  const path = join(workspace.paths.cycle('0001'), 'queue.jsonl')
  await writeFile(path, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  expect((await readFile(path, 'utf8')).length).toBeGreaterThan(0)
  return startDesk(workspace)
}

describe('the queues of a cycle', () => {
  test('are counted each by itself, and what is to be read is the audit and then the review', async () => {
    const desk = await deskWithQueues()
    const client = await desk.owner()
    const { body } = await client.get('/api/queue')
    expect(body.counts).toEqual({
      review: { total: 5, open: 5 },
      audit: { total: 1, open: 1 },
      // The audit's case is read blind: it stands among no contradictions.
      disagreement: { total: 2, open: 2 },
      labels: { total: 2, open: 2 },
    })
    expect(body.total).toBe(6)
    expect(body.rows.map((row: QueueEntry) => row.case)).toEqual(
      [caseId(1, 'A'), caseId(1, 'B'), caseId(1, 'C')].concat(['A', 'B', 'C'].map(each => caseId(2, each))),
    )
  })

  test('keep their own order, one at a time', async () => {
    const desk = await deskWithQueues()
    const client = await desk.owner()
    const { body } = await client.get('/api/queue/cases?queue=disagreement')
    expect(body.rows.map((row: { id: string }) => row.id)).toEqual([caseId(2, 'B'), caseId(2, 'A')])
    expect(body.rows[0].queue.why).toBe(`disagreement of ${caseId(2, 'B')}`)
  })

  test('say nothing of text or model of the audit before its case is decided', async () => {
    const desk = await deskWithQueues()
    const client = await desk.owner()
    const { body } = await client.get('/api/queue/cases?queue=audit')
    expect(body.rows).toHaveLength(1)
    expect(JSON.stringify(body)).not.toMatch(/Ground-glass|"findings":\{"GGO":"present"|audit of/)
  })

  test('let a doubted label go once it was looked at since the cycle, and bring it back when that is undone', async () => {
    const desk = await deskWithQueues()
    const client = await desk.owner()
    await client.act(caseId(2, 'C'), 0, LABEL)
    const counts = async () => (await client.get('/api/queue')).body.counts.labels
    expect(await counts()).toEqual({ total: 2, open: 1 })
    await client.post('/api/undo', { op: 'undo-operation-1' })
    expect(await counts()).toEqual({ total: 2, open: 2 })
  })

  test("tell a reader nothing of another's doubted label before the own reading", async () => {
    const desk = await deskWithQueues()
    const other = await desk.personOf('annotator')
    await other.act(caseId(1, 'C'), 0, { ...LABEL, lesions: perLesion(() => 'absent') })
    const reader = await desk.personOf('annotator')
    const whyOf = async (client: typeof reader) => {
      const { body } = await client.get('/api/queue/cases?queue=labels')
      return body.rows.find((row: { id: string }) => row.id === caseId(1, 'C')).queue.why
    }
    expect(await whyOf(reader)).not.toMatch(/expert/)
    expect(await whyOf(other)).toMatch(/expert/)
    expect(await whyOf(await desk.personOf('adjudicator'))).toMatch(/expert/)
  })

  test('lend the cases of one of them only, where one is asked for', async () => {
    const desk = await deskWithQueues()
    const client = await desk.owner()
    const next = async (queue: string, after = '') =>
      (await client.get(`/api/queue/next?queue=${queue}${after && `&after=${encodeURIComponent(after)}`}`))
        .body.next?.case.id
    expect(await next('audit')).toBe(caseId(1, 'A'))
    expect(await next('audit', caseId(1, 'A'))).toBeUndefined()
    expect(await next('review')).toBe(caseId(1, 'B'))
    expect(await next('review', caseId(1, 'B'))).toBe(caseId(1, 'C'))
    // Round at the end, to the beginning of its own queue.
    expect(await next('review', caseId(2, 'C'))).toBe(caseId(1, 'B'))
    expect((await client.get('/api/queue/next?queue=labels')).status).toBe(400)
  })

  test('lend a case that was given back to the next person', async () => {
    const desk = await deskWithQueues()
    const [ann, bob] = [await desk.personOf('annotator'), await desk.personOf('annotator')]
    const next = async (client: typeof ann) => (await client.get('/api/queue/next')).body.next.case.id
    expect(await next(ann)).toBe(caseId(1, 'A'))
    expect(await next(bob)).toBe(caseId(1, 'B'))
    // Nobody gives back what another one has.
    await bob.post('/api/queue/release', { cases: [caseId(1, 'A'), caseId(1, 'B')] })
    expect(await next(bob)).toBe(caseId(1, 'B'))
    const answer = await ann.post('/api/queue/release', { cases: [caseId(1, 'A')] })
    expect(answer).toMatchObject({ status: 200, body: { released: 1 } })
    expect(await next(bob)).toBe(caseId(1, 'A'))
  })
})
