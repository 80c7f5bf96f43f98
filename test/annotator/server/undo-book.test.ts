import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UndoBook } from '../../../annotator/server/undo-book.ts'
import { takenBack } from '../../../data/journal/undo.ts'
import type { Act } from '../../../data/records/act.ts'

const note = (seq: number, who = 'ann', caseId = 'c'): Act => ({
  seq,
  op: `op-${seq}`,
  at: '2026-01-01T00:00:00.000Z',
  who,
  case: caseId,
  base: 0,
  act: { kind: 'note', text: String(seq) },
})
const undo = (seq: number, target: number, who = 'ann', caseId = 'c'): Act => ({
  ...note(seq, who, caseId),
  act: { kind: 'undo', seq: target },
})

function bookOf(...acts: Act[]): UndoBook {
  const book = new UndoBook()
  for (const act of acts) book.take(act)
  return book
}

describe('the book of undos', () => {
  it('undoes the last act of the person, not of another', () => {
    const book = bookOf(note(1, 'ann', 'x'), note(2, 'bob', 'y'))
    expect(book.nextUndo('ann')).toEqual({ seq: 1, case: 'x' })
    expect(book.nextUndo('bob')).toEqual({ seq: 2, case: 'y' })
  })

  it('has nothing to undo for who did nothing', () => {
    expect(bookOf(note(1)).nextUndo('bob')).toBeNull()
    expect(bookOf().nextRedo('ann')).toBeNull()
  })

  it('goes back act by act to the very first', () => {
    const book = new UndoBook()
    for (let seq = 1; seq <= 500; seq++) book.take(note(seq))
    for (let seq = 500; seq >= 1; seq--) {
      expect(book.nextUndo('ann')?.seq).toBe(seq)
      book.take(undo(1001 - seq, seq))
    }
    expect(book.nextUndo('ann')).toBeNull()
  })

  it('redoes in the opposite order of the undos', () => {
    const book = bookOf(note(1), note(2), undo(3, 2), undo(4, 1))
    expect(book.nextRedo('ann')?.seq).toBe(4)
    book.take(undo(5, 4))
    expect(book.stands(1)).toBe(true)
    expect(book.nextRedo('ann')?.seq).toBe(3)
    book.take(undo(6, 3))
    expect(book.stands(2)).toBe(true)
    expect(book.nextRedo('ann')).toBeNull()
  })

  it('undoes again what was redone', () => {
    const book = bookOf(note(1), undo(2, 1), undo(3, 2))
    expect(book.nextUndo('ann')?.seq).toBe(1)
    book.take(undo(4, 1))
    expect(book.stands(1)).toBe(false)
    expect(book.nextRedo('ann')?.seq).toBe(4)
  })

  it('forgets the redo once a new act came', () => {
    const book = bookOf(note(1), undo(2, 1), note(3))
    expect(book.nextRedo('ann')).toBeNull()
    expect(book.nextUndo('ann')?.seq).toBe(3)
  })

  it("keeps the redo where only another's act came", () => {
    expect(bookOf(note(1), undo(2, 1), note(3, 'bob')).nextRedo('ann')?.seq).toBe(2)
  })

  it('takes the same act once', () => {
    const book = bookOf(note(1), undo(2, 1))
    book.take(undo(2, 1))
    expect(book.stands(1)).toBe(false)
  })

  it('finds what a repeated undo request took back, for its own person only', () => {
    const book = bookOf(note(1), undo(2, 1))
    expect(book.undoOf('ann', 'op-2')).toEqual({ seq: 1, case: 'c' })
    expect(book.undoOf('bob', 'op-2')).toBeNull()
  })

  it("says the same of what stands as the journal's fold, for any acts", () => {
    const history = fc.array(fc.record({ isUndo: fc.boolean(), back: fc.nat(20) }), { maxLength: 40 })
    fc.assert(
      fc.property(history, steps => {
        const acts = steps.map(({ isUndo, back }, index) => {
          const seq = index + 1
          return isUndo && seq > 1 ? undo(seq, Math.max(1, seq - 1 - (back % seq))) : note(seq)
        })
        const gone = takenBack(acts)
        const book = bookOf(...acts)
        for (const { seq } of acts) expect(book.stands(seq)).toBe(!gone.has(seq))
      }),
    )
  })

  it('comes to the same when two acts are taken in the wrong order', () => {
    const book = bookOf(note(2), undo(3, 1), note(1))
    expect(book.stands(1)).toBe(false)
    expect(book.nextUndo('ann')?.seq).toBe(2)
  })
})
