import { describe, expect, it } from 'vitest'
import { prose, Vocabulary } from '../../../extractor/figures/prose.ts'

const knowing = (text: string) => {
  const vocabulary = new Vocabulary()
  vocabulary.add(text)
  return vocabulary
}

describe('lines are joined to prose', () => {
  it('joins by blanks', () => expect(prose(['Axial', 'slices'], knowing(''))).toBe('Axial slices'))

  it('undoes the hyphen of a split word', () =>
    expect(prose(['bilateral consoli-', 'dation'], knowing(''))).toBe('bilateral consolidation'))

  it('keeps the hyphen of a compound that the document writes with one', () =>
    expect(prose(['a part-', 'solid nodule'], knowing('part-solid nodules'))).toBe('a part-solid nodule'))

  it('keeps the hyphen of compounds it knows', () =>
    expect(prose(['ground-', 'glass opacity'], knowing(''))).toBe('ground-glass opacity'))

  it('keeps the hyphen before a capital or a number', () =>
    expect(prose(['COVID-', '19 and SARS-', 'CoV-2'], knowing(''))).toBe('COVID-19 and SARS-CoV-2'))

  it('joins a word whose hyphen the file lost, and no two words', () => {
    expect(
      prose(['bilateral consoli', 'dation and', 'to the left'], knowing('into the consoli dation')),
    ).toBe('bilateral consolidation and to the left')
    expect(prose(['seen in', 'to and fro'], knowing('into to to'))).toBe('seen in to and fro')
  })

  it('takes soft hyphens out', () =>
    expect(prose(['consoli\u00addation consoli\u00ad', 'dation'], knowing(''))).toBe(
      'consolidation consolidation',
    ))
})
