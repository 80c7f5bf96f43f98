import type { MinedCase } from '../records/case.ts'
import type { StoredImage } from '../workspace/images.ts'
import { captionFields, nothingMined } from './text-findings.ts'

/** The fields of a CT picture that came without document and caption: its case is the picture itself. */
export function pictureAlone(image: StoredImage): Omit<MinedCase, 'patient' | 'source' | 'minedBy'> {
  return {
    id: image.id,
    document: null,
    figure: null,
    panel: null,
    order: 0,
    page: null,
    image: image.id,
    imageFile: image.file,
    width: image.width,
    height: image.height,
    ...(image.hounsfield ? { hounsfield: image.hounsfield } : {}),
    kind: { kind: 'ct', score: 1 },
    ...captionFields('', nothingMined(), null),
  }
}
