import { Hono } from 'hono'
import type { Env } from '../context.ts'
import type { LabelChangesReply } from '../replies.ts'

/** How far the readers agree, and how labels changed over time; sums only, no reading of any one case. */
export const agreement = new Hono<Env>()
  .get('/agreement', async c => {
    const { desk } = c.var
    await desk.fresh()
    return c.json(await desk.agreement.reply())
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
