import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caseGroups, exactDoubles, paperOf } from '../../../data/splits/groups.ts'
import { splitCase } from './cases.ts'

describe('groups', () => {
  test('cases of one patient are one group, others not', () => {
    const groups = caseGroups([
      splitCase('a', { patient: 'p' }),
      splitCase('b', { patient: 'p' }),
      splitCase('c'),
    ])
    expect(groups.get('a')).toBe(groups.get('b'))
    expect(groups.get('c')).not.toBe(groups.get('a'))
  })
  test('a group hangs together through patients and documents in turn', () => {
    const groups = caseGroups([
      splitCase('a', { patient: 'p', document: 'one' }),
      splitCase('b', { patient: 'p', document: 'two' }),
      splitCase('c', { patient: 'q', document: 'two' }),
    ])
    expect(new Set(groups.values())).toEqual(new Set(['a']))
  })
  test('the same picture in two documents joins them', () => {
    const groups = caseGroups([
      splitCase('a', { document: 'one', image: 'x' }),
      splitCase('b', { document: 'two', image: 'x' }),
    ])
    expect(groups.get('b')).toBe('a')
  })
  test('a linked double joins two cases, by case or by image', () => {
    const cases = [splitCase('a'), splitCase('b'), splitCase('c')]
    expect(caseGroups(cases, [{ one: 'a', other: 'c' }]).get('c')).toBe('a')
    expect(caseGroups(cases, [{ one: 'image of b', other: 'image of c' }]).get('c')).toBe('b')
  })
  test('a patient and a document of the same name are not taken for each other', () => {
    const groups = caseGroups([splitCase('a', { patient: 'x' }), splitCase('b', { document: 'x' })])
    expect(groups.get('a')).not.toBe(groups.get('b'))
  })
  test('a preprint that was mined and its pictures in COVID-CT are one group', () => {
    const groups = caseGroups([
      splitCase('a', { document: 'covid-ct:2020.03.22.20040782' }),
      splitCase('b', { document: '10.1101/2020.03.22.20040782v2' }),
    ])
    expect(groups.get('b')).toBe('a')
  })
  test.each([
    ['10.1101/2020.05.11.20097907v2', '10.1101/2020.05.11.20097907'],
    ['covid-ct:2020.05.11.20097907', '10.1101/2020.05.11.20097907'],
    ['10.1016/J.CELL.2020.04.045', '10.1016/j.cell.2020.04.045'],
    ['covid-ct:kjr-21-e25', 'covid-ct:kjr-21-e25'],
    ['sha256-0123', 'sha256-0123'],
  ])('the paper of %s is %s', (document, paper) => {
    expect(paperOf(document)).toBe(paper)
  })
  test('names of groups do not depend on the order of the cases', () => {
    const facts = fc.record({ patient: fc.nat(6), document: fc.option(fc.nat(6)), image: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 25 }), rows => {
        const cases = rows.map((row, at) =>
          splitCase(`case ${at}`, {
            patient: `p${row.patient}`,
            document: row.document === null ? null : `d${row.document}`,
            image: `i${row.image}`,
          }),
        )
        const once = caseGroups(cases)
        const again = caseGroups([...cases].reverse())
        for (const { id } of cases) expect(again.get(id)).toBe(once.get(id))
        for (const one of cases)
          for (const other of cases)
            if (one.patient === other.patient || one.image === other.image)
              expect(once.get(one.id)).toBe(once.get(other.id))
      }),
    )
  })
  test('exact doubles are listed by picture', () => {
    const cases = [splitCase('b', { image: 'x' }), splitCase('a', { image: 'x' }), splitCase('c')]
    expect(exactDoubles(cases)).toEqual([['a', 'b']])
  })
})
