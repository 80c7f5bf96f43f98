import { describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { featureSpace, squaredDistance } from '../../../trainer/acquisition/feature-space.ts'
import { kMeans } from '../../../trainer/acquisition/k-means.ts'
import { strategyOf } from '../../../trainer/acquisition/strategy.ts'
import { typicalOrder } from '../../../trainer/acquisition/typical-cases.ts'
import { clusteredPool } from './clustered-pool.ts'

const sizes = [9, 8, 7, 6, 5]
const { candidates, clusters } = clusteredPool(sizes)
const options = { seed: 1, learned: HEADS, batch: sizes.length }
const clustersOf = (choices: readonly { candidate: number }[]) =>
  choices.slice(0, sizes.length).map(one => clusters[one.candidate]!)

describe('a feature space', () => {
  it('has every feature at mean 0 and deviation 1; one that never changes tells nothing', () => {
    const space = featureSpace(
      [
        [1, 5],
        [3, 5],
        [8, 5],
      ].map(row => Float32Array.from(row)),
      { unit: false },
    )
    const [a, b, c] = [space.x[0]!, space.x[2]!, space.x[4]!]
    expect(a + b + c).toBeCloseTo(0, 6)
    expect((a * a + b * b + c * c) / 3).toBeCloseTo(1, 6)
    expect([space.x[1], space.x[3], space.x[5]]).toEqual([0, 0, 0])
  })

  it('of unit rows has squared distances 2 − 2 · cosine', () => {
    const rows = [
      [1, 0],
      [0, 1],
      [-1, -1],
      [3, 0],
    ].map(row => Float32Array.from(row))
    const space = featureSpace(rows, { unit: true })
    const cosine = space.x[0]! * space.x[2]! + space.x[1]! * space.x[3]!
    expect(squaredDistance(space, 0, 1)).toBeCloseTo(2 - 2 * cosine, 5)
    expect(squaredDistance(space, 2, 2)).toBeCloseTo(0, 6)
  })
})

describe('k-means', () => {
  it('finds clusters that lie apart', () => {
    const space = featureSpace(
      candidates.map(one => one.features!),
      { unit: true },
    )
    const found = kMeans(space, sizes.length, seededRandom(2))
    const pairs = new Set(Array.from(found, (cluster, row) => `${cluster} ${clusters[row]}`))
    expect(pairs.size).toBe(sizes.length)
  })
})

describe('typical cases', () => {
  it('come one from every cluster, the largest first', () => {
    const ranked = strategyOf('typiclust').rank(candidates, options)
    expect(clustersOf(ranked)).toEqual([0, 1, 2, 3, 4])
    expect(ranked[0]!.why).toBe('typical of 9 similar cases, none of them read or asked for before')
  })

  it('lie in the middle of their cluster', () => {
    const rows = [-3, -2, -0.1, 0, 0.1, 2, 3].map(at => Float32Array.from([at, at * 0.5]))
    const space = featureSpace(rows, { unit: false })
    const first = typicalOrder(
      space,
      rows.map(() => false),
      1,
      seededRandom(1),
    )[0]!
    expect([2, 3, 4]).toContain(first.row)
  })

  it('are not asked of clusters that were read from before the others', () => {
    const read = candidates
      .filter((_, at) => at === 0 || at === 20)
      .map(one => ({ features: one.features!, values: HEADS.map(() => null) }))
    const ranked = strategyOf('typiclust').rank(candidates, { ...options, read, batch: 3 })
    expect(new Set(ranked.slice(0, 3).map(one => clusters[one.candidate]))).toEqual(new Set([1, 3, 4]))
  })
})

describe('core-set', () => {
  it('takes from every cluster before it takes from one again', () => {
    expect(new Set(clustersOf(strategyOf('core-set').rank(candidates, options))).size).toBe(sizes.length)
  })

  it('takes the case farthest from everything read', () => {
    const at = (value: number) => Float32Array.from([value, 0])
    const line = [1, 4, 9].map(value => ({
      case: `at ${value}`,
      features: at(value),
      probabilities: HEADS.map(() => 0.5),
    }))
    const read = [{ features: at(0), values: HEADS.map(() => null) }]
    const ranked = strategyOf('core-set').rank(line, { ...options, read, batch: 3 })
    expect(ranked.map(one => line[one.candidate]!.case)).toEqual(['at 9', 'at 4', 'at 1'])
  })
})

describe('BADGE', () => {
  it('takes from every cluster where all cases are equally unsure', () => {
    const even = candidates.map(one => ({ ...one, probabilities: HEADS.map(() => 0.5) }))
    const runs = [1, 2, 3, 4, 5].map(
      seed => new Set(clustersOf(strategyOf('badge').rank(even, { ...options, seed }))).size,
    )
    expect(Math.min(...runs)).toBeGreaterThanOrEqual(4)
  })

  it('begins with the case whose label would move the heads most', () => {
    const sure = candidates.map((one, at) => ({
      ...one,
      probabilities: HEADS.map(() => (at === 7 ? 0.5 : 0.999)),
    }))
    expect(strategyOf('badge').rank(sure, options)[0]!.candidate).toBe(7)
  })

  it('leaves near-twins of a chosen case for later', () => {
    const twins = candidates.map((one, at) => ({
      ...one,
      probabilities: HEADS.map(() => (clusters[at] === 0 ? 0.5 : 0.4)),
    }))
    const first = clustersOf(strategyOf('badge').rank(twins, options))
    expect(first.filter(cluster => cluster === 0)).toHaveLength(1)
  })
})
