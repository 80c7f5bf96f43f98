import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../data/statistics/random.ts'
import { drawAudit } from '../../../trainer/acquisition/audit-draw.ts'
import { auditRounds, type Reading } from '../../../trainer/acquisition/audit-rounds.ts'
import { errorLeft, readsNeeded } from '../../../trainer/acquisition/error-left.ts'
import { stopSignal } from '../../../trainer/acquisition/stop-signal.ts'

describe('the error left in the pool', () => {
  it('is pool · changed / read less what was found, for one audit', () => {
    const error = errorLeft([{ pool: 1000, read: 50, changed: 5, foundSince: 30 }], 900)!
    expect(error.wrong).toBeCloseTo(100 - 30, 9)
    expect(error.share).toBeCloseTo(70 / 900, 9)
  })

  it('has the one-sided Clopper-Pearson bound: nothing changed in 59 reads leaves at most 5 %', () => {
    // 1 − 0.05^(1/59) = 0.0495, the rule every table has.
    const error = errorLeft([{ pool: 10_000, read: 59, changed: 0, foundSince: 0 }], 10_000)!
    expect(error.shareAtMost).toBeCloseTo(1 - 0.05 ** (1 / 59), 9)
  })

  it('is unknown before an audit case was read', () => {
    expect(errorLeft([], 100)).toBeNull()
    expect(errorLeft([{ pool: 100, read: 0, changed: 0, foundSince: 3 }], 100)).toBeNull()
  })

  it('is unbiased, and its bound holds as often as it says, over cycles that read the worst cases first', () => {
    const level = 0.9
    const random = seededRandom(11)
    const trials = 400
    let [bias, held] = [0, 0]
    for (let trial = 0; trial < trials; trial++) {
      // 400 labels, 24 of them wrong; the queue finds wrong ones three times as often as chance would.
      const wrong = Uint8Array.from({ length: 400 }, (_, at) => (at < 24 ? 1 : 0))
      const unread = new Set(wrong.keys())
      const cycles: { pool: string[]; audit: string[] }[] = []
      const readings = new Map<string, Reading>([...wrong.keys()].map(at => [String(at), { said: 1 }]))
      const read = (at: number) => {
        unread.delete(at)
        readings.set(String(at), { said: 1, read: wrong[at] === 1 ? 0 : 1 })
      }
      for (const size of [20, 30, 25]) {
        const pool = [...unread]
        const audit = random.sample(pool, size)
        cycles.push({ pool: pool.map(String), audit: audit.map(String) })
        for (const at of audit) read(at)
        const urns = [...unread].flatMap(at => (wrong[at] === 1 ? [at, at, at] : [at]))
        for (const at of new Set(random.sample(urns, 40))) read(at)
      }
      const { rounds, left } = auditRounds(cycles, readings)
      const error = errorLeft(rounds, left, level)!
      const truly = [...unread].filter(at => wrong[at] === 1).length
      bias += (error.wrong - truly) / trials
      if (truly <= error.wrongAtMost) held++
    }
    // The deviation of one estimate is about 5.5 labels, of the mean of 400 about 0.3.
    expect(Math.abs(bias)).toBeLessThan(1.4)
    expect(held / trials).toBeGreaterThan(level - 0.03)
  })
})

describe('what the audits found', () => {
  const readings = new Map<string, Reading>([
    ['a', { said: 1, read: 0 }],
    ['b', { said: 1, read: 1 }],
    ['c', { said: 0, read: null }],
    ['d', { said: null, read: 1 }],
    ['e', { said: 0 }],
    ['f', { said: 1 }],
  ])

  it('counts labels that changed, made uncertain among them, and not those that were none', () => {
    const { rounds, left } = auditRounds(
      [{ pool: ['a', 'b', 'c', 'd', 'e', 'f'], audit: ['a', 'd', 'e'] }],
      readings,
    )
    expect(rounds).toEqual([{ pool: 5, read: 1, changed: 1, foundSince: 2 }])
    expect(left).toBe(2)
  })

  it('leaves out cases that are no longer there', () => {
    const { rounds } = auditRounds([{ pool: ['a', 'gone'], audit: ['gone'] }], readings)
    expect(rounds[0]).toEqual({ pool: 1, read: 0, changed: 0, foundSince: 1 })
  })
})

