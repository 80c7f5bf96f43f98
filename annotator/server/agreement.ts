import { setImmediate as nextTurn } from 'node:timers/promises'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { kappaByGroup } from '../../data/statistics/kappa-by-group.ts'
import { clopperPearson } from '../../data/statistics/proportion.ts'
import type { Reading } from './reading-book.ts'
import type { AgreementReply, HeadAgreement, SeenAgreement } from './replies.ts'

export type Agreement = Omit<AgreementReply, 'stale'>

/** What of a case agreement asks for. */
export interface ReadCase {
  /** Its patient: cases of one patient are drawn together. */
  group: string
  /** What the text says of each head, as a label would; null where it is silent or hedges. */
  text: readonly (string | null)[]
}

const SAMPLES = 1000
const SEED = 1

/**
 * How far readers agree, of first readings only: each person's first label of a case, which nobody else's could have
 * touched. Pairs by Cohen's kappa, all readers by Fleiss', each reader with themselves over the cases that came again;
 * and how far labels follow the text where it was seen, and where it was hidden.
 * @param readings that stand, in order.
 */
export async function agreement(
  readings: readonly Reading[],
  caseOf: (id: string) => ReadCase | undefined,
): Promise<Agreement> {
  const first = new Map<string, Map<string, Reading>>()
  const again = new Map<string, [Reading, Reading][]>()
  for (const reading of readings) {
    if (!caseOf(reading.case)) continue
    const own = first.get(reading.case) ?? new Map<string, Reading>()
    first.set(reading.case, own)
    const before = own.get(reading.who)
    if (!before) own.set(reading.who, reading)
    else if (reading.repeat) again.set(reading.who, [...(again.get(reading.who) ?? []), [before, reading]])
  }
  const shared = [...first].flatMap(([id, own]) => (own.size > 1 ? [{ group: caseOf(id)!.group, own }] : []))
  const people = [...new Set(shared.flatMap(({ own }) => [...own.keys()]))].sort()
  const groups = shared.map(each => each.group)
  const together = (who: readonly string[]) =>
    byHead(at => shared.map(({ own }) => who.map(each => own.get(each)?.said[at] ?? null)), groups)
  const pairs = people.flatMap((one, at) => people.slice(at + 1).map(other => [one, other] as const))
  const agreed: Agreement['pairs'] = []
  for (const [one, other] of pairs) {
    const cases = shared.filter(({ own }) => own.has(one) && own.has(other)).length
    if (cases > 0) agreed.push({ people: [one, other], cases, heads: await together([one, other]) })
  }
  const self: Agreement['self'] = []
  for (const [who, twice] of again) {
    const groupsOfTwice = twice.map(([before]) => caseOf(before.case)!.group)
    const said = (at: number) => twice.map(pair => pair.map(each => each.said[at] ?? null))
    self.push({ who, cases: twice.length, heads: await byHead(said, groupsOfTwice) })
  }
  return {
    cases: shared.length,
    pairs: agreed,
    // With two readers Fleiss' has nothing to add to Cohen's.
    all: people.length > 2 ? { people, heads: await together(people) } : null,
    self,
    anchoring: anchoring(
      [...first.values()].flatMap(own => [...own.values()]),
      caseOf,
    ),
  }
}

/** One head after the other: each is a bootstrap of some milliseconds, between which other requests get their turn. */
async function byHead(
  ratings: (at: number) => (string | null)[][],
  groups: readonly string[],
): Promise<Record<Head, HeadAgreement>> {
  const found: Partial<Record<Head, HeadAgreement>> = {}
  for (const [at, head] of HEADS.entries()) {
    await nextTurn()
    found[head] = kappaByGroup(ratings(at), groups, { samples: SAMPLES, seed: SEED })
  }
  return found as Record<Head, HeadAgreement>
}

/** How often a first reading says what the text says: seen against hidden. The difference is the anchor's pull. */
function anchoring(
  first: readonly Reading[],
  caseOf: (id: string) => ReadCase | undefined,
): AgreementReply['anchoring'] {
  const share = (blind: boolean, at: number): SeenAgreement => {
    let cases = 0
    let agreed = 0
    for (const reading of first) {
      const text = caseOf(reading.case)?.text[at] ?? null
      const said = reading.said[at] ?? null
      if (reading.blind !== blind || text === null || said === null) continue
      cases++
      if (text === said) agreed++
    }
    if (cases === 0) return { cases, agreed, share: null, low: null, high: null }
    return { cases, agreed, share: agreed / cases, ...clopperPearson(agreed, cases) }
  }
  return Object.fromEntries(
    HEADS.map((head, at) => [head, { shown: share(false, at), hidden: share(true, at) }]),
  ) as AgreementReply['anchoring']
}
