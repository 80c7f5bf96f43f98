import { LesionloopError } from '../../data/errors.ts'
import { seededRandom } from '../../data/statistics/random.ts'

export interface AssignmentPlan {
  /** Account ids of the readers. */
  people: readonly string[]
  /** Share of the cases that several people read, each apart from the others (0…1). */
  overlap: number
  /** How many read a case of the overlap; at least 2. */
  readers: number
  seed: number
}

/**
 * Who reads which case. The overlap is drawn by the seed; all get as many readings as each other, give or take one,
 * and who reads together changes from case to case, so that every pair meets.
 * @returns readers by case, in the cases' order.
 * @throws LesionloopError `assignment-invalid` where there are fewer people than a case needs.
 */
export function planAssignment(cases: readonly string[], plan: AssignmentPlan): Map<string, string[]> {
  const people = [...new Set(plan.people)]
  const needed = plan.overlap > 0 ? plan.readers : 1
  if (people.length < needed)
    throw new LesionloopError(
      'assignment-invalid',
      `assignment: ${people.length} ${people.length === 1 ? 'person' : 'people'}: expected ${needed} or more; choose more readers, or no overlap`,
    )
  const random = seededRandom(plan.seed)
  const twice = new Set(random.sample(cases, Math.round(cases.length * plan.overlap)))
  const load = new Map(people.map(each => [each, 0]))
  return new Map(
    cases.map(id => {
      // Those with the least so far, in chance's order where they are level.
      const order = random.shuffle(people).sort((a, b) => load.get(a)! - load.get(b)!)
      const chosen = order.slice(0, twice.has(id) ? plan.readers : 1)
      for (const each of chosen) load.set(each, load.get(each)! + 1)
      return [id, people.filter(each => chosen.includes(each))]
    }),
  )
}
