import type { CaseState } from '../../../data/records/case.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'

/** A case as it stands that one reader labelled positive with ground-glass; the rest by `of`. */
export function caseState(id: string, of: Partial<CaseState> = {}): CaseState {
  return {
    id,
    document: `10.1101/${id}v1`,
    figure: 'Figure 1',
    panel: 'A',
    order: 0,
    page: 2,
    image: id.padEnd(32, '0'),
    imageFile: `${id.padEnd(32, '0')}.png`,
    width: 200,
    height: 100,
    kind: { kind: 'ct', score: 1 },
    caption: 'CT shows ground-glass opacities.',
    mentions: [],
    skipped: [],
    mined: { flag: 'unstated', evidence: [], findings: perLesion(() => 'none') },
    patient: `patient-${id}`,
    source: { name: 'mined', file: 'paper.pdf', format: 'png' },
    officialSide: 'train',
    minedBy: 'miner 1',
    version: 1,
    labels: [reading('ann')],
    notes: [],
    assigned: [],
    truth: {
      flag: { value: 'positive', source: 'expert' },
      lesions: perLesion(lesion => ({
        value: lesion === 'GGO' ? ('present' as const) : ('absent' as const),
        source: 'expert' as const,
      })),
    },
    edited: false,
    ...of,
  }
}

export function reading(
  who: string,
  flag: 'positive' | 'negative' = 'positive',
): CaseState['labels'][number] {
  return {
    who,
    at: '2026-11-01T10:00:00.000Z',
    seq: 1,
    flag,
    lesions: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'absent')),
    causes: [],
    boxes: [],
  }
}
