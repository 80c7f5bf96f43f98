import { Hono } from 'hono'
import type { CaseState } from '../../../data/records/case.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { agreement as measure, type ReadCase } from '../agreement.ts'
import type { Desk, Env } from '../context.ts'
import type { AgreementReply, LabelChangesReply } from '../replies.ts'

/** Cohen's and Fleiss' kappa cost a bootstrap: kept until the next label. */
const kept = new WeakMap<Desk, { key: string; reply: AgreementReply }>()

/** How far the readers agree, and how labels changed over time; sums only, no reading of any one case. */
export const agreement = new Hono<Env>()
  .get('/agreement', async c => {
    const { desk } = c.var
    await desk.fresh()
    const readings = await desk.readings.all()
    const key = `${readings.length} ${readings.at(-1)?.seq ?? 0} ${await desk.store.acts.lastSeq()}`
    const known = kept.get(desk)
    if (known?.key === key) return c.json(known.reply)
    const cases = new Map<string, ReadCase>()
    for (const id of new Set(readings.map(each => each.case))) {
      const state = await desk.store.cases.get(id)
      if (state) cases.set(id, { group: state.patient, text: textOf(state) })
    }
    const reply = measure(readings, id => cases.get(id))
    kept.set(desk, { key, reply })
    return c.json(reply)
  })

  .get('/label-changes', async c => {
    const { desk } = c.var
    const readings = (await desk.readings.all()).filter(each => !each.repeat)
    const days = new Map<string, { first: number; changed: number }>()
    const before = new Map<string, string>()
    for (const { who, case: id, said, at } of readings) {
      const day = days.get(at.slice(0, 10)) ?? { first: 0, changed: 0 }
      days.set(at.slice(0, 10), day)
      const place = `${who} ${id}`
      const now = said.join()
      if (!before.has(place)) day.first++
      else if (before.get(place) !== now) day.changed++
      before.set(place, now)
    }
    return c.json({
      days: [...days].map(([day, counts]) => ({ day, ...counts })),
    } satisfies LabelChangesReply)
  })

function textOf(state: CaseState): (string | null)[] {
  return HEADS.map(head => {
    if (head === 'flag') return ['positive', 'negative'].includes(state.mined.flag) ? state.mined.flag : null
    const finding = state.mined.findings[head]
    if (finding === 'present') return 'present'
    return finding === 'absent' || finding === 'resolved' ? 'absent' : null
  })
}
