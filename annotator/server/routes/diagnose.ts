import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { CONSENT } from '../../../data/records/consent.ts'
import {
  blackedOutAnswer,
  type Diagnosis,
  diagnosis,
  LIVE_PICTURE_BYTES,
  MOST_BOXES,
  shareBox,
} from '../../../data/records/live.ts'
import type { Env } from '../context.ts'
import { person } from '../context.ts'
import { takeGift } from '../gifts.ts'
import { ReaderView } from '../reader-view.ts'
import { valid } from '../validate.ts'

/** What the model says of a picture, with the pictures most like it as the page shows them. */
export interface DiagnosisReply extends Omit<Diagnosis, 'similar'> {
  similar: { case: string; imageFile: string; cosine: number }[]
}

const tooLarge = (bytes: number) =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new LesionloopError(
        'upload-too-large',
        `picture: over ${LIVE_PICTURE_BYTES / 2 ** 20} MB: one slice was expected; export it smaller`,
      )
    },
  })

/** Control characters would end up in words on the screen. */
const nameOf = (given: string | undefined) => (given ?? 'picture').replace(/\p{Cc}/gu, ' ')

/** What is sent with a picture that is to be kept: its bytes in base64, and that both statements were ticked. */
const gift = z.strictObject({
  picture: z.base64().min(1),
  name: z.string().max(200).optional(),
  boxes: z.array(shareBox).max(MOST_BOXES),
  wording: z.int(),
  looked: z.literal(true),
  agreed: z.literal(true),
})

export interface GiftReply {
  /** The case that the picture became. */
  case: string
}

/**
 * A picture is sent as the request's body, goes to the trainer's process and back as an answer; it is kept nowhere. To be
 * kept it is sent once more, with the boxes to be blacked out and the consent.
 */
export const diagnose = new Hono<Env>()
  .post(
    '/diagnose',
    tooLarge(LIVE_PICTURE_BYTES),
    valid('query', z.object({ name: z.string().max(200).optional() })),
    async c => {
      const { desk } = c.var
      const bytes = Buffer.from(await c.req.arrayBuffer())
      if (bytes.length === 0)
        throw new LesionloopError('image-empty', 'picture: 0 bytes: a CT slice was expected; choose it again')
      const name = nameOf(c.req.valid('query').name)
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
  .post(
    '/diagnose/give',
    tooLarge(Math.ceil((LIVE_PICTURE_BYTES * 4) / 3) + 65_536),
    valid('json', gift),
    async c => {
      const { desk } = c.var
      const { picture, name, boxes, wording } = c.req.valid('json')
      if (wording !== CONSENT.wording)
        throw new LesionloopError(
          'gift-wording',
          'consent: its words have changed since this page was opened: nothing was stored; load the page again',
        )
      const blackedOut = await desk.model.ask(
        { verb: 'black-out', picture, name: nameOf(name), boxes },
        blackedOutAnswer,
      )
      const { purpose } = CONSENT
      const made = await takeGift(desk, person(c), blackedOut, { purpose, wording, blackedOut: boxes.length })
      return c.json({ case: made.id } satisfies GiftReply, 201)
    },
  )
