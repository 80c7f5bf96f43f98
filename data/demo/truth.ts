import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LesionloopError, messageOf } from '../errors.ts'
import {
  ASSERTIONS,
  CAUSES,
  FINDINGS,
  HEADS,
  IMAGE_KINDS,
  LESIONS,
  MINED_FLAGS,
} from '../records/vocabulary.ts'
import { packagePath } from '../workspace/package-root.ts'

/** The truth of the demo corpus: what was typeset, what was written, what was drawn. Regions in points, top left. */
const lesion = z.enum(LESIONS)
const region = z.tuple([z.number(), z.number(), z.number(), z.number()])
const span = { lesion, start: z.int().min(0), end: z.int().min(0), text: z.string() }

const truthPanel = z.strictObject({
  /** The caption's name for it, upper case; null where the figure carries no letters. */
  label: z.string().nullable(),
  /** Where the letter stands: in the pixels, in the text layer, or nowhere. */
  letter: z.enum(['pixels', 'text', 'none']),
  page: z.int(),
  region,
  /** Index into the figure's images, and the panel's place in it: x, y, width, height in pixels. */
  image: z.int(),
  box: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  patient: z.string(),
  /** What the caption says of this panel; a finding it does not name is left out. */
  said: z.strictObject({ flag: z.enum(MINED_FLAGS), findings: z.partialRecord(lesion, z.enum(FINDINGS)) }),
  /** What the picture holds. */
  shown: z.strictObject({
    flag: z.enum(['positive', 'negative']),
    disease: z.string(),
    lesions: z.array(lesion),
  }),
  /** Where each lesion shown lies: run lengths over the box's pixels row by row, zeros first (see `decodeMask`). */
  masks: z.partialRecord(lesion, z.string()),
})

const truthFigure = z.strictObject({
  page: z.int(),
  captionPage: z.int(),
  label: z.string(),
  printedLabel: z.string(),
  /** As the `figures` verb gives it: without its label, lines joined by blanks, end-of-line hyphens undone. */
  caption: z.string(),
  captionRegion: region,
  region,
  kind: z.enum(IMAGE_KINDS),
  /** What the caption alone says, without the document's title and abstract. */
  flag: z.enum(MINED_FLAGS),
  findings: z.record(lesion, z.enum(FINDINGS)),
  mentions: z.array(z.strictObject({ ...span, assertion: z.enum(ASSERTIONS), panels: z.array(z.string()) })),
  skipped: z.array(z.strictObject({ ...span, reason: z.string() })),
  images: z.array(
    z.strictObject({
      page: z.int(),
      region,
      width: z.int(),
      height: z.int(),
      encoding: z.enum(['png-grey', 'png-rgb', 'jpeg-grey', 'jpeg-rgb']),
    }),
  ),
  panels: z.array(truthPanel),
})

const truthDocument = z.strictObject({
  file: z.string(),
  sha256: z.string(),
  doi: z.string(),
  version: z.int(),
  title: z.string(),
  abstract: z.string(),
  pages: z.int(),
  layout: z.string(),
  figures: z.array(truthFigure),
})

const corpusTruth = z.strictObject({
  format: z.literal(1),
  seed: z.string(),
  documents: z.array(truthDocument),
  /** Panels whose caption was made to disagree with the picture, for the review to find. */
  deliberate: z.array(
    z.strictObject({
      document: z.string(),
      figure: z.string(),
      panel: z.string().nullable(),
      head: z.enum(HEADS),
      cause: z.enum(CAUSES),
    }),
  ),
})

export type TruthPanel = z.infer<typeof truthPanel>
export type TruthFigure = z.infer<typeof truthFigure>
export type TruthDocument = z.infer<typeof truthDocument>
export type CorpusTruth = z.infer<typeof corpusTruth>

/** Folder of the committed demo corpus. */
export const corpusFolder = () => packagePath('data', 'demo', 'corpus')

/**
 * Reads truth.json of a corpus folder.
 * @throws LesionloopError `demo-truth-missing`, `demo-truth-invalid`.
 */
export function readCorpusTruth(folder: string = corpusFolder()): CorpusTruth {
  const file = join(folder, 'truth.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new LesionloopError(
      'demo-truth-missing',
      `demo corpus: ${file}: cannot be read (${messageOf(cause)}); run node scripts/demo-corpus.mjs`,
      {},
      { cause },
    )
  }
  try {
    return corpusTruth.parse(JSON.parse(text))
  } catch (cause) {
    throw new LesionloopError(
      'demo-truth-invalid',
      `demo corpus: ${file}: not in the form expected (${messageOf(cause).slice(0, 300)}); run node scripts/demo-corpus.mjs`,
      {},
      { cause },
    )
  }
}

/** Run lengths in base 36, separated by blanks, zeros first. */
export function encodeMask(mask: Uint8Array): string {
  const runs: string[] = []
  let value = 0
  let length = 0
  for (const pixel of mask) {
    if (pixel === value) length++
    else {
      runs.push(length.toString(36))
      value = pixel
      length = 1
    }
  }
  runs.push(length.toString(36))
  return runs.join(' ')
}

/** The mask again, 1 where the lesion is; `size` is width × height of the panel's box. */
export function decodeMask(runs: string, size: number): Uint8Array {
  const mask = new Uint8Array(size)
  let at = 0
  let value = 0
  for (const run of runs.split(' ')) {
    const length = Number.parseInt(run, 36)
    mask.fill(value, at, at + length)
    at += length
    value = 1 - value
  }
  if (at !== size)
    throw new LesionloopError(
      'demo-mask-size',
      `mask: ${at} pixels: expected ${size}; run node scripts/demo-corpus.mjs`,
    )
  return mask
}
