import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldCase } from '../../../data/journal/fold.ts'
import { matcher } from '../../../data/stores/case-filter.ts'
import { CaseIndex } from '../../../data/stores/case-index.ts'
import { TextBuffer } from '../../../data/stores/search-texts.ts'
import { Selections } from '../../../data/stores/selection.ts'
import { sampleCase } from './sample.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'C', 'ü', '.', '#'), minLength: 1, maxLength: 4 })
const sentence = fc.array(word, { maxLength: 6 }).map(words => words.join(' '))

/** An index of cases with these captions, two panels a figure. */
function indexOf(captions: string[]): CaseIndex {
  const index = new CaseIndex()
  const put = (document: string, caption: string) =>
    index.take(
      {
        document,
        bytes: 1,
        cases: ['A', 'B'].map((panel, order) => ({
          mined: sampleCase({
            id: `${document}#Figure 1#${panel}`,
            document,
            panel,
            order,
            caption,
            mentions: [],
          }),
          offset: 0,
          length: 1,
        })),
      },
      () => false,
      (_entry, mined) => foldCase(mined, []),
    )
  for (const [i, caption] of captions.entries()) put(`d-${i}`, caption)
  return index
}

/** As the store reads captions from the disk. */
const captionOf = (captions: string[]) => (figure: { document: string | null }) =>
  captions[Number(figure.document!.slice(2))]!

describe('what is searched', () => {
  test('finds a part of a word in exactly the texts that hold it', () => {
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 20 }), word, (texts, part) => {
        const buffer = new TextBuffer()
        for (const text of texts) buffer.add(text)
        const sought = part.toLowerCase()
        expect([...buffer.find(sought)]).toEqual(
          texts.map(text => Number(text.toLowerCase().includes(sought))),
        )
      }),
    )
  })

  test('grows with its texts, and finds in those that came after it was asked', () => {
    const buffer = new TextBuffer()
    for (let i = 0; i < 3000; i++) buffer.add(`text ${i} ${'é'.repeat(30)}`)
    expect(buffer.find('299').reduce((sum, mark) => sum + mark, 0)).toBe(13)
    buffer.add('299')
    expect(buffer.find('299').reduce((sum, mark) => sum + mark, 0)).toBe(14)
  })

  test('is the caption, the id and the name of the file of a case, every word in one of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sentence, { minLength: 1, maxLength: 12 }),
        fc.array(fc.oneof(word, fc.constantFrom('figure', '#a', 'd-1', 'sample')), {
          minLength: 1,
          maxLength: 3,
        }),
        async (captions, words) => {
          const index = indexOf(captions)
          const expected = index.inOrder().filter(entry => {
            const caption = captions[Number(entry.figure.document!.slice(2))]!.toLowerCase()
            const names = `${entry.id} ${entry.file}`.toLowerCase()
            return words.every(
              one => caption.includes(one.toLowerCase()) || names.includes(one.toLowerCase()),
            )
          })
          const texts = await index.searchTexts(captionOf(captions))
          expect(index.inOrder().filter(matcher({ search: words.join(' ') }, texts))).toEqual(expected)
        },
      ),
    )
  })

  test('does not miss what came or changed after it was made', async () => {
    const captions = ['old words', 'other words']
    const index = indexOf(captions)
    const texts = await index.searchTexts(captionOf(captions))
    const entry = index.cases.get('d-0#Figure 1#A')!
    const found = (search: string) =>
      index
        .inOrder()
        .filter(matcher({ search }, texts))
        .map(one => one.id)
    const mined = sampleCase({ id: entry.id, caption: 'old words', mentions: [] })
    index.update(entry, { ...foldCase(mined, []), caption: 'Halo' }, mined)
    expect(found('halo')).toEqual(['d-0#Figure 1#A', 'd-0#Figure 1#B'])
    expect(found('old')).toEqual([])
    index.update(entry, foldCase(mined, []), mined)
    expect(found('halo')).toEqual([])
    expect(found('old')).toEqual(['d-0#Figure 1#A', 'd-0#Figure 1#B'])
    index.take(
      {
        document: 'new',
        bytes: 1,
        cases: [
          {
            mined: sampleCase({ id: 'new#Figure 1#A', document: 'new', caption: 'halo too', mentions: [] }),
            offset: 0,
            length: 1,
          },
        ],
      },
      () => false,
      (_e, one) => foldCase(one, []),
    )
    expect(found('halo')).toEqual(['new#Figure 1#A'])
  })

  test('is read once, however many search meanwhile', async () => {
    const captions = ['one', 'two']
    const index = indexOf(captions)
    let read = 0
    const count = (figure: { document: string | null }) => {
      read++
      return captionOf(captions)(figure)
    }
    const [first, second] = await Promise.all([index.searchTexts(count), index.searchTexts(count)])
    expect(second).toBe(first)
    expect(await index.searchTexts(count)).toBe(first)
    expect(read).toBe(2)
  })
})

describe('a selection that is kept', () => {
  test('is what a fresh one would be, whatever changed meanwhile', async () => {
    const change = fc.record({
      at: fc.nat(19),
      kind: fc.constantFrom('ct' as const, 'xray' as const),
      caption: fc.constantFrom('alpha', 'beta'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async changes => {
        const captions = Array.from({ length: 10 }, (_, i) => (i % 2 ? 'alpha' : 'beta'))
        const index = indexOf(captions)
        const texts = await index.searchTexts(captionOf(captions))
        const kept = new Selections()
        for (const query of [{}, { search: 'alpha' }, { kind: 'all' as const }])
          kept.select(index, index.inOrder(), query)
        for (const { at, kind, caption } of changes) {
          const entry = index.inOrder()[at]!
          const mined = sampleCase({
            id: entry.id,
            document: entry.figure.document,
            kind: { kind, score: 1 },
            mentions: [],
            caption: captionOf(captions)(entry.figure),
          })
          index.update(entry, { ...foldCase(mined, []), caption }, mined)
          for (const query of [{}, { search: 'alpha' }, { kind: 'all' as const }])
            expect(kept.select(index, index.inOrder(), query)).toEqual(
              index.inOrder().filter(matcher(query, texts)),
            )
        }
      }),
    )
  })
})
