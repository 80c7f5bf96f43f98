import { z } from 'zod'
import { LESIONS, perLesion } from '../records/vocabulary.ts'
import type { ExportRow } from './export-row.ts'

const result = z.looseObject({
  from_name: z.string(),
  value: z.looseObject({ choices: z.array(z.string()).optional() }),
  meta: z.looseObject({ who: z.string().optional() }).nullish(),
})
const hundredths = z.number().min(0).max(100)
const rectangle = z.looseObject({
  x: hundredths,
  y: hundredths,
  width: hundredths,
  height: hundredths,
  rectanglelabels: z.tuple([z.enum(LESIONS)]),
})
const task = z.looseObject({
  data: z.looseObject({
    image: z.string().min(1),
    caption: z.string().nullish(),
    case: z.string().nullish(),
  }),
  annotations: z
    .array(z.looseObject({ result: z.array(result), was_cancelled: z.boolean().nullish() }))
    .default([]),
  meta: z.looseObject({}).default({}),
})

/** A task as a row; of a task that Label Studio made itself, what it can tell: picture, caption and choices. */
export type TaskRow = Partial<ExportRow> & Pick<ExportRow, 'image' | 'flag' | 'lesions' | 'caption'>

/**
 * The inverse of `labelStudioTask`: what a task tells of a case. Choices of the annotation count before what the
 * export said in `meta`, so that what was corrected in Label Studio comes back; where they agree the source stays.
 */
export function rowOfTask(content: unknown): { row: TaskRow } | { fault: string } {
  const checked = task.safeParse(content)
  if (!checked.success) {
    const issue = checked.error.issues[0]
    return { fault: `${issue?.path.join('.') || 'task'}: ${issue?.message ?? 'not a task of Label Studio'}` }
  }
  const { data, annotations } = checked.data
  const meta = checked.data.meta as Partial<ExportRow> & { labels?: Pick<ExportRow, 'flag' | 'lesions'> }
  const { labels, ...rest } = meta
  const results = annotations.find(each => !each.was_cancelled)?.result ?? []
  const choices = (name: string) => results.find(each => each.from_name === name)?.value.choices
  const flagChoice = choices('flag')?.[0]
  if (flagChoice !== undefined && flagChoice !== 'positive' && flagChoice !== 'negative')
    return { fault: `flag: "${flagChoice}": expected positive or negative` }
  const flag = flagChoice ?? null
  const chosen = choices('lesions')
  const odd = chosen?.find(word => !LESIONS.some(lesion => lesion === word))
  if (odd !== undefined) return { fault: `lesions: "${odd}": expected ${LESIONS.join(', ')}` }
  const boxes = boxesOf(results, meta.boxes ?? [])
  if (typeof boxes === 'string') return { fault: boxes }
  return {
    row: {
      ...rest,
      ...(boxes.length > 0 || meta.boxes ? { boxes } : {}),
      ...(data.case == null ? {} : { id: data.case }),
      image: meta.image ?? { id: '', file: data.image, width: 0, height: 0 },
      caption: data.caption ?? '',
      flag:
        labels?.flag.value === flag
          ? labels.flag
          : { value: flag, source: flag === null ? null : 'published' },
      lesions: perLesion(lesion => {
        const before = labels?.lesions[lesion]
        const value = chosen?.includes(lesion) ? 'present' : chosen === undefined ? null : 'absent'
        // An annotation names what is present only: where nothing was known before, silence stays silence.
        if (before && (before.value === value || (before.value === null && value === 'absent'))) return before
        return { value, source: value === null ? null : 'published' }
      }),
    },
  }
}

/**
 * The boxes as they stand in Label Studio. Where none was moved they are what the export said, to the last digit, which
 * hundredths do not keep. @returns what is wrong in words where one is no box.
 */
function boxesOf(results: z.infer<typeof result>[], before: ExportRow['boxes']): ExportRow['boxes'] | string {
  const drawn: ExportRow['boxes'] = []
  for (const { from_name, value, meta } of results) {
    if (from_name !== 'boxes') continue
    const checked = rectangle.safeParse(value)
    if (!checked.success) return `boxes: expected one lesion and x, y, width, height from 0 to 100 each`
    const { x, y, width, height, rectanglelabels } = checked.data
    drawn.push({
      lesion: rectanglelabels[0],
      x: x / 100,
      y: y / 100,
      width: width / 100,
      height: height / 100,
      who: meta?.who ?? 'Label Studio',
    })
  }
  const same = (one: ExportRow['boxes'][number], other: ExportRow['boxes'][number] | undefined) =>
    other !== undefined &&
    one.lesion === other.lesion &&
    (['x', 'y', 'width', 'height'] as const).every(side => Math.abs(one[side] - other[side]) < 1e-9)
  return drawn.length === before.length && drawn.every((box, at) => same(box, before[at])) ? before : drawn
}
