import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captionSegments, litRanges, speaksOf } from '../../../annotator/ui/review/caption-segments.ts'
import { mention } from './cases.ts'

const caption = '(A) ground-glass opacity. (B) no consolidation is seen.'
const ggo = mention(caption, 'ground-glass opacity', { panels: ['A'], clause: { start: 4, end: 24 } })
const csld = mention(caption, 'consolidation', {
  lesion: 'Csld',
  assertion: 'absent',
  panels: ['B'],
  clause: { start: 30, end: 54 },
  cues: [{ start: 30, end: 32, text: 'no', rule: 'no' }],
})

describe('the caption on the screen', () => {
  it('cut into segments is the caption again, whatever the spans', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(70), fc.nat(70)), { maxLength: 6 }),
        (text, spans) => {
          const mentions = spans.map(([a, b]) => ({ ...ggo, start: Math.min(a, b), end: Math.max(a, b) }))
          expect(
            captionSegments(text, mentions, 'A')
              .map(segment => segment.text)
              .join(''),
          ).toBe(text)
        },
      ),
    )
  })

  it('lights this panel’s clause and dims the rest', () => {
    const segments = captionSegments(caption, [ggo, csld], 'A')
    expect(segments.filter(segment => segment.lit).map(segment => segment.text)).toEqual([
      'ground-glass opacity',
    ])
  })

  it('lights everything where no clause belongs to a panel, or the picture has no letter', () => {
    expect(captionSegments(caption, [{ ...ggo, panels: [] }], 'A').every(segment => segment.lit)).toBe(true)
    expect(litRanges([ggo, csld], null)).toBeNull()
  })

  it('knows whose cue a segment is', () => {
    const cue = captionSegments(caption, [ggo, csld], 'B').find(segment => segment.text === 'no')
    expect(cue?.cueOf).toEqual([1])
  })

  it('shows the shorter of two overlapping mentions', () => {
    const wide = { ...csld, start: 26, end: 54 }
    const segment = captionSegments(caption, [wide, csld], 'B').find(each => each.text === 'consolidation')
    expect(segment?.mention).toBe(1)
  })

  it('an empty caption has no segment', () => {
    expect(captionSegments('', [], 'A')).toEqual([])
  })

  it('a mention without panels speaks of all', () => {
    expect(speaksOf({ panels: [] }, 'C')).toBe(true)
    expect(speaksOf(ggo, 'B')).toBe(false)
  })
})
