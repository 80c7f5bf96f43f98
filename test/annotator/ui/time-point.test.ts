import { describe, expect, it } from 'vitest'
import { timePoint } from '../../../annotator/ui/review/time-point.ts'

describe('the time of a panel', () => {
  const CAPTION =
    'CT of one patient. (A) Day 3 after onset: GGO. (B) Two weeks later, it had spread. (C) On admission of another patient; day 9. (D) Crazy paving.'

  it.each([
    ['A', 'day 3'],
    ['B', 'two weeks'],
    ['C', 'on admission'],
    ['D', null],
    ['E', null],
    [null, null],
  ])('%s is %s', (panel, words) => {
    expect(timePoint(CAPTION, panel)).toBe(words)
  })

  it('is read behind a letter without brackets too, and never where a letter is named twice', () => {
    expect(timePoint('A, day 5: GGO. B, follow-up scan.', 'A')).toBe('day 5')
    expect(timePoint('A, day 5: GGO. B, follow-up scan.', 'B')).toBe('follow-up')
    expect(timePoint('(A) Day 5. (B) Day 7, larger than in (A).', 'A')).toBeNull()
  })
})
