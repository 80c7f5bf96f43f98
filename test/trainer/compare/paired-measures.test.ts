import { describe, expect, it } from 'vitest'
import type { CycleMetrics } from '../../../data/records/cycle.ts'
import { expectedCalibrationError } from '../../../data/statistics/calibration.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { flipsBetween } from '../../../trainer/compare/flips.ts'
import { judgedOn, pairedGates, shortcutGates } from '../../../trainer/compare/gates.ts'
import { pairedMeasures } from '../../../trainer/compare/paired-measures.ts'
import { calibrationErrorOf } from '../../../trainer/compare/weighted-calibration.ts'
import { flagPairs } from './pairs-of.ts'

const OPTIONS = { samples: 400, seed: 1 }

/** Truths by turns; `skill` shifts positives up: 0 is chance. */
function scored(n: number, then: number, now: number, seed = 1) {
  const random = seededRandom(seed)
  const score = (truth: number, skill: number) =>
    Math.min(0.99, Math.max(0.01, 0.5 + skill * (truth - 0.5) + random.normal(0, 0.15)))
  return flagPairs(
    Array.from({ length: n }, (_, at) => {
      const truth = (at % 2) as 0 | 1
      return { truth, before: score(truth, then), after: score(truth, now) }
    }),
  )
}
const of = (pairs: ReturnType<typeof scored>, name: string) =>
  pairedMeasures('test', 'flag', pairs, OPTIONS).find(one => one.name === name)!

describe('paired differences', () => {
  it('are exactly nought, with an interval of nought, between a cycle and itself', () => {
    const same = scored(60, 0.3, 0.3).map(pair => ({ ...pair, after: pair.before }))
    for (const one of pairedMeasures('test', 'flag', same, OPTIONS)) {
      expect(one.difference).toMatchObject({ value: 0, low: 0, high: 0, n: 60, positives: 30 })
      expect(one.verdict).toBe('same')
    }
  })

  it('call a model that lost its skill worse, and one that gained it better', () => {
    expect(of(scored(200, 0.5, 0.02), 'auc')).toMatchObject({ verdict: 'worse' })
    expect(of(scored(200, 0.02, 0.5), 'auc')).toMatchObject({ verdict: 'better' })
    expect(of(scored(200, 0.5, 0.02), 'auc').difference.high).toBeLessThan(0)
  })

  it('count a lower calibration error as better', () => {
    const random = seededRandom(5)
    const pairs = flagPairs(
      Array.from({ length: 300 }, () => {
        const risk = random.next()
        return { truth: random.next() < risk ? 1 : 0, before: risk ** 3, after: risk }
      }),
    )
    expect(of(pairs, 'ece')).toMatchObject({ verdict: 'better' })
    expect(of(pairs, 'ece').difference.value).toBeLessThan(0)
    expect(of(pairs, 'brier')).toMatchObject({ verdict: 'better' })
    expect(of(pairs, 'auc').difference.value).toBeCloseTo(0, 12)
  })

  it('are n/a with a reason where a class is missing', () => {
    const positives = scored(40, 0.3, 0.3).filter(pair => pair.truth[0]!.value === 1)
    expect(of(positives, 'auc')).toMatchObject({
      verdict: 'na',
      difference: { value: null, na: 'no negative' },
    })
    expect(of([], 'ap').difference.na).toBe('no case')
  })

  it('draw whole patients: with one patient there is no interval, and no verdict', () => {
    const one = scored(40, 0.3, 0.1).map(pair => ({ ...pair, group: 'same' }))
    expect(of(one, 'auc')).toMatchObject({ verdict: 'na', difference: { low: null, high: null } })
  })
})

describe('with fewer than ten patients', () => {
  it('the difference is shown, and not judged', () => {
    const nine = scored(180, 0.3, 0.02).map((pair, at) => ({ ...pair, group: `patient ${at % 9}` }))
    const found = pairedMeasures('test', 'flag', nine, OPTIONS).find(one => one.name === 'auc')!
    expect(found.verdict).toBe('na')
    expect(found.difference).toMatchObject({ low: null, na: expect.stringContaining('fewer than 10') })
    expect(found.difference.value).not.toBeNull()
    const ten = nine.map((pair, at) => ({ ...pair, group: `patient ${at % 10}` }))
    expect(pairedMeasures('test', 'flag', ten, OPTIONS)[0]!.difference.low).not.toBeNull()
  })
})

describe('the calibration error of a resample', () => {
  it('is that of the cases themselves where each counts once', () => {
    const pairs = scored(95, 0.3, 0.3)
    const [scores, labels] = [pairs.map(pair => pair.before[0]!), pairs.map(pair => pair.truth[0]!.value!)]
    expect(calibrationErrorOf(scores, labels)()).toBeCloseTo(expectedCalibrationError(scores, labels)!, 12)
  })
})

