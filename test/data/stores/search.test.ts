import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldCase } from '../../../data/journal/fold.ts'
import { matcher } from '../../../data/stores/case-filter.ts'
import { CaseIndex } from '../../../data/stores/case-index.ts'
import { Selections } from '../../../data/stores/selection.ts'
import { WordIndex } from '../../../data/stores/word-index.ts'
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

describe('the index of words', () => {
  test('finds a part of a word in exactly the texts that hold it', () => {
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 20 }), word, (texts, part) => {
        const index = new WordIndex()
        for (const text of texts) index.add(text)
        expect([...index.find(part)]).toEqual(texts.map(text => Number(text.includes(part))))
      }),
    )
  })

  test('changes nothing of what a search finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sentence, { minLength: 1, maxLength: 12 }),
        fc.array(fc.oneof(word, fc.constantFrom('figure', '#a', 'd-1', 'sample')), {
          minLength: 1,
          maxLength: 3,
        }),
        async (captions, words) => {
          const index = indexOf(captions)
          const query = { search: words.join(' ') }
          const plain = index
            .inOrder()
            .filter(matcher(query))
            .map(entry => entry.id)
          await index.buildWords()
          expect(index.words).toBeDefined()
          expect(
            index
              .inOrder()
              .filter(matcher(query, index.words))
              .map(entry => entry.id),
          ).toEqual(plain)
        },
      ),
    )
  })

  test('does not miss what came or changed after it was made', async () => {
    const index = indexOf(['old words', 'other words'])
    await index.buildWords()
    const entry = index.cases.get('d-0#Figure 1#A')!
    const found = (search: string) =>
      index
        .inOrder()
        .filter(matcher({ search }, index.words))
        .map(one => one.id)
    index.update(entry, foldCase(sampleCase({ id: entry.id, caption: 'halo', mentions: [] }), []))
    expect(found('halo')).toEqual(['d-0#Figure 1#A', 'd-0#Figure 1#B'])
    expect(found('old')).toEqual([])
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
      (_e, mined) => foldCase(mined, []),
    )
    expect(found('halo')).toContain('new#Figure 1#A')
  })

  test('is built once, however many search meanwhile', async () => {
    const index = indexOf(['one', 'two'])
    const first = index.buildWords()
    expect(index.buildWords()).toBe(first)
    await first
    const { words } = index
    await index.buildWords()
    expect(index.words).toBe(words)
  })
})

describe('a selection that is kept', () => {
  test('is what a fresh one would be, whatever changed meanwhile', () => {
    const change = fc.record({
      at: fc.nat(19),
      kind: fc.constantFrom('ct' as const, 'xray' as const),
      caption: fc.constantFrom('alpha', 'beta'),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), changes => {
        const index = indexOf(Array.from({ length: 10 }, (_, i) => (i % 2 ? 'alpha' : 'beta')))
        const kept = new Selections()
        for (const query of [{}, { search: 'alpha' }, { kind: 'all' as const }])
          kept.select(index, index.inOrder(), query)
        for (const { at, kind, caption } of changes) {
          const entry = index.inOrder()[at]!
          index.update(
            entry,
            foldCase(
              sampleCase({
                id: entry.id,
                document: entry.figure.document,
                kind: { kind, score: 1 },
                caption,
                mentions: [],
              }),
              [],
            ),
          )
          for (const query of [{}, { search: 'alpha' }, { kind: 'all' as const }])
            expect(kept.select(index, index.inOrder(), query)).toEqual(index.inOrder().filter(matcher(query)))
        }
      }),
    )
  })
})
