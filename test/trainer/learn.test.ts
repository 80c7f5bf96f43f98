import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../data/statistics/random.ts'
import { auc } from '../../data/statistics/roc.ts'
import { chooseBackend } from '../../trainer/backend/choose-backend.ts'
import { calibrateHead } from '../../trainer/fit/calibrate-heads.ts'
import type { Example } from '../../trainer/fit/example.ts'
import { DEFAULT_LEARNING, learn } from '../../trainer/fit/learn.ts'
import { DEFAULT_TEACHING, type HeadTruth } from '../../trainer/fit/targets.ts'

const options = {
  ...DEFAULT_LEARNING,
  penalties: [10, 100],
  lambdas: [0.3, 1],
  epochs: 60,
  teaching: DEFAULT_TEACHING,
}
beforeAll(async () => {
  await chooseBackend('wasm')
}, 300_000)

interface Made {
  n: number
  groups: number
  /** How far the features of positives lie from those of negatives. */
  signal: number
  /** What every case of a group shares, unlike any other's. */
  groupMark?: number
  seed?: number
}

/** Cases in groups; the flag and all lesions follow features 0 to 5, but for what `lesson` makes of them. */
function examples({ n, groups, signal, groupMark = 0, seed = 1 }: Made): Example[] {
  const random = seededRandom(seed)
  const marks = Array.from({ length: groups }, () =>
    Array.from({ length: 6 }, () => random.normal(0, groupMark)),
  )
  return Array.from({ length: n }, (_, at) => {
    const group = at % groups
    // Labels go by group where marks are to be learned by heart.
    const values = Array.from({ length: 6 }, () =>
      groupMark > 0 ? ((group % 2) as 0 | 1) : random.chance(0.5) ? 1 : 0,
    )
    const own = values.map(value => (value - 0.5) * signal + random.normal())
    return {
      group: `g${group}`,
      features: Float32Array.from([...own, ...marks[group]!]),
      lesson: values.map((value): HeadTruth => ({ value: value as 0 | 1, source: 'published' })),
    }
  })
}
const flags = (list: readonly Example[]) => list.map(one => one.lesson[0]!.value as number)
const flagScores = (all: Float64Array, n: number) => Array.from({ length: n }, (_, at) => all[at * 6]!)

