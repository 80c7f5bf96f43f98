import { hc } from 'hono/client'
import { describe, expect, it } from 'vitest'
import type { AppType } from '../../../annotator/server/app.ts'
import { caseId, LABEL, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

describe('the typed client made from the app', () => {
  it('lists, opens and labels a case, with the types of each answer', async () => {
    const { server, owner } = await startDesk(await smallWorkspace())
    const { api } = hc<AppType>(server.url, { headers: { Cookie: (await owner()).cookie } })
    const list = await (await api.cases.$get({ query: { sort: 'document', limit: '1' } })).json()
    const id: string = list.rows[0]!.id
    expect(id).toBe(caseId(1, 'A'))
    // Slashes and # of an id survive the way through the query.
    const one = await (await api.case.$get({ query: { id } })).json()
    const version: number = one.case.version
    const answer = await api.acts.$post({ json: { op: newOp(), case: id, base: version, act: LABEL } })
    if (answer.status !== 200) throw new Error('a conflict was not expected')
    const seq: number = (await answer.json()).act.seq
    expect(seq).toBe(1)
    const stale = await api.acts.$post({ json: { op: newOp(), case: id, base: version, act: LABEL } })
    if (stale.status !== 409) throw new Error('a conflict was expected')
    expect((await stale.json()).state.labels.map(label => label.who)).toEqual(['owner'])
  })
})
