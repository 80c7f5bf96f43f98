import { describe, expect, it } from 'vitest'
import { createMiner } from '../../../extractor/text/miner.ts'

const miner = createMiner()
const bound = (text: string) =>
  miner.mine(text).mentions.map(each => `${each.lesion} ${each.panels.join('')}`.trim())

describe('panel letters', () => {
  it.each([
    [
      'after their finding',
      'Opacities of ground glass (a and b) on day 1 and consolidation (c, d) on day 5.',
      ['GGO AB', 'Csld CD'],
    ],
    ['at the head of a sentence', 'A. CT shows GGO. B. CT shows consolidation.', ['GGO A', 'Csld B']],
    ['in brackets at the head', '(A) GGO in both lungs. (B) Consolidation.', ['GGO A', 'Csld B']],
    ['behind a verb', 'CT shows (A) patchy consolidation and (B) ground glass opacity.', ['Csld A', 'GGO B']],
    ['with a comma', 'Figure 2. B, Subpleural GGO with consolidation.', ['GGO B', 'Csld B']],
    [
      'without any sign, in lower case',
      'Fig. 3 a Axial CT with GGO. b, c Follow-up with consolidation.',
      ['GGO A', 'Csld BC'],
    ],
    ['as ranges', '(A-C)axial CT with ground glass, (D–F) consolidation.', ['GGO ABC', 'Csld DEF']],
    ['as numbered ranges', 'Images A1–A3: GGO.', ['GGO A1A2A3']],
    ['named by the figure', 'GGO (Figure 1A) and consolidation (Figure 1B).', ['GGO 1A', 'Csld 1B']],
    [
      'behind time points',
      'On day 3 (A), GGO was seen; on day 7 (B), consolidation developed.',
      ['GGO A', 'Csld B'],
    ],
    ['in a row', 'GGO is seen in severe (c) and critical (d) groups.', ['GGO CD']],
    ['with arrows', 'CT with GGO (A, arrow) and consolidation (B, arrowheads).', ['GGO A', 'Csld B']],
    ['as a list of patients', 'CT: (A) man, GGO; (B) woman, crazy paving; (C) normal.', ['GGO A', 'CrPa B']],
    [
      'as numbers in a caption',
      'Figure 1. Findings as follows: 2. GGO. 3. Consolidation.',
      ['GGO 2', 'Csld 3'],
    ],
    [
      'not by a reference',
      '(a) GGO. (b) Same patient as in (a) after 5 days: consolidation.',
      ['GGO A', 'Csld B'],
    ],
    ['named', 'Panel A depicts GGO, and panel B depicts consolidation.', ['GGO A', 'Csld B']],
    ['of a row of letters', 'a. b. c. d. CT on admission. Consolidation was observed.', ['Csld ABCD']],
  ])('bind %s', (_, text, expected) => {
    expect(bound(text)).toEqual(expected)
  })

  it.each([
    ['articles', 'A 45-year-old woman. A chest CT shows GGO.'],
    ['sides', 'GGO (left) and (R).'],
    ['patients', '55yo F, CT with GGO. 49M, cough.'],
    ['SOAP notes', 'S: cough. O: CXR with consolidation. A: pneumonia. P: rest.'],
    ['numbered impressions', 'IMPRESSION: 1. Consolidation. 2. No effusion.'],
    ['plurals', 'Opacity(s) of ground glass.'],
    ['ages in brackets', 'GGO (a 45-year-old man).'],
    ['types', 'Influenza B, consolidation on CT.'],
    ['figure numbers', 'Figure S2. GGO on CT.'],
    ['codes', 'First patient (IP: C56, 57 years) with GGO.'],
  ])('are not seen in %s', (_, text) => {
    for (const mention of miner.mine(text).mentions) expect(mention.panels).toEqual([])
  })

  it('carry the clause that binds them', () => {
    const text = 'CT shows GGO (A) and consolidation (B).'
    const [first, second] = miner.mine(text).mentions
    expect(text.slice(first?.clause?.start, first?.clause?.end)).toBe('CT shows GGO (A)')
    expect(text.slice(second?.clause?.start, second?.clause?.end)).toBe('and consolidation (B)')
  })

  it('give each panel its findings, what is said of all included', () => {
    const { panels } = miner.mine('CT of COVID-19 with GGO in all. (A) Consolidation. (B) No consolidation.')
    expect(panels).toEqual({
      A: { flag: 'positive', GGO: 'present', Csld: 'present' },
      B: { flag: 'positive', GGO: 'present', Csld: 'absent' },
    })
  })

  it('give each panel its own flag', () => {
    const { panels } = miner.mine('(A) A patient with COVID-19 with GGO. (B) A healthy control.')
    expect(panels['A']?.flag).toBe('positive')
    expect(panels['B']?.flag).toBe('negative')
  })
})
