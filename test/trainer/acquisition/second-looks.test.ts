import { describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { confidentLearning } from '../../../trainer/acquisition/confident-learning.ts'
import { disagreementQueue, labelAudit } from '../../../trainer/acquisition/second-looks.ts'

/** Labels of which the first few of each answer are wrong; probabilities are those of a good but unsure model. */
function noisy(n: number, wrong: number) {
  const random = seededRandom(4)
  return Array.from({ length: n }, (_, at) => {
    const truth = (at % 2) as 0 | 1
    const given = (at < 2 * wrong ? 1 - truth : truth) as 0 | 1
    const probability = truth === 1 ? random.between(0.55, 0.95) : random.between(0.05, 0.45)
    return { case: `case ${String(at).padStart(3, '0')}`, given, probability }
  })
}

describe('confident learning', () => {
  it('suspects mostly the labels that are wrong, the surest first', () => {
    const { suspects } = confidentLearning('GGO', noisy(200, 10))
    const number = (id: string) => Number(id.slice(5))
    const right = suspects.filter(one => number(one.case) < 20).length
    expect(right).toBeGreaterThanOrEqual(10)
    expect(right / suspects.length).toBeGreaterThan(0.9)
    for (let at = 1; at < suspects.length; at++)
      expect(suspects[at]!.margin).toBeLessThanOrEqual(suspects[at - 1]!.margin)
  })

  it('estimates how many labels of each answer are wrong', () => {
    const { noise } = confidentLearning('GGO', noisy(400, 20))
    expect(noise.positive).toBeGreaterThan(0.04)
    expect(noise.positive).toBeLessThan(0.2)
  })

  it('goes by what is usual for an answer, so that a rare lesion at low probabilities can be suspect', () => {
    const labels = Array.from({ length: 100 }, (_, at) => ({
      case: `c${at}`,
      given: (at < 10 ? 1 : 0) as 0 | 1,
      probability: at < 10 ? 0.3 : at === 50 ? 0.4 : 0.05,
    }))
    expect(confidentLearning('CrPa', labels).suspects.map(one => one.case)).toEqual(['c50'])
  })

  it('doubts no label by a head that tells its answers apart no better than chance', () => {
    const random = seededRandom(9)
    const blind = noisy(100, 0).map(one => ({ ...one, probability: random.next() }))
    const { suspects, na } = confidentLearning('Csld', blind)
    expect(suspects).toEqual([])
    expect(na).toMatch(/^out of fold the head has an AUC of 0\.\d\d: at least 0\.6 was expected/)
  })

  it('compares heads by what is usual for each, not by their base rates', () => {
    const rare = Array.from({ length: 60 }, (_, at) => ({
      case: `r${at}`,
      given: (at < 8 ? 1 : 0) as 0 | 1,
      probability: at === 0 ? 0.04 : at < 8 ? 0.2 : 0.05,
    }))
    const [weak] = confidentLearning('AirBr', rare).suspects
    const [strong] = confidentLearning('GGO', noisy(200, 10)).suspects
    expect(weak!.case).toBe('r0')
    expect(strong!.margin).toBeGreaterThan(3 * weak!.margin)
  })

  it('suspects nothing where labels and model agree, and says so where there are too few', () => {
    expect(confidentLearning('GGO', noisy(100, 0)).suspects).toEqual([])
    const few = confidentLearning('GGO', noisy(6, 0))
    expect(few.na).toBe('3 positive and 3 negative labels: at least 5 of each were expected')
  })
})

const cases = noisy(60, 3).map(({ case: id, given, probability }) => ({
  case: id,
  probabilities: HEADS.map(head => (head === 'GGO' ? probability : 0.5)),
  given,
}))

describe('text against image', () => {
  const candidates = cases.map(({ given, ...one }) => ({
    ...one,
    said: HEADS.map(head => (head === 'GGO' ? (given === 1 ? 'present' : 'absent') : 'none')) as never,
  }))

  it('brings up findings the picture contradicts, with both in the line', () => {
    const queue = disagreementQueue(candidates, HEADS)
    expect(queue.length).toBeGreaterThan(0)
    expect(queue[0]).toMatchObject({ rank: 1, head: 'GGO', queue: 'disagreement' })
    expect(queue[0]!.why).toMatch(
      /^the text (states|denies) GGO, the picture makes it 0\.\d\d, and 0\.\d\d is usual/,
    )
    expect(new Set(queue.map(one => one.case)).size).toBe(queue.length)
  })

  it('listens to no head that was not learned, and to no hedged or missing finding', () => {
    expect(disagreementQueue(candidates, ['flag'])).toEqual([])
    const hedged = candidates.map(one => ({ ...one, said: HEADS.map(() => 'possible') as never }))
    expect(disagreementQueue(hedged, HEADS)).toEqual([])
  })
})

describe('the audit of labels', () => {
  const labelled = cases.map(({ given, case: id, probabilities }, at) => ({
    case: id,
    probabilities,
    labels: HEADS.map(head =>
      head === 'GGO'
        ? ({ value: given, source: at % 2 ? 'expert' : 'mined' } as const)
        : ({ value: null, source: null } as const),
    ),
  }))

  it('brings up labels that are likely wrong, experts’ too, with who gave them', () => {
    const { queue, heads } = labelAudit(labelled)
    expect(queue.some(one => one.why.includes("one expert's label"))).toBe(true)
    expect(queue.some(one => one.why.includes('mined from the text'))).toBe(true)
    expect(queue.every(one => one.queue === 'labels')).toBe(true)
    expect(heads.find(one => one.head === 'flag')!.na).toMatch(/^0 positive and 0 negative labels/)
  })

  it('lists a case once, and names its other heads beside the first', () => {
    const twice = labelled.map(one => ({
      ...one,
      probabilities: one.probabilities.map((_, at) => one.probabilities[at === 2 ? 1 : at]!),
      labels: one.labels.map((label, at) => (at === 2 ? one.labels[1]! : label)),
    }))
    const { queue } = labelAudit(twice)
    expect(new Set(queue.map(one => one.case)).size).toBe(queue.length)
    expect(queue[0]!.why).toMatch(/; (GGO|Csld) too$/)
  })
})
