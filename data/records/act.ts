import { z } from 'zod'
import { ASSERTIONS, CAUSES, FLAG_LABELS, HEADS, IMAGE_KINDS, LESION_LABELS, LESIONS } from './vocabulary.ts'

/**
 * Human acts, the only things people write. A line of labels/journal.jsonl each, for ever.
 * Payloads are strict: a field nobody knows is an error, not silently lost.
 */
const lesion = z.enum(LESIONS)
const perLesionLabel = z.strictObject({
  GGO: z.enum(LESION_LABELS),
  Csld: z.enum(LESION_LABELS),
  CrPa: z.enum(LESION_LABELS),
  AirBr: z.enum(LESION_LABELS),
  InSepThi: z.enum(LESION_LABELS),
})
const text = z.string().max(10_000)
const span = { start: z.int().min(0), end: z.int().min(0) }
const unit = z.number().min(0).max(1)

/** Payload of each kind of act. Spans are UTF-16 offsets into the case's caption; boxes are shares of the image. */
export const actPayload = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('label'),
    flag: z.enum(FLAG_LABELS),
    lesions: perLesionLabel,
    notAssessable: text.optional(),
    /** Whether proposals were hidden, and how long the case was looked at, in milliseconds. */
    blind: z.boolean().optional(),
    tookMs: z.int().min(0).optional(),
    /** A second reading of the same person, blind to the first: it measures, and the first goes on counting. */
    repeat: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('reason'),
    head: z.enum(HEADS),
    cause: z.enum(CAUSES),
  }),
  z.strictObject({ kind: z.literal('note'), text }),
  z.strictObject({
    kind: z.literal('discuss'),
    text,
    with: z.string().max(200).optional(),
    closed: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('re-pair'), ...span, panels: z.array(z.string().max(8)).max(100) }),
  z.strictObject({
    kind: z.literal('mention'),
    ...span,
    lesion,
    assertion: z.enum(ASSERTIONS),
    panels: z.array(z.string().max(8)).max(100),
    /** true: the mention at this span is denied, not added. */
    denied: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('caption'), text: z.string().max(2_000_000) }),
  z.strictObject({
    kind: z.literal('split-panels'),
    panels: z
      .array(z.strictObject({ label: z.string().max(8).nullable(), box: z.tuple([unit, unit, unit, unit]) }))
      .max(100),
  }),
  z.strictObject({ kind: z.literal('kind'), image: z.enum(IMAGE_KINDS) }),
  z.strictObject({
    kind: z.literal('box'),
    lesion,
    x: unit,
    y: unit,
    width: unit,
    height: unit,
    removed: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('assign'), to: z.array(z.string().max(200)).max(100) }),
  z.strictObject({
    kind: z.literal('adjudicate'),
    flag: z.enum(FLAG_LABELS),
    lesions: perLesionLabel,
    notAssessable: text.optional(),
  }),
  /** Takes back one act by its sequence number. Undoing an undo is the redo. */
  z.strictObject({ kind: z.literal('undo'), seq: z.int().min(1) }),
  /**
   * The case as it stood after an act (0: before the first): takes back what the person did on it since, or with
   * `everyone` what anybody did. Acts on the figure's caption, mentions and panels stay: they have their own undo.
   */
  z.strictObject({ kind: z.literal('restore'), seq: z.int().min(0), everyone: z.boolean().optional() }),
])
export type ActPayload = z.infer<typeof actPayload>
export type ActKind = ActPayload['kind']

/** An act as a client sends it. `op` makes a repeated request change nothing; `base` is the case's version it was based on. */
export const actDraft = z.strictObject({
  op: z.string().min(8).max(64),
  case: z.string().min(1).max(1000),
  base: z.int().min(0),
  act: actPayload,
})
export type ActDraft = z.infer<typeof actDraft>

/** An act as it stands in the journal. `seq` counts from 1 without a gap; `at` is ISO 8601 in UTC. */
export interface Act {
  seq: number
  op: string
  at: string
  who: string
  case: string
  base: number
  act: ActPayload
}
