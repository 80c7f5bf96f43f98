import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMiner } from '../../../extractor/text/miner.ts'

const miner = createMiner()
/** "GGO present A,B": what a text says, short. */
const said = (text: string) =>
  miner.mine(text).mentions.map(m => [m.lesion, m.text, m.assertion, ...m.panels].join(' '))

describe('offsets', () => {
  it('point into the text as given, whatever the characters', () => {
    for (const text of [
      'Bilateral ground\u2010glass opaci\u00adties in the ﬁrst lobe',
      'groundglassopacities with consolidation',
      'ground-\nglass opac-\nities and consolida-\ntion',
      '😀 ground glass opacity â€“ consolidation',
    ])
      for (const mention of miner.mine(text).mentions)
        expect(text.slice(mention.start, mention.end)).toBe(mention.text)
  })

  it('find the words of a joined word', () => {
    expect(said('CT showed groundglassopacities')).toEqual(['GGO groundglassopacities present'])
    expect(said('bilateral ground glassopacity')).toEqual(['GGO ground glassopacity present'])
    expect(said('noconsolidation was seen')).toEqual(['Csld consolidation absent'])
  })

  it('find a word parted by a hyphen and a line end', () => {
    expect(said('patchy consoli-\ndation in the left lobe')).toEqual(['Csld consoli-\ndation present'])
    expect(said('ground-\nglass opacities')).toEqual(['GGO ground-\nglass opacities present'])
  })

  it('find misspelt key words', () => {
    expect(said('a consolodation in the right lobe')).toEqual(['Csld consolodation present'])
    expect(said('large ground grass opacity')).toEqual(['GGO ground grass opacity present'])
  })
})

describe('any text', { timeout: 60_000 }, () => {
  const words = [
    'ground',
    'glass',
    'opacities',
    'consolidation',
    'no',
    'not',
    'resolved',
    'possible',
    '(A)',
    'B.',
    ',',
    ';',
    'COVID-19',
    'GGO',
    '-',
    '\n',
    'ﬁ',
    'â€“',
    '\u00ad',
    '😀',
    'in',
    'and',
    'septal',
    'thickening',
    'İ',
  ]
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 4 })), {
    maxLength: 40,
  })

  it('is read without an error, and every span is of the text as given', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', ' '), (parts, blank) => {
        const given = parts.join(blank)
        const { mentions, skipped, covid } = miner.mine(given, given)
        for (const each of [
          ...mentions,
          ...mentions.flatMap(mention => mention.cues ?? []),
          ...covid.evidence,
        ])
          expect(given.slice(each.start, each.end)).toBe(each.text)
        for (const each of [...mentions, ...skipped]) {
          expect(each.start).toBeLessThan(each.end)
          expect(each.end).toBeLessThanOrEqual(given.length)
        }
      }),
      { seed: 20_201_123, numRuns: 2000 },
    )
  })

  it('gives the same result twice, whatever was read between', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const first = miner.mine(one.join(' '))
        miner.mine(other.join(' '), one.join(' '))
        expect(miner.mine(one.join(' '))).toEqual(first)
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('every result', () => {
  it('names the rule and the cues that made it', () => {
    const [mention] = miner.mine('There is no consolidation.').mentions
    expect(mention?.rule).toBe('csld.noun')
    expect(mention?.cues).toEqual([{ start: 9, end: 11, text: 'no', rule: 'neg.no' }])
  })
})

describe('worst cases', { timeout: 60_000 }, () => {
  it.each([
    ['open brackets', '(((A, '.repeat(60_000)],
    ['one word of a megabyte', 'a'.repeat(1_000_000)],
    ['negations without an end', 'no '.repeat(200_000)],
    ['lesions without a stop', 'no GGO and possible consolidation, '.repeat(20_000)],
    [
      'different joined words',
      Array.from({ length: 60_000 }, (_, i) => `groundglass${i.toString(36)}opacity`).join(' '),
    ],
    ['hyphens', '-a'.repeat(300_000)],
    ['line ends', '\n-\n'.repeat(200_000)],
    ['labels', 'A. B. C. '.repeat(60_000)],
  ])('%s are read to the end in linear time', (_, text) => {
    for (const mention of miner.mine(text).mentions.slice(-3))
      expect(text.slice(mention.start, mention.end)).toBe(mention.text)
  })
})
