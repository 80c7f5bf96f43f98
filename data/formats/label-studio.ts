import { LESION_NAMES, LESIONS } from '../records/vocabulary.ts'
import type { ExportRow } from './export-row.ts'

/**
 * Label Studio JSON: a task a case, what people and the dataset say as its annotation, the model's opinion as its
 * prediction, the mentions as labelled spans of the caption. Format: Label Studio, "Raw JSON format of completed
 * tasks" (labelstud.io/guide/export). `LABEL_STUDIO_CONFIG` is the labelling interface that shows them.
 */
export const LABEL_STUDIO_CONFIG = `<View>
  <Image name="image" value="$image"/>
  <Choices name="flag" toName="image" choice="single"><Choice value="positive"/><Choice value="negative"/></Choices>
  <Choices name="lesions" toName="image" choice="multiple">
${LESIONS.map(lesion => `    <Choice value="${lesion}" hint="${LESION_NAMES[lesion]}"/>`).join('\n')}
  </Choices>
  <RectangleLabels name="boxes" toName="image">
${LESIONS.map(lesion => `    <Label value="${lesion}"/>`).join('\n')}
  </RectangleLabels>
  <Labels name="mentions" toName="caption">
${LESIONS.map(lesion => `    <Label value="${lesion}"/>`).join('\n')}
  </Labels>
  <Text name="caption" value="$caption"/>
</View>
`

interface Result {
  id: string
  from_name: string
  to_name: string
  type: string
  value: Record<string, unknown>
  score?: number
  meta?: Record<string, unknown>
}

export async function* labelStudioExport(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  yield '['
  let id = 0
  for await (const row of rows) {
    yield `${id === 0 ? '' : ','}\n${JSON.stringify(labelStudioTask(row, ++id))}`
  }
  yield '\n]\n'
}

/** @param id number of the task, from 1 in the order of case ids. */
export function labelStudioTask(row: ExportRow, id: number) {
  const annotation = annotationOf(row)
  return {
    id,
    data: { image: row.image.file, caption: row.caption, case: row.id },
    annotations: annotation.length === 0 ? [] : [{ id, result: annotation, completed_by: completedBy(row) }],
    predictions: row.prediction
      ? [
          {
            id,
            model_version: row.provenance.cycle ?? 'unknown',
            score: row.prediction.flag,
            result: predictionOf(row),
          },
        ]
      : [],
    meta: {
      labels: { flag: row.flag, lesions: row.lesions },
      evidence: row.evidence,
      provenance: row.provenance,
      patient: row.patient,
      side: row.side,
      group: row.group,
      image: row.image,
      boxes: row.boxes,
      agreement: row.agreement,
      prediction: row.prediction,
    },
  }
}

/** Who stands behind the labels: people by name, else the weaker source they come from. */
function completedBy(row: ExportRow): string {
  return row.provenance.annotators.join(', ') || (row.flag.source ?? 'mined')
}

function annotationOf(row: ExportRow): Result[] {
  const results: Result[] = []
  if (row.flag.value !== null)
    results.push(choice(row, 'flag', [row.flag.value], { source: row.flag.source }))
  const known = LESIONS.filter(lesion => row.lesions[lesion].value !== null)
  if (known.length > 0)
    results.push(
      choice(
        row,
        'lesions',
        known.filter(lesion => row.lesions[lesion].value === 'present'),
        Object.fromEntries(known.map(lesion => [lesion, row.lesions[lesion].source])),
      ),
    )
  row.boxes.forEach(({ lesion, x, y, width, height, who }, at) => {
    results.push({
      id: `${row.image.id.slice(0, 8)}-box-${at + 1}`,
      from_name: 'boxes',
      to_name: 'image',
      type: 'rectanglelabels',
      // Label Studio counts in hundredths of the picture's size.
      value: {
        x: x * 100,
        y: y * 100,
        width: width * 100,
        height: height * 100,
        rotation: 0,
        rectanglelabels: [lesion],
      },
      meta: { who },
    })
  })
  row.evidence.mentions.forEach((mention, at) => {
    const { start, end, text, lesion, assertion, panels, rule } = mention
    results.push({
      id: `${row.image.id.slice(0, 8)}-mention-${at + 1}`,
      from_name: 'mentions',
      to_name: 'caption',
      type: 'labels',
      value: { start, end, text, labels: [lesion] },
      meta: { assertion, panels, rule },
    })
  })
  return results
}

function predictionOf(row: ExportRow): Result[] {
  if (!row.prediction) return []
  const { flag, lesions } = row.prediction
  return [
    { ...choice(row, 'flag', [flag >= 0.5 ? 'positive' : 'negative'], {}), score: flag },
    choice(
      row,
      'lesions',
      LESIONS.filter(lesion => lesions[lesion] >= 0.5),
      { scores: lesions },
    ),
  ]
}

function choice(
  row: ExportRow,
  name: 'flag' | 'lesions',
  choices: string[],
  meta: Record<string, unknown>,
): Result {
  return {
    id: `${row.image.id.slice(0, 8)}-${name}`,
    from_name: name,
    to_name: 'image',
    type: 'choices',
    value: { choices },
    meta,
  }
}
