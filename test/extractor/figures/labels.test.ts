import { describe, expect, it } from 'vitest'
import { parseLabel } from '../../../extractor/figures/labels.ts'

describe('labels are normalised', () => {
  it.each([
    ['Figure 1. Chest CT', 'Figure 1', 'Chest CT'],
    ['Fig. 1: Chest CT', 'Figure 1', 'Chest CT'],
    ['FIG. 4 | Chest CT', 'Figure 4', 'Chest CT'],
    ['FIGURE 3 Chest CT', 'Figure 3', ' Chest CT'],
    ['Fig.2Axial image', 'Figure 2', 'Axial image'],
    ['Figure S2. Chest CT', 'Figure S2', 'Chest CT'],
    ['Supplementary Fig. 3 Chest', 'Supplementary Figure 3', ' Chest'],
    ['Suppl. Figure 3. Chest', 'Supplementary Figure 3', 'Chest'],
    ['Extended Data Figure 3 | Chest', 'Extended Data Figure 3', 'Chest'],
    ['eFigure 1. Chest', 'Online Figure 1', 'Chest'],
    ['Scheme S1 Protocol', 'Scheme S1', ' Protocol'],
    ['Table IV. Spectra', 'Table IV', 'Spectra'],
    ['Abbildung 2. Thorax', 'Figure 2', 'Thorax'],
  ])('%s', (text, label, rest) => {
    expect(parseLabel(text)).toMatchObject({ label, rest })
  })
})

describe('mentions in running text are told apart', () => {
  it.each([
    'Figure 3 shows the lungs',
    'Fig. 3), which was',
    'Figure 3 and Table 2',
    'Fig. 3, the lung was clear',
    'Figures 11–13. The peak',
  ])('%s', text => {
    const parsed = parseLabel(text)!
    expect(parsed.mention || parsed.cited).toBe(true)
  })

  it.each(['The figure 1 was', 'configure 2 machines', 'Figure of merit', 'figment 3'])(
    '%s is no label',
    text => expect(parseLabel(text)).toBeUndefined(),
  )
})

it('reads a label of hostile length in an instant', () => {
  const text = `Figure ${' '.repeat(100_000)}${'1'.repeat(100_000)}`
  expect(parseLabel(text)).toBeUndefined()
})