describe('learning', () => {
  it('finds a signal that is there, out of fold', async () => {
    const list = examples({ n: 120, groups: 30, signal: 3 })
    const { outOfFold, model } = await learn(list, [], options)
    expect(auc(flagScores(outOfFold, 120), flags(list))).toBeGreaterThan(0.9)
    expect(model.heads.every(head => head.threshold !== null)).toBe(true)
  })

  it('finds nothing out of fold in marks that a group shares with nobody', async () => {
    const list = examples({ n: 120, groups: 12, signal: 0, groupMark: 3 })
    const { outOfFold, folds } = await learn(list, [], options)
    const ofGroup = new Map<string, Set<number>>()
    list.forEach(({ group }, at) => {
      ofGroup.set(group, (ofGroup.get(group) ?? new Set()).add(folds[at]!))
    })
    expect([...ofGroup.values()].every(set => set.size === 1)).toBe(true)
    expect(auc(flagScores(outOfFold, 120), flags(list))).toBeLessThan(0.85)
  })

  it('is the same for the same seed, and draws other folds for another', async () => {
    const list = examples({ n: 60, groups: 20, signal: 1 })
    const [one, again, other] = [
      await learn(list, [], options),
      await learn(list, [], options),
      await learn(list, [], { ...options, seed: 2 }),
    ]
    expect(again.outOfFold).toEqual(one.outOfFold)
    expect(other.folds).not.toEqual(one.folds)
  })

  it('predicts cases that teach nothing, and learns nothing from them', async () => {
    const list = examples({ n: 60, groups: 20, signal: 2 })
    const silent = examples({ n: 10, groups: 20, signal: 2, seed: 9 }).map(one => ({
      ...one,
      lesson: one.lesson.map((): HeadTruth => ({ value: null, source: null })),
    }))
    const alone = await learn(list, [], options)
    const more = await learn([...list, ...silent], [], options)
    expect(more.outOfFold).toHaveLength(70 * 6)
    expect(more.outOfFold.every(value => value > 0 && value < 1)).toBe(true)
    expect(more.model.scaling).toEqual(alone.model.scaling)
  })

  it('answers with the base rate for a head without a positive, and says so', async () => {
    const list = examples({ n: 40, groups: 10, signal: 2 }).map(one => ({
      ...one,
      lesson: one.lesson.map(
        (truth, at): HeadTruth => (at === 5 ? { value: 0, source: 'published' } : truth),
      ),
    }))
    const { model, outOfFold, warnings } = await learn(list, [], options)
    expect(model.heads[5]!.constant).toBeCloseTo(1 / 42, 6)
    expect(outOfFold[5]).toBeCloseTo(1 / 42, 6)
    expect(warnings.join()).toContain('InSepThi: 0 positive and 40 negative cases to learn from')
  })

  it('chooses the operating point on validation', async () => {
    const list = examples({ n: 80, groups: 20, signal: 2 })
    const validation = examples({ n: 40, groups: 10, signal: 2, seed: 5 })
    const without = await learn(list, [], options)
    const withIt = await learn(list, validation, options)
    expect(withIt.model.heads[0]!.threshold).not.toBe(without.model.heads[0]!.threshold)
    expect(withIt.loss.map(curve => curve.name)).toEqual(['train', 'validation'])
  })

  it('goes on with fewer folds where there are few groups, and says so', async () => {
    const { folds, warnings } = await learn(examples({ n: 20, groups: 3, signal: 2 }), [], options)
    expect(new Set(folds).size).toBe(3)
    expect(warnings).toContain('3 patients or documents: 3 folds instead of 5')
  })

  it.each([
    [
      'nothing-to-learn',
      examples({ n: 6, groups: 3, signal: 1 }).map(one => ({
        ...one,
        lesson: one.lesson.map((): HeadTruth => ({ value: null, source: null })),
      })),
    ],
    [
      'one-class',
      examples({ n: 6, groups: 3, signal: 1 }).map(one => ({
        ...one,
        lesson: one.lesson.map((): HeadTruth => ({ value: 1, source: 'mined' })),
      })),
    ],
    ['too-few-groups', examples({ n: 8, groups: 1, signal: 1 })],
    ['nothing-to-learn', []],
  ])('stops with %s where that is so', async (code, list) => {
    await expect(learn(list, [], options)).rejects.toMatchObject({ code })
  })

  it('stops when asked to', async () => {
    const controller = new AbortController()
    const run = learn(examples({ n: 40, groups: 10, signal: 1 }), [], {
      ...options,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('stopped')),
    })
    await expect(run).rejects.toThrow('stopped')
  })

  it('reports points of the loss for live curves', async () => {
    const points: Record<string, number>[] = []
    await learn(
      examples({ n: 40, groups: 10, signal: 1 }),
      examples({ n: 20, groups: 5, signal: 1, seed: 3 }),
      {
        ...options,
        onProgress: ({ point }) => point && points.push(point),
      },
    )
    expect(points.at(-1)).toEqual({ epoch: 60, trainLoss: expect.any(Number), valLoss: expect.any(Number) })
  })
})

describe('calibration of a head', () => {
  it('is left out where a class has too few cases', () => {
    expect(calibrateHead([0.1, 0.9, 0.8], [0, 1, 1]).calibrator).toBeNull()
  })

  it('keeps the order of a head that is worse than chance, and pulls it to the base rate', () => {
    const scores = Array.from({ length: 40 }, (_, at) => at / 40 + 0.01)
    const labels = scores.map(score => (score < 0.5 ? 1 : 0))
    const { calibrator, blind } = calibrateHead(scores, labels)
    expect(blind).toBe(true)
    expect(calibrator).toMatchObject({ kind: 'platt', slope: 0.02 })
  })
})
