import { describe, expect, it } from 'vitest'
import type { CaseState, PersonLabel } from '../../../data/records/case.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { regressCase } from '../../../extractor/lexicon/regress.ts'
import { createMiner } from '../../../extractor/text/miner.ts'

const miner = createMiner()

/** A case as the store gives it, with what a regression reads: caption, panel and labels with their causes. */
function caseOf(caption: string, panel: string | null, label: Partial<PersonLabel>): CaseState {
  const full: PersonLabel = {
    flag: 'not-assessed',
    lesions: perLesion(() => 'not-assessed'),
    who: 'ada',
    at: '2026-11-23T12:00:00.000Z',
    seq: 1,
    causes: [],
    boxes: [],
    ...label,
  }
  const findings = perLesion(() => 'none' as const)
  const open = { value: null, source: null }
  return {
    id: 'doc#Figure 1#A',
    document: 'doc',
    figure: 'Figure 1',
    panel,
    order: 0,
    page: 1,
    image: 'image',
    imageFile: 'image.png',
    width: 1,
    height: 1,
    kind: { kind: 'ct', score: 1 },
    caption,
    mentions: [],
    skipped: [],
    mined: { flag: 'unstated', evidence: [], findings },
    patient: 'doc',
    source: { name: 'test', file: 'test', format: 'jsonl' },
    minedBy: 'test',
    version: 1,
    labels: [full],
    notes: [],
    assigned: [],
    truth: { flag: open, lesions: perLesion(() => open) },
    edited: false,
  }
}
const regress = (state: CaseState) => regressCase(state, text => miner.mine(text))

describe('a regression over corrections', () => {
  it('is right where the miner now says what the expert says, in the panel of the case', () => {
    const state = caseOf('(A) Ground-glass opacities. (B) No consolidation.', 'B', {
      lesions: { ...perLesion(() => 'not-assessed' as const), Csld: 'absent', GGO: 'present' },
      causes: [
        { head: 'Csld', cause: 'wrong-assertion' },
        { head: 'GGO', cause: 'missed-term' },
      ],
    })
    expect(regress(state).map(row => [row.head, row.expert, row.mined, row.right])).toEqual([
      ['Csld', 'absent', 'absent', true],
      ['GGO', 'present', 'none', false],
    ])
  })

  it('asks for the flag where that was wrong', () => {
    const state = caseOf('CT of a healthy control.', null, {
      flag: 'negative',
      causes: [{ head: 'flag', cause: 'wrong-flag' }],
    })
    expect(regress(state).map(row => row.right)).toEqual([true])
  })

  it('leaves out causes that no lexicon takes away, and labels left open', () => {
    const state = caseOf('Consolidation.', null, {
      lesions: { ...perLesion(() => 'not-assessed' as const), Csld: 'uncertain' },
      causes: [
        { head: 'Csld', cause: 'missed-term' },
        { head: 'GGO', cause: 'visible-not-said' },
      ],
    })
    expect(regress(state)).toEqual([])
  })
})
