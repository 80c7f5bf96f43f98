import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import { codeOf, LesionloopError } from '../../../data/errors.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { LESIONS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { planAssignment } from '../assignment.ts'
import { type Desk, type Env, person } from '../context.ts'
import { given } from '../query.ts'
import { REPEAT_AFTER } from '../reading-book.ts'
import type { AssignmentsReply } from '../replies.ts'
import { valid } from '../validate.ts'

/** Most cases handed out at once: more is done in two goes, each of which can be looked at. */
const MOST = 20_000
/** Acts written together, which share the disk's one confirmation. */
const TOGETHER = 200

const asked = z.strictObject({
  people: z.array(z.string().min(1).max(200)).min(1).max(100),
  /** Which open cases: those whose text names a lesion, those of a document; else all. */
  lesion: z.enum(LESIONS).optional(),
  document: z.string().max(1000).optional(),
  /** Share of them that is handed out (0…1). */
  share: z.number().gt(0).max(1).optional(),
  overlap: z.number().min(0).max(1).optional(),
  readers: z.int().min(2).max(10).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  /** Also those that were handed out before, to be handed out anew. */
  again: z.boolean().optional(),
})

/** Who is to read what: handing out cases, what is left of it, and the cases that come again. */
export const assignments = new Hono<Env>()
  .get('/assignments', async c => {
    const { desk } = c.var
    await desk.fresh()
    const people = (await desk.people.list()).filter(each => each.disabledAt === undefined)
    const rows = await Promise.all(
      people.map(async ({ id, name }) => {
        const all = await desk.store.cases.count({ assignedTo: id })
        const left = await desk.store.cases.count({ assignedTo: id, state: 'open', by: id })
        return { who: id, name, assigned: all, read: all - left }
      }),
    )
    return c.json({ rows } satisfies AssignmentsReply)
  })

  .post('/assignments', valid('json', asked), async c => {
    const { desk } = c.var
    const me = person(c)
    const {
      people,
      share = 1,
      overlap = 0,
      readers = 2,
      seed = 1,
      again = false,
      ...filter
    } = c.req.valid('json')
    await knownReaders(desk, people)
    await desk.fresh()
    const open = await openCases(desk, given(filter), again)
    const drawn = new Set(
      seededRandom(seed)
        .fork('share')
        .sample(open, Math.ceil(open.length * share)),
    )
    const cases = open.filter(each => drawn.has(each))
    const plan = planAssignment(
      cases.map(each => each.id),
      { people, overlap, readers, seed },
    )
    let assigned = 0
    for (let at = 0; at < cases.length; at += TOGETHER) {
      const done = await Promise.all(
        cases.slice(at, at + TOGETHER).map(each => assign(desk, me.id, each, plan.get(each.id)!)),
      )
      assigned += done.filter(Boolean).length
    }
    if (assigned > 0) desk.live.tell({ type: 'workspace' })
    const shared = [...plan.values()].filter(each => each.length > 1).length
    return c.json({ assigned, shared, changedMeanwhile: cases.length - assigned }, 200)
  })

  .get('/repeats', async c => {
    const { desk } = c.var
    const { repeatShare = 0, repeatAfter = REPEAT_AFTER } = desk.workspace.settings
    const cases = await desk.readings.due(person(c).id, { share: repeatShare, after: repeatAfter })
    return c.json({ cases })
  })

async function knownReaders(desk: Desk, people: readonly string[]): Promise<void> {
  for (const id of people) {
    const account = await desk.people.get(id)
    if (account && account.disabledAt === undefined) continue
    throw new LesionloopError(
      'account-unknown',
      account
        ? `assignment: ${account.name}: may no longer log in; choose somebody else`
        : `assignment: ${id}: nobody of this id; see the list of people`,
    )
  }
}

type Filter = { lesion?: (typeof LESIONS)[number]; document?: string }

async function openCases(desk: Desk, filter: Filter, again: boolean): Promise<CaseState[]> {
  const open: CaseState[] = []
  const page = 500
  for (let offset = 0; ; offset += page) {
    const { rows } = await desk.store.cases.list({
      ...filter,
      state: 'open',
      sort: 'document',
      offset,
      limit: page,
    })
    for (const row of rows) if (again || row.assigned.length === 0) open.push(row)
    if (open.length > MOST)
      throw new LesionloopError(
        'assignment-invalid',
        `assignment: more than ${MOST.toLocaleString('en')} cases at once; choose a lesion or a document, and hand out the rest after it`,
      )
    if (rows.length < page) return open
  }
}

/** False where somebody changed the case in this moment: it is left as it was. */
async function assign(desk: Desk, who: string, state: CaseState, to: string[]): Promise<boolean> {
  try {
    const { act, state: now } = await desk.store.acts.append(who, {
      op: randomUUID(),
      case: state.id,
      base: state.version,
      act: { kind: 'assign', to },
    })
    desk.undoBook.take(act)
    desk.disputes.take(now)
    return true
  } catch (error) {
    if (codeOf(error) === 'act-conflict') return false
    throw error
  }
}