describe('the reads still needed', () => {
  it('are those a table gives where nothing was read: 74 without a change for less than 4 % of many', () => {
    // ln 0.05 / ln 0.96 = 73.4
    expect(readsNeeded([], 1_000_000, 0.04)).toBe(74)
  })

  it('are none once the bound is low enough', () => {
    expect(readsNeeded([{ pool: 1000, read: 100, changed: 0, foundSince: 0 }], 900, 0.04)).toBe(0)
  })

  it('are enough: read at the rate found, the bound is reached', () => {
    const round = { pool: 5000, read: 60, changed: 1, foundSince: 1 }
    const needed = readsNeeded([round], 4900, 0.04)!
    const changed = Math.ceil(needed * errorLeft([round], 4900)!.share)
    const after = [
      { ...round, foundSince: round.foundSince + changed },
      { pool: 4900, read: needed, changed, foundSince: changed },
    ]
    expect(errorLeft(after, 4900 - needed)!.shareAtMost).toBeLessThan(0.04)
    expect(needed).toBeGreaterThan(30)
  })

  it('can not be had where labels change more often than they may', () => {
    expect(readsNeeded([{ pool: 1000, read: 100, changed: 12, foundSince: 12 }], 900, 0.04)).toBeNull()
  })

  it('are never more than there is', () => {
    expect(readsNeeded([], 12, 0.04)!).toBeLessThanOrEqual(12)
  })
})

describe('the stop signal', () => {
  it('says at which confidence how few labels would change', () => {
    const signal = stopSignal('GGO', [{ pool: 1000, read: 120, changed: 0, foundSince: 40 }], 812)
    expect(signal.reached).toBe(true)
    expect(signal.sentence).toMatch(
      /^at 95 % confidence fewer than \d\.\d % of the 812 remaining GGO labels would change \(0 of 120 audit reads changed\): reading for GGO may stop$/,
    )
  })

  it('says how many reads are missing', () => {
    const signal = stopSignal('flag', [{ pool: 1000, read: 40, changed: 0, foundSince: 0 }], 900)
    expect(signal).toMatchObject({ reached: false, readsNeeded: expect.any(Number) })
    expect(signal.sentence).toMatch(/about \d+ more audit reads would show fewer than 4\.0 %$/)
  })

  it('says when reading by chance leads nowhere, when nothing was read, and when nothing is left', () => {
    const many = stopSignal('GGO', [{ pool: 1000, read: 40, changed: 9, foundSince: 9 }], 900)
    expect(many.sentence).toMatch(/correct by the queues first$/)
    expect(stopSignal('GGO', [], 900).sentence).toMatch(
      /^GGO: no audit case was read yet; \d+ reads by chance/,
    )
    expect(stopSignal('GGO', [], 0)).toMatchObject({ reached: true, readsNeeded: 0 })
  })
})

describe('the draw of an audit', () => {
  it('depends on the cases and the seed, not on their order', () => {
    const pool = Array.from({ length: 60 }, (_, at) => `c${at}`)
    const draw = (from: string[], seed = 5) => drawAudit(from, { batch: 50, seed })
    expect(draw([...pool].reverse())).toEqual(draw(pool))
    expect(draw(pool)).toHaveLength(5)
    expect(draw(pool, 6)).not.toEqual(draw(pool))
  })

  it('is at least one case, and none where the share is nought', () => {
    expect(drawAudit(['a', 'b', 'c'], { batch: 3, seed: 1 })).toHaveLength(1)
    expect(drawAudit(['a', 'b', 'c'], { batch: 3, share: 0, seed: 1 })).toEqual([])
  })
})
