import { z } from 'zod'
import type { PublishedProvenance } from '../records/case.ts'
import { LESIONS, type Lesion, type PerLesion, perLesion, SIDES, type Side } from '../records/vocabulary.ts'

/**
 * A row of an imported JSONL or CSV file. Needed: the picture's path. The flag and the lesions are published labels:
 * where the flag is given, a lesion not said is absent; where it is not, the row has no published label and counts by
 * what is mined from its caption.
 */
export interface LabelledRow {
  image: string
  flag: 'positive' | 'negative' | null
  lesions: PerLesion<'present' | 'absent'>
  /** Lesions that the row says are masked (`{ value: null }`, "masked"): known by nobody, which is not absent. */
  masked: Lesion[]
  caption: string
  document: string | null
  figure: string | null
  panel: string | null
  page: number | null
  patient: string | null
  side: Side | null
  told?: PublishedProvenance
}

const FLAG_WORDS: Record<string, 'positive' | 'negative' | null> = {
  positive: 'positive',
  negative: 'negative',
  '1': 'positive',
  '0': 'negative',
  true: 'positive',
  false: 'negative',
  yes: 'positive',
  no: 'negative',
  covid: 'positive',
  '': null,
}
const LESION_WORDS: Record<string, boolean> = {
  present: true,
  absent: false,
  '1': true,
  '0': false,
  true: true,
  false: false,
  yes: true,
  no: false,
  '': false,
}

/** A value by itself, or as our own export writes it: `{ value, source }`. */
const said = z.preprocess(value => {
  const inner = value !== null && typeof value === 'object' && 'value' in value ? value.value : value
  return inner === null || inner === undefined ? '' : String(inner).trim().toLowerCase()
}, z.string())
const flag = said.transform((word, context) => {
  if (Object.hasOwn(FLAG_WORDS, word)) return FLAG_WORDS[word]!
  context.addIssue({ code: 'custom', message: `"${word}": expected positive, negative or nothing` })
  return z.NEVER
})
const words = z
  .union([z.string(), z.number(), z.null()])
  .optional()
  .transform(value => {
    const text = value === null || value === undefined ? '' : String(value).trim()
    return text === '' ? null : text
  })

const page = words.transform((word, context) => {
  if (word === null) return null
  const number = Number(word)
  if (Number.isInteger(number) && number >= 1) return number
  context.addIssue({ code: 'custom', message: `"${word}": expected a whole number from 1` })
  return z.NEVER
})
const side = words.transform((word, context) => {
  const found = SIDES.find(known => known === word)
  if (word === null || found) return found ?? null
  context.addIssue({ code: 'custom', message: `"${word}": expected ${SIDES.join(', ')} or nothing` })
  return z.NEVER
})

const schema = z.object({
  image: z.union([z.string().min(1), z.object({ file: z.string().min(1) }).transform(image => image.file)]),
  flag: flag.optional().transform(value => value ?? null),
  caption: z
    .string()
    .max(2_000_000)
    .nullish()
    .transform(value => value ?? ''),
  document: words,
  figure: words,
  panel: words,
  page,
  patient: words,
  side,
})

const share = z.number().min(0).max(1)
const boxes = z.array(
  z.object({ lesion: z.enum(LESIONS), x: share, y: share, width: share, height: share, who: z.string() }),
)
const opinion = z.object({
  flag: share,
  lesions: z.object({ GGO: share, Csld: share, CrPa: share, AirBr: share, InSepThi: share }),
})

/** What our own exports tell of readers, boxes and the model, as lists and objects; a table's cells of them are not read. */
function toldOf(fields: Record<string, unknown>): { told?: PublishedProvenance } | { fault: string } {
  const list = (value: unknown) => (Array.isArray(value) ? value : [])
  const annotators = list(fields['annotators']).filter(name => typeof name === 'string')
  const drawn = boxes.safeParse(list(fields['boxes']))
  if (!drawn.success) return { fault: 'boxes: expected a lesion and x, y, width, height from 0 to 1 each' }
  const { prediction, cycle } = fields
  const said = opinion.safeParse(prediction)
  if (prediction !== null && typeof prediction === 'object' && !said.success)
    return { fault: 'prediction: expected shares from 0 to 1 of the flag and each lesion' }
  if (annotators.length + drawn.data.length === 0 && !said.success) return {}
  return {
    told: {
      annotators,
      boxes: drawn.data,
      ...(said.success ? { opinion: { cycle: typeof cycle === 'string' ? cycle : null, ...said.data } } : {}),
    },
  }
}

/**
 * Checks one row; lesions may stand beside the other fields (`GGO`, …) or under `lesions`, provenance too under
 * `provenance`. @returns the row, or what is wrong with it in words.
 */
export function labelledRow(content: unknown): { row: LabelledRow } | { fault: string } {
  if (content === null || typeof content !== 'object' || Array.isArray(content))
    return { fault: 'expected an object with at least "image"' }
  const fields = content as Record<string, unknown>
  const under = (key: string) => {
    const inner = fields[key]
    return inner !== null && typeof inner === 'object' ? (inner as Record<string, unknown>) : {}
  }
  const flat = { ...under('provenance'), ...under('lesions'), ...fields }
  const checked = schema.safeParse(flat)
  if (!checked.success) {
    const [issue] = checked.error.issues
    const where = issue?.path.join('.') ?? ''
    return { fault: `${where}: ${where in flat ? (issue?.message ?? 'not as expected') : 'missing'}` }
  }
  const lesions = perLesion<'present' | 'absent'>(() => 'absent')
  const masked: Lesion[] = []
  for (const lesion of LESIONS) {
    const word = said.parse(flat[lesion])
    if (word === 'masked' || isMasked(flat[lesion])) {
      masked.push(lesion)
      continue
    }
    const value =
      word.toLowerCase() === lesion.toLowerCase()
        ? true
        : Object.hasOwn(LESION_WORDS, word)
          ? LESION_WORDS[word]
          : undefined
    if (value === undefined) return { fault: `${lesion}: "${word}": expected present, absent or nothing` }
    if (value) lesions[lesion] = 'present'
  }
  const told = toldOf(flat)
  if ('fault' in told) return told
  return { row: { ...checked.data, lesions, masked, ...told } }
}

/** As our own exports write what nobody knows: `{ "value": null, "source": … }`. */
const isMasked = (said: unknown) =>
  said !== null && typeof said === 'object' && 'value' in said && said.value === null
