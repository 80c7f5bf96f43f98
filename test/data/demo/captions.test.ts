import { describe, expect, it } from 'vitest'
import { CONTROL_FIGURES } from '../../../data/demo/captions/controls.ts'
import { COVID_FIGURES } from '../../../data/demo/captions/covid.ts'
import { writeCaption } from '../../../data/demo/captions/grammar.ts'
import type { FigureScript } from '../../../data/demo/captions/script.ts'
import { seededStream } from '../../../data/demo/random.ts'
import { ASSERTIONS } from '../../../data/records/vocabulary.ts'

const scripts: [string, FigureScript][] = [
  ...Object.entries(COVID_FIGURES),
  ...Object.entries(CONTROL_FIGURES),
]

describe('caption grammar', () => {
  it('keeps the offsets of mentions and of words that are none', () => {
    const caption = writeCaption(
      'No [GGO-A: ground glass]; [Csld!history: consolidation] in May.',
      seededStream('x'),
    )
    expect(caption.text).toBe('No ground glass; consolidation in May.')
    expect(caption.mentions).toEqual([
      { lesion: 'GGO', start: 3, end: 15, text: 'ground glass', assertion: 'absent', panels: ['A'] },
    ])
    expect(caption.skipped).toEqual([
      { lesion: 'Csld', start: 17, end: 30, text: 'consolidation', reason: 'history' },
    ])
  })

  it('draws alternatives by the stream alone', () => {
    const script = '{one|two|three} [GGO+: <ggo>]'
    expect(writeCaption(script, seededStream('s'))).toEqual(writeCaption(script, seededStream('s')))
    const seen = new Set(
      Array.from({ length: 20 }, (_, i) => writeCaption(script, seededStream(`s${i}`)).text),
    )
    expect(seen.size).toBeGreaterThan(5)
  })

  it('names a rule that does not exist', () => {
    expect(() => writeCaption('<nothing>', seededStream('s'))).toThrow(/caption rule: nothing/)
  })

  it('names a lesion that does not exist', () => {
    expect(() => writeCaption('[Foo+: bar]', seededStream('s'))).toThrow(/\[Foo\+: bar\]/)
  })
})

describe('caption scripts', () => {
  it.each(scripts)('%s: every span is the words it says, whatever is drawn', (_, script) => {
    for (let seed = 0; seed < 5; seed++) {
      const caption = writeCaption(script.caption, seededStream(`seed${seed}`))
      expect(caption.text).not.toMatch(/[<>[\]{}]/)
      for (const span of [...caption.mentions, ...caption.skipped])
        expect(caption.text.slice(span.start, span.end)).toBe(span.text)
    }
  })

  it.each(scripts)('%s: mentions are bound to panels that the figure has', (_, script) => {
    const labels = script.panels.map(panel => panel.label)
    for (const mention of writeCaption(script.caption, seededStream('s')).mentions)
      for (const panel of mention.panels) expect(labels).toContain(panel)
  })

  it('use every assertion, and words that are no mention for several reasons', () => {
    const captions = scripts.map(([, script]) => writeCaption(script.caption, seededStream('s')))
    const assertions = new Set(
      captions.flatMap(caption => caption.mentions.map(mention => mention.assertion)),
    )
    expect([...assertions].sort()).toEqual([...ASSERTIONS].sort())
    const reasons = new Set(captions.flatMap(caption => caption.skipped.map(skip => skip.reason)))
    expect([...reasons].sort()).toEqual(['general statement', 'gloss', 'history', 'other meaning'])
  })
})
