import { z } from 'zod'
import { HEADS } from './vocabulary.ts'

/**
 * What the server and the trainer process it keeps say to each other: a JSON line a message over the process's input
 * and output. Answers carry the request's id; a request that fails is answered, never left open.
 */

/** The most a picture given for diagnosis may weigh, and the most pixels it may have. */
export const LIVE_PICTURE_BYTES = 20 * 2 ** 20
export const LIVE_PICTURE_PIXELS = 25_000_000

const head = z.enum(HEADS)
const unit = z.number().min(0).max(1)
/** A box as shares of the picture's width and height, from its top left. */
export const shareBox = z.strictObject({ x: unit, y: unit, width: unit, height: unit })
/** The most boxes that may be blacked out in one picture. */
export const MOST_BOXES = 50
export const liveRequest = z.discriminatedUnion('verb', [
  z.object({
    id: z.int(),
    verb: z.literal('diagnose'),
    /** The file's bytes in base64; they are kept nowhere. */
    picture: z.string(),
    name: z.string().max(200),
  }),
  z.object({
    id: z.int(),
    verb: z.literal('heat-map'),
    /** File name under images/. */
    file: z.string().regex(/^[0-9a-z][0-9a-z_.-]{0,120}$/),
    head,
  }),
  z.object({
    id: z.int(),
    verb: z.literal('black-out'),
    /** As of `diagnose`. */
    picture: z.string(),
    name: z.string().max(200),
    boxes: z.array(shareBox).max(MOST_BOXES),
  }),
])
export type LiveRequest = z.infer<typeof liveRequest>

const auc = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})

/** A map over a picture: a PNG with transparency, to be stretched over the whole picture. */
const map = z.object({ head, png: z.string(), peak: z.number() })

export const heatMapAnswer = z.object({
  cycle: z.string(),
  /** null where nothing in the picture speaks for the head. */
  png: z.string().nullable(),
})
export type HeatMapAnswer = z.infer<typeof heatMapAnswer>

export const diagnosis = z.object({
  cycle: z.string(),
  notice: z.string(),
  heads: z.array(
    z.object({
      head,
      /** Calibrated; of a lesion: given COVID, as it was learned. */
      probability: z.number(),
      /** Least and greatest over the heads that each left out one fold; null where the cycle kept none. */
      range: z.tuple([z.number(), z.number()]).nullable(),
      threshold: z.number().nullable(),
      /** False: the head could not be learned, its probability is a base rate. */
      learned: z.boolean(),
      auc: auc.nullable(),
    }),
  ),
  /** The picture as the model's process decoded it, PNG in base64: a DICOM slice can be shown only so. */
  picture: z.object({ png: z.string(), width: z.number(), height: z.number() }),
  maps: z.array(map),
  /** Why there are no maps, in words; null where there are. */
  mapsAbsent: z.string().nullable(),
  /** Most alike first; `cosine` of the standardised features. */
  similar: z.array(z.object({ case: z.string(), image: z.string(), cosine: z.number() })),
  similarAbsent: z.string().nullable(),
  /** What in the file says whom it shows ("PatientName"), never its content; of DICOM files alone. */
  identifying: z.array(z.string()),
  /** Why the picture may be no CT slice of a chest, in words. */
  doubts: z.array(z.string()),
  milliseconds: z.number(),
})
export type Diagnosis = z.infer<typeof diagnosis>

/** A picture as it may be stored: pixels alone, black where a box was. */
export const blackedOutAnswer = z.object({
  /** PNG in base64. */
  png: z.string(),
  /** The slice in Hounsfield units likewise, where the file was a CT's. */
  hounsfield: z
    .object({
      png: z.string(),
      file: z.string().regex(/^[0-9a-f]{32}\.hu\.png$/),
      slope: z.number(),
      intercept: z.number(),
    })
    .nullable(),
})
export type BlackedOutAnswer = z.infer<typeof blackedOutAnswer>

export const liveAnswer = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
])
export type LiveAnswer = z.infer<typeof liveAnswer>
