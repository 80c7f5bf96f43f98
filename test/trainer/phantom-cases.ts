import { phantomSlice } from '../../data/demo/phantom/slice.ts'
import type { MinedCase } from '../../data/records/case.ts'
import { LESIONS, perLesion } from '../../data/records/vocabulary.ts'
import { openStore } from '../../data/stores/open.ts'
import { encodePng, storeImage } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** A phantom as a case of a document, mined as what it shows. */
export async function phantomCase(
  workspace: Workspace,
  { seed, document, at, covid }: { seed: number; document: string; at: number; covid: boolean },
): Promise<MinedCase> {
  const slice = phantomSlice(`test/${seed}`, { covid, width: 96, height: 72 })
  const { width, height, pixels, lesions } = slice
  const rgb = new Uint8Array(3 * pixels.length)
  pixels.forEach((grey, place) => {
    rgb.fill(grey, 3 * place, 3 * place + 3)
  })
  const image = await storeImage(workspace, await encodePng({ data: rgb, width, height }))
  return {
    id: `${document}#1#${at}`,
    document,
    figure: '1',
    panel: String(at),
    order: at,
    page: 1,
    image: image.id,
    imageFile: image.file,
    width,
    height,
    kind: { kind: 'ct', score: 1 },
    caption: `Phantom ${seed}`,
    mentions: [],
    skipped: [],
    mined: {
      flag: covid ? 'positive' : 'negative',
      evidence: [],
      findings: perLesion(lesion => (lesions.includes(lesion) ? 'present' : 'absent')),
    },
    patient: document,
    source: { name: 'phantoms', file: `${document}.pdf`, format: 'pdf' },
    minedBy: 'test',
  }
}

/** Fills a workspace with documents of four phantoms each, COVID and not in turn. */
export async function fillWithPhantoms(workspace: Workspace, documents: number): Promise<MinedCase[]> {
  const all: MinedCase[] = []
  const store = await openStore(workspace, { write: ['cases'] })
  try {
    for (let d = 0; d < documents; d++) {
      const document = `10.0/phantom.${String(d).padStart(2, '0')}`
      const cases: MinedCase[] = []
      for (let at = 0; at < 4; at++)
        cases.push(await phantomCase(workspace, { seed: d * 4 + at, document, at, covid: d % 2 === 0 }))
      await store.cases.put(document, cases)
      all.push(...cases)
    }
  } finally {
    await store.close()
  }
  return all
}

export const ABSENT = Object.fromEntries(LESIONS.map(lesion => [lesion, 'absent'])) as Record<
  (typeof LESIONS)[number],
  'absent'
>
