import { z } from 'zod'
import { HEADS, SIDES } from '../../data/records/vocabulary.ts'
import { LOSS_NAMES } from '../model/losses/losses.ts'
import { SPLITS } from './covid-ct-examples.ts'

const six = z.array(z.number()).length(HEADS.length)

/** A picture as a run judged it: mean logits over the views, the flag first. */
const judgedPicture = z.object({
  id: z.string(),
  side: z.enum(SIDES),
  group: z.string(),
  truth: z.array(z.union([z.literal(0), z.literal(1)])).length(HEADS.length),
  logits: six,
})
export type JudgedPicture = z.infer<typeof judgedPicture>

/** docs/reproduction/runs/<name>.json: all that a table is made of. */
export const runRecord = z.object({
  format: z.literal('lesionloop-reproduction-1'),
  split: z.enum(SPLITS),
  backbone: z.string(),
  weights: z.object({ name: z.string(), sha256: z.string() }),
  loss: z.enum(LOSS_NAMES),
  seed: z.int(),
  options: z.record(z.string(), z.unknown()),
  backend: z.string(),
  code: z.string(),
  keptAt: z.int(),
  history: z.array(z.record(z.string(), z.number().nullable())),
  pictures: z.array(judgedPicture),
  external: z.record(
    z.string(),
    z.array(z.object({ id: z.string(), flag: z.union([z.literal(0), z.literal(1)]), logit: z.number() })),
  ),
  leftOut: z.array(z.object({ id: z.string(), why: z.string() })),
})
export type RunRecord = z.infer<typeof runRecord>
