import { HEADS, type Head, LESIONS } from '../../data/records/vocabulary.ts'
import type { Scored } from '../cycle/predict.ts'
import { type Mistake, shownCase } from './report-data.ts'

/** Mistakes shown of each kind: of the flag, and of all lesions together. */
const FLAG_MISTAKES = 6
const LESION_MISTAKES = 3

const score = (one: Scored, head: Head) => one.probabilities[HEADS.indexOf(head)]!
const truth = (one: Scored, head: Head) => one.case.truth[HEADS.indexOf(head)]!

/** In falling order of what `by` gives; equal ones by their ids. */
const sorted = <T extends { one: Scored }>(list: readonly T[], by: (of: T) => number): T[] =>
  list.toSorted((a, b) => by(b) - by(a) || (a.one.case.state.id < b.one.case.state.id ? -1 : 1))

/**
 * A page of cases for heat maps, each with why it is here: of every head the surest positive, the surest control, and
 * the gravest mistakes of the flag. None twice.
 */
export function mappedCases(
  scored: readonly Scored[],
  learned: readonly Head[],
): { one: Scored; why: string }[] {
  const all = scored.map(one => ({ one }))
  const found: { one: Scored; why: string }[] = []
  const add = (why: string, list: readonly { one: Scored }[], count: number) => {
    const fresh = list.filter(({ one }) => !found.some(other => other.one === one))
    for (const { one } of fresh.slice(0, count)) found.push({ one, why })
  }
  const known = (head: Head, value: 0 | 1) => all.filter(({ one }) => truth(one, head).value === value)
  const by = (head: Head, sign: 1 | -1) => (of: { one: Scored }) => sign * score(of.one, head)
  if (learned.includes('flag')) add('surest COVID', sorted(known('flag', 1), by('flag', 1)), 2)
  for (const lesion of LESIONS)
    if (learned.includes(lesion))
      add(
        `surest ${lesion}`,
        sorted(
          known(lesion, 1).filter(({ one }) => truth(one, 'flag').value === 1),
          by(lesion, 1),
        ),
        1,
      )
  if (learned.includes('flag')) {
    add('surest control', sorted(known('flag', 0), by('flag', -1)), 1)
    add('COVID least suspected', sorted(known('flag', 1), by('flag', -1)), 1)
    add('control most like COVID', sorted(known('flag', 0), by('flag', 1)), 1)
  }
  return found
}

/**
 * The gravest mistakes at the operating points: probability furthest on the wrong side. Of the lesions only COVID
 * cases, where they are learned.
 */
export function gravestMistakes(
  scored: readonly Scored[],
  thresholds: Partial<Record<Head, number | null>>,
): Mistake[] {
  const wrong = HEADS.flatMap(head => {
    const threshold = thresholds[head]
    if (threshold === null || threshold === undefined) return []
    return scored.flatMap(one => {
      const { value, source } = truth(one, head)
      if (value === null || (head !== 'flag' && truth(one, 'flag').value !== 1)) return []
      const called = score(one, head) >= threshold ? 1 : 0
      if (called === value) return []
      const kind: Mistake['kind'] = value === 1 ? 'missed' : 'called wrongly'
      // Odds against the truth, over those of the operating point: heads differ in how sure they ever are.
      const gap = Math.abs(logOdds(score(one, head)) - logOdds(threshold))
      return [{ one, head, kind, source, gap }]
    })
  })
  const take = (ofFlag: boolean, kind: Mistake['kind'], count: number) =>
    sorted(
      wrong.filter(mistake => (mistake.head === 'flag') === ofFlag && mistake.kind === kind),
      mistake => mistake.gap,
    ).slice(0, count)
  return [
    ...take(true, 'missed', FLAG_MISTAKES),
    ...take(true, 'called wrongly', FLAG_MISTAKES),
    ...take(false, 'missed', LESION_MISTAKES),
    ...take(false, 'called wrongly', LESION_MISTAKES),
  ].map(({ one, head, kind, source }) => ({ ...shownCase(one), head, kind, source }))
}

const logOdds = (p: number) => Math.log(Math.max(p, 1e-9) / Math.max(1 - p, 1e-9))
