import { describe, expect, it } from 'vitest'
import { ReadingBook } from '../../../annotator/server/reading-book.ts'
import { UndoBook } from '../../../annotator/server/undo-book.ts'
import type { Act } from '../../../data/records/act.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import type { ActStore } from '../../../data/stores/store.ts'

const AT = '2026-01-02T03:04:05.678Z'
const lesions = {
  GGO: 'present',
  Csld: 'absent',
  CrPa: 'uncertain',
  AirBr: 'not-assessed',
  InSepThi: 'present',
} as const
type Extra = { blind?: boolean; repeat?: boolean; notAssessable?: string }

const label = (seq: number, who: string, caseId: string, extra: Extra = {}): Act => ({
  ...{ seq, op: `op-${seq}`, at: AT, who, case: caseId, base: 0 },
  act: { kind: 'label', flag: 'negative', lesions, ...extra },
})

/** A book over a journal that holds the first acts; the later ones come in afterwards. */
async function bookOf(first: Act[], later: Act[] = []): Promise<ReadingBook> {
  const undos = new UndoBook()
  const acts = {
    async *read() {
      yield* first
    },
  } as unknown as ActStore
  const book = new ReadingBook(acts, undos)
  for (const act of first) undos.take(act)
  await book.all()
  for (const act of later) {
    undos.take(act)
    book.take(act)
  }
  return book
}

describe('the book of readings', () => {
  it('gives each label back as it was given: who, when, of what, and what was said of each head', async () => {
    const book = await bookOf([label(1, 'ann', 'x')], [label(2, 'bob', 'x', { blind: true, repeat: true })])
    const said = HEADS.map(head =>
      head === 'flag' ? 'negative' : lesions[head] === 'not-assessed' ? null : lesions[head],
    )
    expect(await book.all()).toEqual([
      { seq: 1, at: AT, who: 'ann', case: 'x', said, blind: false, repeat: false },
      { seq: 2, at: AT, who: 'bob', case: 'x', said, blind: true, repeat: true },
    ])
  })

  it('has nothing said of a picture that could not be assessed', async () => {
    const book = await bookOf([label(1, 'ann', 'x', { notAssessable: 'blurred', repeat: true })])
    expect((await book.all())[0]).toMatchObject({ said: HEADS.map(() => null), blind: false, repeat: true })
  })

  it('leaves out what was taken back, and other acts', async () => {
    const undo: Act = { ...label(2, 'ann', 'x'), act: { kind: 'undo', seq: 1 } }
    const note: Act = { ...label(3, 'ann', 'x'), act: { kind: 'note', text: 'n' } }
    const book = await bookOf([label(1, 'ann', 'x'), undo, note, label(4, 'ann', 'y')])
    expect((await book.all()).map(each => each.seq)).toEqual([4])
  })

  it('asks for a second reading after some other decisions, the longest waiting first, until it was given', async () => {
    const book = await bookOf(
      ['a', 'b', 'c', 'd'].map((id, at) => label(at + 1, 'ann', id)),
      [label(5, 'bob', 'z'), label(6, 'ann', 'a', { repeat: true })],
    )
    expect(await book.due('ann', { share: 1, after: 2 })).toEqual(['b', 'c'])
    expect(await book.due('ann', { share: 1, after: 9 })).toEqual([])
    expect(await book.due('ann', { share: 0, after: 0 })).toEqual([])
    expect(await book.due('eve', { share: 1, after: 0 })).toEqual([])
  })
})
