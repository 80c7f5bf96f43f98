import { describe, expect, it } from 'vitest'
import { captionLetters } from '../../../extractor/panels/caption-letters.ts'

describe('the panels that a caption names', () => {
  it.each([
    ['(A) Axial. (B) Coronal.', 'A B'],
    ['(a–c) axial slices, (d) coronal', 'A B C D'],
    ['A, axial. B, coronal. C and D, follow-up.', 'A B C D'],
    ['A: before; B: after', 'A B'],
    ['Before (A and B) and after (C).', 'A B C'],
    ['Panels A to C show the lungs', 'A B C'],
    ['A and B were second day of the course', 'A B'],
    ['Slices on day 1 (A1–A3) and day 9 (B1, B2).', 'A1 A2 A3 B1 B2'],
    ['…was scanned (bottom panels).B, cells. (A, arrow) opacity', 'A B'],
    ['Axial slice of one patient.', ''],
    ['(A) A single letter is no panel.', ''],
    ['p values (n = 3), s and t', ''],
    ['(B) without its first', ''],
  ])('%s', (caption, letters) => expect(captionLetters(caption).join(' ')).toBe(letters))
})

it('reads a caption of a megabyte in linear time', () => {
  const long = `${'(A) opacity, (B) none and '.repeat(40_000)}(C) end`
  expect(captionLetters(long)).toEqual(['A', 'B', 'C'])
  expect(captionLetters('(A,'.repeat(300_000))).toEqual([])
})
