import { Hono } from 'hono'
import { z } from 'zod'
import { decidePair } from '../../../data/duplicates/renew-sides.ts'
import { acquireLock } from '../../../data/workspace/locks.ts'
import { rowMaker } from '../case-row.ts'
import { type Env, person } from '../context.ts'
import { count } from '../query.ts'
import { ReaderView } from '../reader-view.ts'
import type { CaseList } from '../replies.ts'
import { valid } from '../validate.ts'
import { known } from './cases.ts'

const LONGEST_PAGE = 500
const caseId = z.string().min(1).max(1000)

/** A case that shows the same slice. Nothing of what anybody read there: that is asked of the case itself. */
export interface DoubleRow {
  case: string
  /** Title of its document, else its id, else the file it came in. */
  from: string
  figure: string | null
  panel: string | null
  imageFile: string
  /** `picture`: pixel by pixel; `slice`: cropped, rescaled, encoded again or drawn on. */
  same: 'picture' | 'slice'
  /** Set where a person said that it is another slice after all. */
  apart: { why: string; at: string; by: string | null } | null
}

export interface DoublesReply {
  /** Empty while the case is read blind: what was said of a double would tell. */
  rows: DoubleRow[]
}

/** Doubles: pictures that show the same slice, and a curator's word on them. */
export const doubles = new Hono<Env>()
  .get('/doubles', valid('query', z.object({ id: caseId })), async c => {
    const { desk } = c.var
    await desk.fresh()
    const state = await known(desk, c.req.valid('query').id)
    const view = await ReaderView.of(desk, person(c).id)
    const rows: DoubleRow[] = []
    if (!view.isBlind(state)) {
      const names = new Map((await desk.people.list()).map(each => [each.id, each.name]))
      for (const { case: id, isPicture, other } of await desk.doubles.of(state.id, state.image)) {
        const double = await desk.store.cases.get(id)
        if (!double) continue
        const document = double.document === null ? null : await desk.documents.row(double.document)
        const said = other?.isApart ? other.said : undefined
        rows.push({
          case: id,
          from: document?.title ?? double.document ?? double.source.file,
          figure: double.figure,
          panel: double.panel,
          imageFile: double.imageFile,
          same: isPicture ? 'picture' : 'slice',
          apart: said
            ? {
                why: said.why,
                at: said.at,
                by: said.who === undefined ? null : (names.get(said.who) ?? said.who),
              }
            : null,
        })
      }
    }
    return c.json({ rows } satisfies DoublesReply)
  })

  .get(
    '/doubles/cases',
    valid('query', z.object({ offset: count.optional(), limit: count.optional() })),
    async c => {
      const { desk } = c.var
      const { offset = 0, limit = 50 } = c.req.valid('query')
      await desk.fresh()
      const view = await ReaderView.of(desk, person(c).id)
      const rowOf = await rowMaker(desk, person(c).id)
      const ids = await desk.doubles.ids()
      const rows: CaseList['rows'] = []
      for (const id of ids.slice(offset, offset + Math.min(limit, LONGEST_PAGE))) {
        const state = await desk.store.cases.get(id)
        if (state) rows.push(rowOf(view.state(state)))
      }
      const { cycle } = await desk.queue.view()
      return c.json({ rows, total: ids.length, offset, limit, cycle } satisfies CaseList)
    },
  )

  .get('/doubles/count', async c => {
    const { desk } = c.var
    await desk.fresh()
    return c.json(await desk.doubles.count())
  })

  .post(
    '/doubles',
    valid(
      'json',
      z.strictObject({
        one: caseId,
        other: caseId,
        is: z.enum(['apart', 'linked']),
        why: z.string().trim().min(1).max(1000),
      }),
    ),
    async c => {
      const { desk } = c.var
      const said = { ...c.req.valid('json'), who: person(c).id }
      const lock = await acquireLock(desk.workspace, 'cases')
      try {
        await decidePair(desk.workspace, () => desk.store.cases.all(), said, new Date())
      } finally {
        await lock.release()
      }
      return c.json({ done: true as const })
    },
  )
