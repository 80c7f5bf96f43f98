import type { Lesion } from '../../../data/records/vocabulary.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import type { SplitCase } from '../../../data/splits/split.ts'

/** A case as a split sees it. */
export function splitCase(
  id: string,
  of: Partial<SplitCase> & { flag?: boolean; has?: Lesion[] } = {},
): SplitCase {
  const { flag = false, has = [], ...rest } = of
  return {
    id,
    document: null,
    patient: id,
    image: `image of ${id}`,
    truth: {
      flag: { value: flag ? 'positive' : 'negative', source: 'mined' },
      lesions: perLesion(lesion => ({ value: has.includes(lesion) ? 'present' : 'absent', source: 'mined' })),
    },
    ...rest,
  }
}
