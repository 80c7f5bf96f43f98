import { describe, expect, it } from 'vitest'
import type { CaseState } from '../../../data/records/case.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { type Random, seededRandom } from '../../../data/statistics/random.ts'
import { STRATEGIES } from '../../../trainer/acquisition/strategy.ts'
import type { CorpusCase } from '../../../trainer/cycle/corpus.ts'
import type { Scored } from '../../../trainer/cycle/predict.ts'
import { allQueues, candidateOf, rankPool, secondLooks } from '../../../trainer/cycle/rank.ts'
import { isRead } from '../../../trainer/fit/targets.ts'

/** Corpora drawn by a seed: figures of one to four panels, some cases read, some in validation and test. */
function corpus(random: Random): Scored[] {
  const scored: Scored[] = []
  const figures = 2 + random.integer(30)
  for (let figure = 0; figure < figures; figure++)
    for (let panel = 0; panel <= random.integer(4); panel++) {
      const read = random.chance(0.3)
      const side = random.chance(0.3) ? (random.chance(0.5) ? 'test' : 'val') : 'train'
      const flag = random.chance(0.5) ? 'positive' : 'negative'
      const state = {
        id: `d#${figure}#${panel}`,
        document: 'd',
        figure: String(figure),
        mined: {
          flag,
          evidence: [],
          findings: { GGO: 'present', Csld: 'none', CrPa: 'absent', AirBr: 'possible', InSepThi: 'none' },
        },
        labels: read ? [{ who: 'reader' }] : [],
      } as unknown as CaseState
      const truth = HEADS.map(() => ({ value: random.chance(0.5) ? 1 : 0, source: 'mined' }) as const)
      scored.push({
        case: {
          state,
          side,
          group: `d#${figure}`,
          pool: side === 'train' && !isRead(state),
          features: Float32Array.from({ length: 5 }, () => random.normal()),
          truth,
          lesson: truth,
        } as CorpusCase,
        fold: side === 'train' ? 0 : null,
        probabilities: HEADS.map(() => random.next()),
        logits: HEADS.map(() => 0),
      })
    }
  return scored
}

const DRAWS = Array.from({ length: 25 }, (_, seed) => seed)

/** As a cycle ranks, but with dropout's draws made up: a model is no part of these rules. */
function ranked(scored: readonly Scored[], strategy: string, random: Random) {
  const pool = scored.flatMap(({ case: one, probabilities }) =>
    one.pool ? [{ ...candidateOf(one.state, probabilities), features: one.features, group: one.group }] : [],
  )
  const batch = 1 + random.integer(60)
  const auditShare = random.next()
  return rankPool(pool, { strategy, seed: random.integer(1000), learned: HEADS, batch, auditShare, read: [] })
}

/** BALD asks the model itself; cycle-queues.test.ts holds the same of it with a model. */
const NAMES = [...STRATEGIES.keys()].filter(name => name !== 'bald')

describe.each(NAMES)('whatever the pool, %s', strategy => {
  it('asks for every open case outside validation and test exactly once, and for no other', () => {
    for (const draw of DRAWS) {
      const random = seededRandom(draw)
      const scored = corpus(random)
      const asked = ranked(scored, strategy, random).map(one => one.case)
      const open = scored.filter(one => one.case.side === 'train' && one.case.state.labels.length === 0)
      expect(asked.toSorted()).toEqual(open.map(one => one.case.state.id).sort())
      expect(new Set(asked).size).toBe(asked.length)
    }
  })

  it('reads the siblings of a figure one after the other, the audit aside', () => {
    for (const draw of DRAWS) {
      const random = seededRandom(draw)
      const review = ranked(corpus(random), strategy, random).filter(one => !one.audit)
      const figures = review.map(one => one.case.slice(0, one.case.lastIndexOf('#')))
      const runs = figures.filter((figure, at) => figure !== figures[at - 1])
      expect(runs).toHaveLength(new Set(figures).size)
    }
  })

  it('says why in one line, for a head there is', () => {
    const random = seededRandom(7)
    for (const one of ranked(corpus(random), strategy, random)) {
      expect(one.why).toMatch(/^[^\n]{8,}$/)
      expect(HEADS).toContain(one.head)
    }
  })
})

describe('whatever the corpus, the second looks', () => {
  it('hold each case once a queue, none of validation or test, and none that is to be read blind', () => {
    for (const draw of DRAWS) {
      const random = seededRandom(draw)
      const scored = corpus(random)
      const toRead = ranked(scored, 'random', random)
      const queue = allQueues(toRead, secondLooks(scored, HEADS))
      const outside = new Set(scored.filter(one => one.case.side === 'train').map(one => one.case.state.id))
      const blind = new Set(toRead.filter(one => one.audit).map(one => one.case))
      for (const name of ['disagreement', 'labels']) {
        const cases = queue.filter(one => one.queue === name).map(one => one.case)
        expect(new Set(cases).size).toBe(cases.length)
        for (const id of cases) {
          expect(outside.has(id)).toBe(true)
          expect(blind.has(id)).toBe(false)
        }
      }
      expect(queue.map(one => one.rank)).toEqual(queue.map((_, at) => at + 1))
    }
  })
})
