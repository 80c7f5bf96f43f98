import { LESION_NAMES, LESIONS } from '../records/vocabulary.ts'
import type { ExportRow } from './export-row.ts'
import { LESION_CODES } from './lesion-codes.ts'

/**
 * COCO object detection (cocodataset.org/#format-data): a picture a case with its labels and provenance, a box each
 * that a reader drew, [x, y, width, height] in pixels from the top left. Keys are written in an order that needs no
 * second walk: pictures with their boxes are held back as text of the boxes alone.
 */
export async function* cocoExport(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  const categories = LESIONS.map((lesion, at) => ({
    id: at + 1,
    name: lesion,
    long_name: LESION_NAMES[lesion],
    supercategory: 'lesion',
    code: LESION_CODES[lesion],
  }))
  yield `{"info":{"description":"lesionloop: lesions in chest CT, as boxes"},"categories":${JSON.stringify(categories)},"images":[`
  const boxes: string[] = []
  let image = 0
  for await (const row of rows) {
    image++
    const { width, height, file } = row.image
    yield `${image === 1 ? '' : ','}\n${JSON.stringify({
      id: image,
      file_name: file,
      width,
      height,
      case: row.id,
      flag: row.flag,
      lesions: row.lesions,
      agreement: row.agreement,
      evidence: row.evidence,
      provenance: row.provenance,
      patient: row.patient,
      side: row.side,
      group: row.group,
    })}`
    for (const box of row.boxes) {
      const [x, y, w, h] = [box.x * width, box.y * height, box.width * width, box.height * height].map(two)
      boxes.push(
        JSON.stringify({
          id: boxes.length + 1,
          image_id: image,
          category_id: LESIONS.indexOf(box.lesion) + 1,
          bbox: [x, y, w, h],
          area: two(w! * h!),
          iscrowd: 0,
          who: box.who,
        }),
      )
    }
  }
  yield '\n],"annotations":['
  for (const [at, box] of boxes.entries()) yield `${at === 0 ? '' : ','}\n${box}`
  yield '\n]}\n'
}

const two = (value: number) => Math.round(value * 100) / 100
