import { z } from 'zod'
import { HEADS } from '../../data/records/vocabulary.ts'

/** How a head's logit becomes a calibrated probability. */
const calibrator = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('temperature'), temperature: z.number() }),
  z.object({ kind: z.literal('platt'), slope: z.number(), intercept: z.number() }),
  z.object({ kind: z.literal('isotonic'), scores: z.array(z.number()), probabilities: z.array(z.number()) }),
])

/** What stands around each head in a checkpoint's configuration, in the order of `HEADS`. */
export const headSettings = z
  .array(
    z.object({
      head: z.enum(HEADS),
      /** Its base rate, where it was not learned. */
      constant: z.number().nullable(),
      calibrator: calibrator.nullable(),
      threshold: z.number().nullable(),
    }),
  )
  .length(HEADS.length)
