import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { type Diagnosis, diagnosis, LIVE_PICTURE_BYTES } from '../../../data/records/live.ts'
import type { Env } from '../context.ts'
import { person } from '../context.ts'
import { ReaderView } from '../reader-view.ts'
import { valid } from '../validate.ts'

/** What the model says of a picture, with the pictures most like it as the page shows them. */
export interface DiagnosisReply extends Omit<Diagnosis, 'similar'> {
  similar: { case: string; imageFile: string; cosine: number }[]
}

const limit = bodyLimit({
  maxSize: LIVE_PICTURE_BYTES,
  onError: () => {
    throw new LesionloopError(
      'upload-too-large',
      `picture: over ${LIVE_PICTURE_BYTES / 2 ** 20} MB: one slice was expected; export it smaller`,
    )
  },
})

/** A picture is sent as the request's body, goes to the trainer's process and back as an answer; it is kept nowhere. */
export const diagnose = new Hono<Env>().post(
  '/diagnose',
  limit,
  valid('query', z.object({ name: z.string().max(200).optional() })),
  async c => {
    const { desk } = c.var
    const bytes = Buffer.from(await c.req.arrayBuffer())
    if (bytes.length === 0)
      throw new LesionloopError('image-empty', 'picture: 0 bytes: a CT slice was expected; choose it again')
    // Control characters would end up in words on the screen.
    const name = (c.req.valid('query').name ?? 'picture').replace(/\p{Cc}/gu, ' ')
    const said = await desk.model.ask(
      { verb: 'diagnose', picture: bytes.toString('base64'), name },
      diagnosis,
    )
    const view = await ReaderView.of(desk, person(c).id)
    const similar: DiagnosisReply['similar'] = []
    for (const { case: id, cosine } of said.similar) {
      const state = await desk.store.cases.get(id)
      // A case that is to be read blind is not shown beside an opinion.
      if (state && !state.retired && !view.isBlind(state))
        similar.push({ case: id, imageFile: state.imageFile, cosine })
    }
    return c.json({ ...said, similar } satisfies DiagnosisReply)
  },
)
