import { describe, expect, it } from 'vitest'
import { captionWords, choiceOf, spanOf, stepChoice } from '../../../annotator/ui/review/caption-words.ts'

const caption = '(A) No ground-glass; patient’s CT, day 3.'
const words = captionWords(caption)
const text = (span: { start: number; end: number }) => caption.slice(span.start, span.end)

describe('the words of a caption', () => {
  it('are letters and digits, with hyphens and apostrophes inside', () => {
    expect(words.map(text)).toEqual(['A', 'No', 'ground-glass', 'patient’s', 'CT', 'day', '3'])
  })

  it('are chosen one by one, the first or the last where none was', () => {
    expect(stepChoice(7, null, 1, false)).toEqual({ anchor: 0, head: 0 })
    expect(stepChoice(7, null, -1, false)).toEqual({ anchor: 6, head: 6 })
    expect(stepChoice(7, { anchor: 2, head: 2 }, 1, false)).toEqual({ anchor: 3, head: 3 })
    expect(stepChoice(0, null, 1, false)).toBeNull()
  })

  it('are taken in by Shift from where the choice began, in both directions, and no further than the ends', () => {
    const two = stepChoice(7, { anchor: 2, head: 2 }, -1, true)!
    expect(text(spanOf(words, two))).toBe('No ground-glass')
    expect(text(spanOf(words, stepChoice(7, two, 2, true)!))).toBe('ground-glass; patient’s')
    expect(stepChoice(7, { anchor: 5, head: 5 }, 9, true)).toEqual({ anchor: 5, head: 6 })
  })

  it('are found again from a selection by place', () => {
    expect(choiceOf(words, { start: 7, end: 19 })).toEqual({ anchor: 2, head: 2 })
    expect(choiceOf(words, { start: 19, end: 21 })).toBeNull()
    expect(choiceOf(words, null)).toBeNull()
  })
})
