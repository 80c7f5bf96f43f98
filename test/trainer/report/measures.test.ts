import { describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { calibrationMeasures } from '../../../trainer/cycle/calibration-measures.ts'
import { measureCycle } from '../../../trainer/cycle/metrics.ts'
import { measureShortcut } from '../../../trainer/cycle/shortcut.ts'
import { scoredCase, scoredCorpus } from './scored-cases.ts'

const BOOTSTRAP = { samples: 50, seed: 1 }
const heads = HEADS.map(() => ({ constant: null, calibrator: null, threshold: 0.5 }))

/** Logits `times` too large for what they know. */
function overconfident(times: number, count: number, side: 'val' | 'test' | 'train', from = 0) {
  const random = seededRandom(`${side}/${times}`)
  return Array.from({ length: count }, (_, at) => {
    const logit = 2 * random.normal()
    const truth = random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0
    return scoredCase(from + at, { side, truths: [truth], logits: [times * logit, 0, 0, 0, 0, 0] })
  })
}

describe('temperature scaling in the measures', () => {
  const test = overconfident(4, 400, 'test')

  it('finds on validation how overconfident a network is, and makes its error on test smaller', () => {
    const [flag] = calibrationMeasures([...overconfident(4, 400, 'val', 400), ...test])
    expect(flag).toMatchObject({ side: 'test', head: 'flag' })
    expect(flag!.temperature!.temperature).toBeGreaterThan(2.8)
    expect(flag!.temperature!.temperature).toBeLessThan(5.5)
    expect(flag!.temperature!.after).toBeLessThan(flag!.before! / 2)
  })

  it('never looks at test: other truths there leave the temperature as it is', () => {
    const validation = overconfident(4, 400, 'val', 400)
    const turned = test.map((one, at) =>
      scoredCase(at, { truths: [at % 3 === 0 ? 1 : 0], logits: one.logits }),
    )
    const of = (scored: typeof test) =>
      calibrationMeasures([...validation, ...scored])[0]!.temperature!.temperature
    expect(of(turned)).toBe(of(test))
  })

  it('is n/a where validation has fewer than five of a class', () => {
    const few = overconfident(4, 400, 'val', 400).filter(
      one => one.case.truth[0]!.value === 0 || Number(one.case.state.id.slice(5)) < 403,
    )
    expect(calibrationMeasures([...few, ...test])[0]!.temperature).toBeNull()
  })

  it('is taken from the other folds out of fold', () => {
    const train = overconfident(3, 600, 'train')
    const [flag] = calibrationMeasures(train)
    expect(flag).toMatchObject({ side: 'oof' })
    expect(flag!.temperature!.after).toBeLessThan(flag!.before!)
  })
})

describe('calls at the operating point', () => {
  it('are counted on every side, of lesions within COVID only', () => {
    const scored = [
      scoredCase(0, { truths: [1, 1], probabilities: [0.9, 0.2, 0, 0, 0, 0] }),
      scoredCase(1, { truths: [1, 0], probabilities: [0.4, 0.7, 0, 0, 0, 0] }),
      scoredCase(2, { truths: [0, 1], probabilities: [0.5, 0.9, 0, 0, 0, 0] }),
    ]
    const { confusion } = measureCycle(scored, heads, BOOTSTRAP)
    expect(confusion!.find(one => one.head === 'flag')).toEqual({
      side: 'test',
      head: 'flag',
      threshold: 0.5,
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 0,
      falseNegatives: 1,
    })
    expect(confusion!.find(one => one.head === 'GGO')).toMatchObject({
      falseNegatives: 1,
      falsePositives: 1,
      truePositives: 0,
    })
  })

  it('agree with the sensitivity and the specificity beside them', () => {
    const { confusion, flag } = measureCycle(scoredCorpus({ train: 60, val: 40, test: 80 }), heads, BOOTSTRAP)
    const { truePositives, falseNegatives, trueNegatives, falsePositives } = confusion!.find(
      one => one.head === 'flag' && one.side === 'test',
    )!
    expect(flag.test!['sensitivity']!.value).toBeCloseTo(truePositives / (truePositives + falseNegatives), 12)
    expect(flag.test!['specificity']!.value).toBeCloseTo(trueNegatives / (trueNegatives + falsePositives), 12)
  })
})

describe('the shortcut within a file format', () => {
  const scored = scoredCorpus({ train: 120, val: 60, test: 120 })
  // The shortcut: the format's own number, and nine that know nothing.
  const random = seededRandom(9)
  const rows = new Map(
    scored.map(({ case: { state } }) => [
      state.image,
      Float32Array.from({ length: 10 }, (_, at) =>
        at === 0 ? Number(state.imageFile.endsWith('jpg')) : random.normal(),
      ),
    ]),
  )

  it('is measured beside the model for each format', () => {
    const { within } = measureShortcut(scored, rows, BOOTSTRAP)!
    expect(within!.map(one => one.format)).toEqual(['jpeg', 'png'])
    for (const { model, shortcut } of within!) {
      expect(model.value).toBeGreaterThan(0.6)
      expect(shortcut.value).toBeLessThan(0.7)
      expect(model.n).toBe(shortcut.n)
    }
    expect(within!.reduce((sum, one) => sum + one.model.n, 0)).toBe(120)
  })

  it('is n/a in a format of one class', () => {
    const one = scored.map(all => {
      const covid = all.case.truth[0]!.value === 1
      const state = { ...all.case.state, imageFile: `${all.case.state.image}.${covid ? 'png' : 'jpg'}` }
      return { ...all, case: { ...all.case, state } }
    })
    const { within } = measureShortcut(one, rows, BOOTSTRAP)!
    expect(within!.map(({ model }) => model.na)).toEqual(['no positive', 'no negative'])
  })
})
