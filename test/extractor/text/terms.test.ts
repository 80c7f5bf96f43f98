import { describe, expect, it } from 'vitest'
import { createMiner } from '../../../extractor/text/miner.ts'

const miner = createMiner()
const named = (text: string) => miner.mine(text).mentions.map(each => `${each.lesion} ${each.text}`)

describe('terms', () => {
  it.each([
    [
      'ground-glass and consolidative opacities',
      ['GGO ground-glass and consolidative opacities', 'Csld consolidative opacities'],
    ],
    ['inter- and intra-lobular septal thickening', ['InSepThi inter- and intra-lobular septal thickening']],
    ['Peribronchovascular and septal thickening', ['InSepThi septal thickening']],
    ['intralobular septal thickening', []],
    ['thickening of the interlobular septa', ['InSepThi thickening of the interlobular septa']],
    ['condensation shadow', ['Csld condensation shadow']],
    ['paving stone sign', ['CrPa paving stone sign']],
    ['bronchoinflation sign', ['AirBr bronchoinflation sign']],
    ['mixed GGO and consolidation lesion', ['GGO GGO', 'Csld consolidation lesion']],
    ['patchy shadow, white lung, high-density shadow', []],
    ['Kerley B lines, bronchial wall thickening', []],
  ])('%s', (text, expected) => {
    expect(named(text)).toEqual(expected)
  })

  it.each([
    'ventricular septal defect',
    'consolidation chemotherapy',
    'consolidation of the fracture',
    'ground-glass hepatocytes',
    'cobblestone mucosa',
    'asymmetric septal thickening of the ventricle',
    'sleep supports memory consolidation',
  ])('mean something else in: %s', text => {
    expect(named(text)).toEqual([])
  })
})

describe('abbreviations', () => {
  it('are learned where the document explains them; the explanation is no mention', () => {
    expect(named('CT shows crazy-paving pattern (CPP). The CPP was larger on the left.')).toEqual([
      'CrPa crazy-paving pattern',
      'CrPa CPP',
    ])
    expect(named('AB, air bronchogram. (a) AB within GGO.')).toEqual(
      ['AirBr air bronchogram', 'AirBr AB', 'GGO GGO'].slice(1),
    )
  })

  it('are learned from title and abstract', () => {
    const { mentions } = miner.mine('ILST was seen.', 'Interlobular septal thickening (ILST) in COVID-19')
    expect(mentions.map(each => [each.lesion, each.rule])).toEqual([['InSepThi', 'abbreviation.learned']])
  })

  it('that only gloss a term are skipped', () => {
    const { mentions, skipped } = miner.mine(
      'Features of disease GGO, ground glass opacity A, GGO with effusion',
    )
    expect(mentions.map(each => each.start)).toEqual([49])
    expect(skipped.map(each => each.reason)).toEqual(['gloss', 'gloss'])
  })

  it('are not panel letters, nor words known by themselves', () => {
    expect(named('Consolidation (C). C was larger. CT: consolidation. CT shows nothing.')).toEqual([
      'Csld Consolidation',
      'Csld consolidation',
    ])
  })
})

describe('sections of reports', () => {
  it('that tell of the question, the past or the plan hold no mentions', () => {
    const { mentions, skipped } = miner.mine(
      'INDICATION: consolidation.\nCOMPARISON: CT with ground glass.\nFINDINGS: Crazy paving.\nIMPRESSION: No consolidation.\nRECOMMENDATION: CT of the consolidation.',
    )
    expect(mentions.map(each => `${each.lesion} ${each.assertion}`)).toEqual(['CrPa present', 'Csld absent'])
    expect(skipped.map(each => each.reason)).toEqual([
      'indication section',
      'comparison section',
      'recommendation section',
    ])
  })
})

describe('targets', () => {
  it('are asserted whatever the concept, by words or by span', () => {
    const text = 'He denies chest pain or dyspnea, but has a cough; possible fever.'
    const rows = miner.assertTargets(text, ['chest pain', 'dyspnea', 'cough', { start: 59, end: 64 }])
    expect(rows.map(each => [each.text, each.assertion])).toEqual([
      ['chest pain', 'absent'],
      ['dyspnea', 'absent'],
      ['cough', 'present'],
      ['fever', 'possible'],
    ])
    expect(rows[0]?.cues).toEqual([{ start: 3, end: 9, text: 'denies', rule: 'neg.deny' }])
  })

  it('with a cue among their own words are not negated by it', () => {
    expect(
      miner.assertTargets('SKIN IS WARM WITHOUT LESION.', ['skin is warm without lesion'])[0]?.assertion,
    ).toBe('present')
  })

  it('that do not occur are left out', () => {
    expect(miner.assertTargets('No cough.', ['fever'])).toEqual([])
  })
})
