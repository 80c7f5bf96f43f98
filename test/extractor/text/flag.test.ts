import { describe, expect, it } from 'vitest'
import { createMiner } from '../../../extractor/text/miner.ts'

const miner = createMiner()

describe('the COVID flag', () => {
  it.each([
    ['positive', 'CT of a patient with COVID-19.'],
    ['positive', 'Patients infected with 2019-nCoV on admission.'],
    ['positive', 'Novel coronavirus pneumonia (NCP).'],
    ['positive', 'Infected with 2019-CoV A and B were second day.'],
    ['positive', 'covid+ 8 days ago'],
    ['positive', 'Two consecutive negative RT-PCR tests before discharge of the COVID-19 patient.'],
    ['positive', 'A patient with both heart failure and COVID-19.'],
    ['positive', 'Recovered from COVID-19 in April.'],
    ['possible', 'CT of a patient with suspected COVID-19.'],
    ['possible', 'GGOs, suspicious for COVID-19 infection.'],
    ['possible', 'Concern for COVID-19, swab pending.'],
    ['negative', 'COVID-19 PCR negative x2.'],
    ['negative', 'SARS-CoV-2 not detected.'],
    ['negative', 'COVID-19 was ruled out.'],
    ['negative', 'Bacterial pneumonia (non-COVID-19).'],
    ['negative', 'CT of a healthy control.'],
    ['negative', 'Chest CT of a patient with scrub typhus.'],
    ['negative', 'Pulmonary alveolar proteinosis with crazy paving.'],
    ['unstated', 'Right lower lobe consolidation, likely pneumonia.'],
    ['unstated', 'The consolidation may be due to influenza.'],
    ['unstated', 'Normal chest radiograph after treatment.'],
    ['unstated', 'CXR during the COVID-19 pandemic was clear.'],
    ['unstated', 'Family member with COVID-19.'],
    ['unstated', 'Predictions of the proposed DeCoVNet.'],
    ['unstated', 'Emphysema is mild.'],
    ['negative', 'Covid neg x 3.'],
    ['positive', 'Her COVID test was negative initially but repeat PCR was positive.'],
    ['negative', 'COVID-19 PCR negative. Influenza PCR positive.'],
    ['unstated', 'The RT-PCR test was positive.'],
    ['unstated', 'Known COVID-19 contact.'],
    ['negative', 'Coronal MRI showing a schwannoma.'],
    ['negative', 'Sagittal MRI of the knee showing a ligament tear.'],
    ['unstated', 'MRI of the knee without ligament tear.'],
    ['unstated', 'A man with COPD who presents with cough; consolidation on the film.'],
    ['unstated', 'CT showing emphysema and consolidation.'],
  ])('is %s: %s', (flag, text) => {
    expect(miner.mine(text).covid.flag).toBe(flag)
  })

  it('of one panel of a figure with two diseases is what its own text says', () => {
    const title = 'FIGURE 1, Imaging for heart failure and COVID-19. '
    expect(miner.mine(`${title}A, Heart failure with GGO.`).covid.flag).toBe('negative')
    expect(miner.mine(`${title}C, COVID-19 with GGO.`).covid.flag).toBe('positive')
    expect(miner.mine(`${title}B, Subpleural GGO.`).covid.flag).toBe('unstated')
  })

  it('names its evidence by rule and place', () => {
    const text = 'CT of a patient with COVID-19.'
    expect(miner.mine(text).covid.evidence).toEqual([
      { start: 21, end: 29, text: 'COVID-19', rule: 'covid.name.positive', source: 'text' },
    ])
  })

  it('falls back on title and abstract, marked as such', () => {
    const context = 'Chest CT in 21 patients with COVID-19'
    const { flag, evidence } = miner.mine('Follow-up CT shows GGO.', context).covid
    expect(flag).toBe('positive')
    expect(evidence.map(each => [each.source, context.slice(each.start, each.end)])).toEqual([
      ['context', 'COVID-19'],
    ])
  })

  it('does not fall back on a context that names another disease too, or against the text', () => {
    expect(miner.mine('CT shows GGO.', 'COVID-19 and influenza compared').covid.flag).toBe('unstated')
    expect(miner.mine('A healthy control.', 'COVID-19').covid.flag).toBe('negative')
  })
})
