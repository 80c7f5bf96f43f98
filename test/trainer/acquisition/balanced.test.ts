import { describe, expect, it } from 'vitest'
import { HEADS, type Head } from '../../../data/records/vocabulary.ts'
import { headNeeds } from '../../../trainer/acquisition/head-needs.ts'
import type { Candidate, ReadCase } from '../../../trainer/acquisition/strategy.ts'
import { strategyOf } from '../../../trainer/acquisition/strategy.ts'
import { clusteredPool } from './clustered-pool.ts'

const balanced = strategyOf('balanced')
const { candidates, clusters } = clusteredPool([9, 8, 7, 6, 5, 4])
/** So many cases read, none of them like any of the pool, each head with both answers. */
const readCases = (n: number, values: readonly (0 | 1 | null)[] | ((at: number) => (0 | 1 | null)[])) =>
  Array.from(
    { length: n },
    (_, at): ReadCase => ({
      values: typeof values === 'function' ? values(at) : values,
    }),
  )
const both = (at: number) => HEADS.map(() => (at % 2) as 0 | 1)
const options = { seed: 1, learned: HEADS, batch: 6 }

describe('the default strategy, before twenty cases were read', () => {
  it('asks for typical cases of all parts of the pool', () => {
    const first = balanced.rank(candidates, options).slice(0, 6)
    expect(new Set(first.map(one => clusters[one.candidate]))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
    for (const one of first) expect(one.why).toMatch(/^typical of \d similar cases/)
  })

  it('asks for them where no head was learned at all', () => {
    const ranked = balanced.rank(candidates, { ...options, learned: [] })
    expect(new Set(ranked.slice(0, 6).map(one => clusters[one.candidate])).size).toBe(6)
  })

  it('fills the batch by margin once twenty are asked for', () => {
    const ranked = balanced.rank(candidates, { ...options, read: readCases(17, both), batch: 6 })
    const typical = ranked.slice(0, 6).map(one => one.why.startsWith('typical'))
    expect(typical).toEqual([true, true, true, false, false, false])
  })
})

describe('the default strategy, after twenty', () => {
  const read = readCases(30, both)
  const only = (head: Head, at: number, probability: number): Candidate => ({
    ...candidates[at]!,
    probabilities: HEADS.map(one => (one === head ? probability : 0.01)),
  })

  it('asks for the case one head is least sure of, and says which', () => {
    const pool = [only('GGO', 0, 0.5), only('GGO', 10, 0.9), only('GGO', 20, 0.97)]
    const [first] = balanced.rank(pool, { ...options, read, wanted: ['GGO'] })
    expect(first).toMatchObject({ candidate: 0, head: 'GGO', why: /^GGO: the model is unsure \(0\.50\)/ })
  })

  it('leaves near-twins for later, even those it is less sure of than others', () => {
    const pool = candidates.map((_, at) => only('GGO', at, clusters[at] === 0 ? 0.5 : 0.4))
    const ranked = balanced.rank(pool, { ...options, read, wanted: ['GGO'] }).slice(0, 6)
    expect(new Set(ranked.map(one => clusters[one.candidate])).size).toBe(6)
  })

  it('prefers what is unlike the cases already read', () => {
    const pool = candidates.map((_, at) => only('GGO', at, 0.5))
    const known = candidates
      .filter((_, at) => clusters[at] !== 5)
      .map(one => ({ features: one.features!, values: both(1) }))
    const [first] = balanced.rank(pool, { ...options, read: [...read, ...known], wanted: ['GGO'] })
    expect(clusters[first!.candidate]).toBe(5)
    expect(first!.why).toMatch(/nothing much like it was read$/)
  })

  it('spreads over patients and papers', () => {
    const bare = Array.from({ length: 12 }, (_, at) => ({
      case: `case ${String(at).padStart(2, '0')}`,
      group: at < 9 ? 'one paper' : `paper ${at}`,
      probabilities: HEADS.map(() => (at < 9 ? 0.5 : 0.45)),
    }))
    const ranked = balanced.rank(bare, { ...options, read, batch: 4 }).slice(0, 4)
    expect(ranked.filter(one => one.candidate < 9)).toHaveLength(1)
  })

  it('gives rare lesions more of the batch, and none nothing', () => {
    const rare = readCases(60, at =>
      HEADS.map(head => (head === 'CrPa' ? (at < 2 ? 1 : 0) : ((at % 2) as 0 | 1))),
    )
    const heads = balanced.rank(candidates, { ...options, read: rare, batch: 24 }).slice(0, 24)
    const count = (head: Head) => heads.filter(one => one.head === head).length
    for (const head of HEADS) expect(count(head)).toBeGreaterThan(0)
    expect(count('CrPa')).toBeGreaterThan(2 * count('GGO'))
  })
})

describe('a head without a positive', () => {
  const crPa = HEADS.indexOf('CrPa')
  const none = readCases(40, at => HEADS.map(head => (head === 'CrPa' ? 0 : ((at % 2) as 0 | 1))))
  const said = candidates.map((one, at) => ({
    ...one,
    said: HEADS.map(head =>
      head === 'CrPa' && at === 12 ? 'present' : head === 'CrPa' && at === 3 ? 'possible' : 'none',
    ) as never,
  }))

  it('asks for likely positives by text, stated ones before hedged ones', () => {
    const ranked = balanced.rank(said, { ...options, read: none, wanted: ['CrPa'] })
    expect(ranked.slice(0, 2).map(one => one.candidate)).toEqual([12, 3])
    expect(ranked[0]!.why).toBe('CrPa: the text states it, and no expert has read a positive yet')
  })

  it('asks so even if it was never learned', () => {
    const [need] = headNeeds(said, { ...options, learned: [], read: none })
    expect(need).toMatchObject({ head: 'CrPa', at: crPa, byText: true, share: 1 })
  })

  it('asks by its margin where no text speaks for it', () => {
    const needs = headNeeds(candidates, { ...options, read: none })
    expect(needs.find(one => one.head === 'CrPa')).toMatchObject({ byText: false })
  })

  it('leaves its places to the others when the text has no more to give', () => {
    const ranked = balanced.rank(said, { ...options, read: none, batch: 20 }).slice(0, 20)
    expect(ranked).toHaveLength(20)
    expect(ranked.filter(one => one.head === 'CrPa')).toHaveLength(2)
  })
})
