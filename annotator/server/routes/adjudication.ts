import { Hono } from 'hono'
import { z } from 'zod'
import type { CaseState } from '../../../data/records/case.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { disputed, sayOf } from '../adjudication.ts'
import { type Env, person } from '../context.ts'
import { ReaderView, withoutText } from '../reader-view.ts'
import type { AdjudicationReply } from '../replies.ts'
import { valid } from '../validate.ts'

/**
 * Cases whose readers disagree, one at a time with all readings side by side. Names stay out until it is settled:
 * the verdict is on what was said, not on who said it.
 */
export const adjudication = new Hono<Env>().get(
  '/adjudication',
  valid('query', z.object({ after: z.string().max(1000).optional() })),
  async c => {
    const { desk } = c.var
    const { after } = c.req.valid('query')
    await desk.fresh()
    const waiting = [...(await desk.disputes.ids())]
    const at = after === undefined ? -1 : waiting.indexOf(after)
    const id = waiting[at + 1] ?? waiting.find(each => each !== after)
    const state = id === undefined ? undefined : await desk.store.cases.get(id)
    return c.json({
      left: waiting.length,
      next: state
        ? {
            case: bare(state, await ReaderView.of(desk, person(c).id)),
            disputed: disputed(state),
            readings: readingsOf(state),
          }
        : null,
    } satisfies AdjudicationReply)
  },
)

/** The case as a picture and a text (none, where it is read blind); who said what is in the readings. */
function bare(state: CaseState, view: ReaderView): CaseState {
  const { adjudicated: _adjudicated, ...rest } = view.hidesText(state) ? withoutText(state) : state
  return { ...rest, labels: [], notes: state.notes.filter(note => note.who === view.who), assigned: [] }
}

/** Readings in an order that says nothing: by what they say. */
function readingsOf(state: CaseState): NonNullable<AdjudicationReply['next']>['readings'] {
  return state.labels
    .map(label => ({
      said: Object.fromEntries(HEADS.map(head => [head, sayOf(label, head)])) as Record<
        (typeof HEADS)[number],
        string
      >,
      causes: label.causes,
      boxes: label.boxes,
      ...(label.notAssessable === undefined ? {} : { notAssessable: label.notAssessable }),
    }))
    .sort((a, b) => (JSON.stringify(a.said) < JSON.stringify(b.said) ? -1 : 1))
}
