import { describe, expect, it } from 'vitest'
import { readDuplicates, writeDuplicates } from '../../../data/duplicates/record.ts'
import { openStore } from '../../../data/stores/open.ts'
import { changeSettings, type Workspace } from '../../../data/workspace/open.ts'
import { caseId, LABEL, smallWorkspace, startDesk } from './desk-under-test.ts'

const [HERE, THERE, ALONE] = [caseId(1, 'A'), caseId(2, 'B'), caseId(1, 'C')]
const doublesOf = (id: string) => `/api/doubles?id=${encodeURIComponent(id)}`

/** A small workspace in which the pictures of two cases are linked. */
async function linked(): Promise<Workspace> {
  const workspace = await smallWorkspace()
  const store = await openStore(workspace)
  const [one, other] = await Promise.all([HERE, THERE].map(async id => (await store.cases.get(id))!.image))
  await store.close()
  const box = { left: 0, top: 0, right: 1, bottom: 1 }
  await writeDuplicates(workspace, {
    links: [{ one: one!, other: other!, evidence: { bits: 2, whole: 0.99, tiles: 1, detail: 0.98, box } }],
    apart: [],
    decisions: [],
    compared: [one!, other!],
  })
  return workspace
}

describe('doubles at the desk', () => {
  it('says of each of the two where the other is, and of a case without one nothing', async () => {
    const owner = await (await startDesk(await linked())).owner()
    const [here, there] = [await owner.get(doublesOf(HERE)), await owner.get(doublesOf(THERE))]
    expect(here.body.rows).toMatchObject([
      { case: THERE, figure: 'Figure 2', panel: 'B', same: 'slice', apart: null },
    ])
    expect(there.body.rows).toMatchObject([{ case: HERE }])
    expect((await owner.get(doublesOf(ALONE))).body).toEqual({ rows: [] })
  })

  it('lists the cases with a double one after another, and counts them', async () => {
    const owner = await (await startDesk(await linked())).owner()
    const { body } = await owner.get('/api/doubles/cases')
    expect(body.rows.map((row: { id: string }) => row.id).sort()).toEqual([HERE, THERE])
    expect(body.total).toBe(2)
    expect((await owner.get('/api/doubles/count')).body).toEqual({ pairs: 1, cases: 2 })
  })

  it('tells nothing of what somebody read at the double', async () => {
    const desk = await startDesk(await linked())
    const owner = await desk.owner()
    await owner.act(THERE, 0, LABEL)
    const ann = await desk.personOf('annotator', 'Ann')
    const said = JSON.stringify((await ann.get(doublesOf(HERE))).body)
    expect(said).not.toMatch(/present|positive|labelled/)
    const row = (await ann.get('/api/doubles/cases')).body.rows.find(
      (each: { id: string }) => each.id === THERE,
    )
    expect(row.truth.flag.source).not.toBe('expert')
  })

  it('is silent before the decision on a case that is read blind, and speaks after it', async () => {
    const workspace = await linked()
    await changeSettings(workspace, { showText: false, showModel: false })
    const owner = await (await startDesk(workspace)).owner()
    expect((await owner.get(doublesOf(HERE))).body.rows).toEqual([])
    await owner.act(HERE, 0, LABEL)
    expect((await owner.get(doublesOf(HERE))).body.rows).toHaveLength(1)
  })

  it('takes a curator’s word with name and reason, keeps it, and takes it back', async () => {
    const workspace = await linked()
    const owner = await (await startDesk(workspace)).owner()
    const say = (is: string, why = 'two patients') =>
      owner.post('/api/doubles', { one: HERE, other: THERE, is, why })
    expect((await say('apart')).status).toBe(200)
    expect((await owner.get(doublesOf(HERE))).body.rows).toMatchObject([
      { case: THERE, apart: { why: 'two patients' } },
    ])
    expect((await owner.get('/api/doubles/count')).body).toEqual({ pairs: 0, cases: 0 })
    const { decisions } = await readDuplicates(workspace)
    expect(decisions).toMatchObject([{ is: 'apart', why: 'two patients', who: expect.any(String) }])
    expect((await say('apart')).status).toBe(409)
    expect((await say('linked', '')).status).toBe(400)
    expect((await say('linked', 'I erred')).status).toBe(200)
    expect((await owner.get('/api/doubles/count')).body).toEqual({ pairs: 1, cases: 2 })
  })

  it('takes no word of an annotator', async () => {
    const desk = await startDesk(await linked())
    await desk.owner()
    const ann = await desk.personOf('annotator', 'Ann')
    const answer = await ann.post('/api/doubles', { one: HERE, other: THERE, is: 'apart', why: 'no' })
    expect(answer.status).toBe(403)
  })
})
