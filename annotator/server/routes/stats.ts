import { Hono } from 'hono'
import type { Env } from '../context.ts'
import type { StatsReply } from '../replies.ts'

/** The dataset in numbers. */
export const stats = new Hono<Env>().get('/stats', async c => {
  const { desk } = c.var
  await desk.fresh()
  const [counts, people, documents] = await Promise.all([
    desk.tally.counts(),
    desk.people.list(),
    desk.documents.list(),
  ])
  const { byWho, ...rest } = counts
  return c.json({
    ...rest,
    documents: documents.length,
    people: people.length,
    byPerson: [...byWho]
      .map(([who, labelled]) => ({ who, name: people.find(each => each.id === who)?.name ?? who, labelled }))
      .sort((a, b) => b.labelled - a.labelled || (a.who < b.who ? -1 : 1)),
    goal: desk.workspace.settings.goal ?? null,
  } satisfies StatsReply)
})
