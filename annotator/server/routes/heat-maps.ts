import { Hono } from 'hono'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { type HeatMapAnswer, heatMapAnswer } from '../../../data/records/live.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { type Desk, type Env, person } from '../context.ts'
import { ReaderView } from '../reader-view.ts'
import { valid } from '../validate.ts'
import { known } from './cases.ts'

const KEPT = 200
/** The newest maps of each desk by cycle, picture and head; a map is a few kilobytes. */
const kept = new WeakMap<Desk, Map<string, HeatMapAnswer>>()

/** Where in a case's picture the evidence for a head lies, by the model that speaks. */
export const heatMaps = new Hono<Env>().get(
  '/case/heat-map',
  valid('query', z.object({ id: z.string().min(1).max(1000), head: z.enum(HEADS) })),
  async c => {
    const { desk } = c.var
    const { id, head } = c.req.valid('query')
    const state = await known(desk, id)
    const view = await ReaderView.of(desk, person(c).id)
    if (view.hidesModel(state))
      throw new LesionloopError(
        'maps-hidden',
        'heat map: hidden: this case is read blind until your first decision',
      )
    const speaking = await desk.cycles.speaking()
    if (!speaking)
      throw new LesionloopError('no-cycle', 'heat map: none: there is no model yet; start a cycle first')
    const maps = kept.get(desk) ?? new Map<string, HeatMapAnswer>()
    kept.set(desk, maps)
    const key = `${speaking.id} ${state.imageFile} ${head}`
    const found =
      maps.get(key) ??
      (await desk.model.ask({ verb: 'heat-map', file: state.imageFile, head }, heatMapAnswer))
    // A cycle sealed in between speaks in the answer: it is not kept under the other's name.
    if (found.cycle === speaking.id) {
      maps.delete(key)
      maps.set(key, found)
      if (maps.size > KEPT) maps.delete(maps.keys().next().value!)
    }
    return c.json(found)
  },
)
