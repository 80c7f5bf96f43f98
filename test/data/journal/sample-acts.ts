import fc from 'fast-check'
import type { Act, ActPayload } from '../../../data/records/act.ts'
import {
  ASSERTIONS,
  CAUSES,
  FLAG_LABELS,
  HEADS,
  IMAGE_KINDS,
  LESION_LABELS,
  LESIONS,
} from '../../../data/records/vocabulary.ts'
import { CAPTION } from '../stores/sample.ts'

/** Numbers acts from 1 and dates them a minute apart. */
export function numbered(acts: { who?: string; case?: string; act: ActPayload }[]): Act[] {
  return acts.map(({ who = 'ann', case: at = 'doc-1#Figure 1#A', act }, i) => ({
    seq: i + 1,
    op: `operation-${i + 1}`,
    at: new Date(Date.UTC(2020, 4, 11, 9, i)).toISOString(),
    who,
    case: at,
    base: i,
    act,
  }))
}

const text = fc.string({ unit: 'binary', maxLength: 30 })
const panels = fc.array(fc.constantFrom('A', 'B', 'c', '1'), { maxLength: 3 })
const span = fc
  .tuple(fc.nat(CAPTION.length + 10), fc.nat(40))
  .map(([start, length]) => ({ start, end: start + length }))
const lesion = fc.constantFrom(...LESIONS)
const lesions = fc.record({
  GGO: fc.constantFrom(...LESION_LABELS),
  Csld: fc.constantFrom(...LESION_LABELS),
  CrPa: fc.constantFrom(...LESION_LABELS),
  AirBr: fc.constantFrom(...LESION_LABELS),
  InSepThi: fc.constantFrom(...LESION_LABELS),
})
const flag = fc.constantFrom(...FLAG_LABELS)
const share = fc.integer({ min: 0, max: 4 }).map(n => n / 4)

/** Any act a person may make; undos aim at any number up to 40. */
export const anyPayload = fc.oneof(
  fc.record({ kind: fc.constant('label' as const), flag, lesions }),
  fc.record({
    kind: fc.constant('label' as const),
    flag,
    lesions,
    notAssessable: fc.constantFrom('motion', 'not a CT'),
  }),
  fc.record({
    kind: fc.constant('reason' as const),
    head: fc.constantFrom(...HEADS),
    cause: fc.constantFrom(...CAUSES),
  }),
  fc.record({ kind: fc.constant('note' as const), text }),
  fc.record({ kind: fc.constant('discuss' as const), text, closed: fc.boolean() }),
  fc
    .record({ kind: fc.constant('re-pair' as const), panels })
    .chain(act => span.map(at => ({ ...act, ...at }))),
  fc
    .record({
      kind: fc.constant('mention' as const),
      lesion,
      assertion: fc.constantFrom(...ASSERTIONS),
      panels,
      denied: fc.boolean(),
    })
    .chain(act => span.map(at => ({ ...act, ...at }))),
  fc.record({
    kind: fc.constant('caption' as const),
    text: fc.oneof(text, fc.constant(`New. ${CAPTION}`), fc.constant(CAPTION.slice(10))),
  }),
  fc.record({ kind: fc.constant('kind' as const), image: fc.constantFrom(...IMAGE_KINDS) }),
  fc.record({
    kind: fc.constant('box' as const),
    lesion,
    x: share,
    y: share,
    width: share,
    height: share,
    removed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('assign' as const),
    to: fc.array(fc.constantFrom('ann', 'bob'), { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('adjudicate' as const), flag, lesions }),
  fc.record({
    kind: fc.constant('split-panels' as const),
    panels: fc.constant([{ label: 'A', box: [0, 0, 0.5, 1] as [number, number, number, number] }]),
  }),
  fc.record({ kind: fc.constant('undo' as const), seq: fc.integer({ min: 1, max: 40 }) }),
) as fc.Arbitrary<ActPayload>

/** Any history of the panels A, B and C of one figure by three people. */
export const anyHistory: fc.Arbitrary<Act[]> = fc
  .array(
    fc.record({
      who: fc.constantFrom('ann', 'bob', 'cyd'),
      case: fc.constantFrom('doc-1#Figure 1#A', 'doc-1#Figure 1#B', 'doc-1#Figure 1#C'),
      act: anyPayload,
    }),
    { maxLength: 40 },
  )
  .map(numbered)