describe('the gates', () => {
  const measured = (pairs: ReturnType<typeof scored>, side: 'test' | 'oof' = 'test') =>
    pairedMeasures(side, 'flag', pairs, OPTIONS)

  it('refuse a head whose interval lies wholly below nought, and let one through that does not', () => {
    const [worse] = pairedGates(measured(scored(200, 0.5, 0.02)), false)
    expect(worse).toMatchObject({ name: 'discrimination', head: 'flag', verdict: 'refused' })
    expect(worse!.words).toMatch(/the COVID flag: AUC on test .* clearly worse$/)
    expect(pairedGates(measured(scored(200, 0.3, 0.3)), false)[0]).toMatchObject({ verdict: 'passed' })
  })

  it('refuse a calibration that is clearly worse, though the order of cases is the same', () => {
    const random = seededRandom(5)
    const pairs = flagPairs(
      Array.from({ length: 300 }, () => {
        const risk = random.next()
        return { truth: random.next() < risk ? 1 : 0, before: risk, after: risk ** 3 }
      }),
    )
    const gates = pairedGates(measured(pairs), false)
    expect(gates.find(gate => gate.name === 'discrimination' && gate.head === 'flag')!.verdict).toBe('passed')
    expect(gates.find(gate => gate.name === 'calibration')!.verdict).toBe('refused')
  })

  it('let a calibration through that is worse for certain, but by less than anybody would notice', () => {
    const random = seededRandom(5)
    const pairs = flagPairs(
      Array.from({ length: 20_000 }, () => {
        const risk = random.next()
        return { truth: random.next() < risk ? 1 : 0, before: risk, after: Math.min(1, risk + 0.015) }
      }),
    )
    const measures = measured(pairs)
    expect(measures.find(one => one.name === 'ece')!.verdict).toBe('worse')
    expect(pairedGates(measures, false).find(gate => gate.name === 'calibration')!.verdict).toBe('passed')
  })

  it('say n/a of a head with fewer than ten positives', () => {
    const few = scored(18, 0.9, 0.01)
    expect(pairedGates(measured(few), false)[0]).toMatchObject({ verdict: 'na' })
    expect(pairedGates(measured(scored(20, 0.9, 0.01)), false)[0]!.verdict).toBe('refused')
  })

  it('judge out of fold where test has too few positives, unless a fine-tuned network takes part', () => {
    const measures = [...measured(scored(10, 0.5, 0.5)), ...measured(scored(200, 0.5, 0.02), 'oof')]
    expect(judgedOn(measures, 'flag', 'auc', false)!.side).toBe('oof')
    expect(judgedOn(measures, 'flag', 'auc', true)).toBeNull()
  })

  it('warn, and only warn, where nothing is gained over the shortcut', () => {
    const measure = (value: number, low: number, high: number) => ({ value, low, high, n: 80, positives: 40 })
    const shortcut = {
      side: 'test',
      shortcut: measure(0.9, 0.85, 0.95),
      model: measure(0.9, 0.85, 0.95),
      together: measure(0.9, 0.85, 0.95),
      gain: measure(0, -0.01, 0.01),
      within: [{ format: 'png', shortcut: measure(0.5, 0.4, 0.6), model: measure(0.55, 0.45, 0.65) }],
    } as const
    const gates = shortcutGates({ shortcut } as unknown as CycleMetrics)
    expect(gates.map(gate => gate.verdict)).toEqual(['warned', 'warned'])
    expect(gates[1]!.words).toMatch(/AUC among png files of test: 0\.550 .*not clearly above chance/)
  })
})

describe('flips', () => {
  const metrics = (threshold: number) => ({ threshold, thresholds: { flag: threshold } }) as CycleMetrics
  const side = (rows: Parameters<typeof flagPairs>[0]) => [
    { side: 'test' as const, pairs: flagPairs(rows), onlyBefore: 0, onlyAfter: 0 },
  ]

  it('are told apart as mended and broken, each cycle at its own operating point', () => {
    const rows = [
      { truth: 1, before: 0.4, after: 0.6 },
      { truth: 0, before: 0.4, after: 0.9 },
      { truth: 1, before: 0.6, after: 0.7 },
    ] as const
    const { flips, flipCounts } = flipsBetween(side(rows), metrics(0.5), metrics(0.5))
    expect(flips.map(flip => flip.verdict)).toEqual(['broken', 'mended'])
    expect(flipCounts).toEqual([{ side: 'test', head: 'flag', mended: 1, broken: 1, unknown: 0 }])
    expect(flipsBetween(side(rows), metrics(0.3), metrics(0.5)).flips).toEqual([])
  })

  it('are none for a head without an operating point', () => {
    const none = { threshold: 0.5, thresholds: { flag: null } } as unknown as CycleMetrics
    expect(flipsBetween(side([{ truth: 1, before: 0.1, after: 0.9 }]), none, metrics(0.5)).flips).toEqual([])
  })
})
