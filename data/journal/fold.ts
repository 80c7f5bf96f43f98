import type { Act, ActPayload } from '../records/act.ts'
import type { CaseState, Label, MinedCase, MinedLabel, PersonLabel } from '../records/case.ts'
import type { Mention } from '../records/mining.ts'
import { findingFor, minedLabelFor, type ShownPanel } from '../records/panel-findings.ts'
import { type Cause, type Head, LESIONS, perLesion } from '../records/vocabulary.ts'
import { layoutOf, readingsOf } from './amendments.ts'
import { type Caption, editCaption } from './caption-edits.ts'
import { reaching } from './reach.ts'
import { flagOf, truthOf } from './truth.ts'
import { standing } from './undo.ts'

/**
 * The case as it stands: what was mined and every act that reaches it, laid over it in order. Pure, and the only place
 * where this is decided.
 *
 * - The last `label` of a person counts. Its `causes` are that person's reasons; a later label drops the reasons of the
 *   heads it changes. Boxes are kept beside the person's label (and wait for it where they come first).
 * - `caption`, `re-pair` and `mention` change the mentions, and with them what is mined for the lesions whose mentions
 *   changed; the others keep what the miner said. What the miner finds in a corrected caption takes the old mentions'
 *   place once it is there (amendments.ts).
 * - `split-panels` decides which cases of the figure stand, once the pictures are cut.
 *
 * @param acts acts in order of sequence; those that don't reach the case (see reach.ts) are left out.
 */
export function foldCase(mined: MinedCase, acts: readonly Act[]): CaseState {
  const own = reaching(mined, acts)
  if (own.length === 0 && mined.drawn === undefined) return untouched(mined)
  const people = new Map<string, Person>()
  let caption: Caption = { text: mined.caption, mentions: mined.mentions, skipped: mined.skipped }
  let { kind } = mined
  let adjudicated: PersonLabel | undefined
  let discuss: CaseState['discuss']
  let assigned: string[] = []
  let panels: CaseState['panels']
  const notes: CaseState['notes'] = []
  const readings = readingsOf(mined)
  const drawings: NonNullable<CaseState['panels']>[] = []

  for (const act of standing(own)) {
    const { act: payload, who, at, seq } = act
    switch (payload.kind) {
      case 'restore':
        break
      case 'label':
        if (payload.repeat && person(people, who).label) break
        relabel(person(people, who), { ...labelOf(payload), who, at, seq, causes: [], boxes: [] })
        break
      case 'reason':
        person(people, who).causes.set(payload.head, payload.cause)
        break
      case 'box': {
        const { lesion, x, y, width, height } = payload
        const box = { lesion, x, y, width, height }
        const kept = person(people, who).boxes.filter(other => !sameBox(other, box))
        person(people, who).boxes = payload.removed ? kept : [...kept, box]
        break
      }
      case 'adjudicate':
        adjudicated = { ...labelOf(payload), who, at, seq, causes: [], boxes: [] }
        break
      case 'note':
        notes.push({ who, at, text: payload.text, seq })
        break
      case 'discuss':
        discuss = payload.closed
          ? undefined
          : { who, at, text: payload.text, ...(payload.with === undefined ? {} : { with: payload.with }) }
        break
      case 'assign':
        assigned = payload.to
        break
      case 'kind':
        kind = { kind: payload.image, score: 1 }
        break
      case 'split-panels':
        panels = payload.panels.length > 0 ? payload.panels : undefined
        drawings.push(payload.panels)
        break
      default:
        caption = editCaption(caption, act, readings)
    }
  }

  const labels = labelsOf(people)
  const layout = layoutOf(mined, drawings)
  const panel = layout.here?.panel ?? null
  const reading = caption.text === mined.caption ? undefined : readings(caption.text)
  const nowMined = reMined(
    {
      mentions: reading?.mentions ?? mined.mentions,
      mined: reading ? minedLabelFor(reading, layout.shown) : (layout.here?.mined ?? mined.mined),
    },
    caption.mentions,
    layout.shown,
  )
  const { readings: _readings, layouts: _layouts, ...asMined } = mined
  return {
    ...asMined,
    ...(layout.here ? { panel, order: layout.here.order } : {}),
    kind,
    caption: caption.text,
    mentions: caption.mentions,
    skipped: caption.skipped,
    mined: nowMined,
    version: own.length,
    labels,
    ...(adjudicated ? { adjudicated } : {}),
    notes,
    ...(discuss ? { discuss } : {}),
    assigned,
    ...(panels ? { panels } : {}),
    ...(layout.stands && mined.supersededBy === undefined ? {} : { retired: true as const }),
    ...(caption.text === mined.caption ? {} : { minedCaption: mined.caption }),
    ...(layout.isCut && (caption.text === mined.caption || reading) ? {} : { amending: true as const }),
    truth: truthOf({
      mined: nowMined,
      labels,
      ...(mined.published ? { published: mined.published } : {}),
      ...(adjudicated ? { adjudicated } : {}),
    }),
    edited:
      caption.text !== mined.caption ||
      kind.kind !== mined.kind.kind ||
      (caption.mentions !== mined.mentions && said(caption.mentions) !== said(mined.mentions)),
  }
}

/** What the fold comes to without any act, the shorter way: most cases of a large workspace are like this. */
function untouched(mined: MinedCase): CaseState {
  const state: CaseState = {
    ...mined,
    version: 0,
    labels: [],
    notes: [],
    assigned: [],
    truth: truthOf({
      mined: mined.mined,
      labels: [],
      ...(mined.published ? { published: mined.published } : {}),
    }),
    edited: false,
  }
  if (state.readings) delete state.readings
  if (state.layouts) delete state.layouts
  if (mined.supersededBy !== undefined) state.retired = true
  return state
}

interface Person {
  label?: PersonLabel
  causes: Map<Head, Cause>
  boxes: PersonLabel['boxes']
}

function person(people: Map<string, Person>, who: string): Person {
  let one = people.get(who)
  if (!one) {
    one = { causes: new Map(), boxes: [] }
    people.set(who, one)
  }
  return one
}

function labelOf(payload: Extract<ActPayload, { kind: 'label' | 'adjudicate' }>): Label {
  const { flag, lesions, notAssessable } = payload
  return { flag, lesions, ...(notAssessable === undefined ? {} : { notAssessable }) }
}

function relabel(one: Person, label: PersonLabel): void {
  if (one.label)
    for (const head of [...one.causes.keys()])
      if (sayOf(one.label, head) !== sayOf(label, head)) one.causes.delete(head)
  one.label = label
}

const sayOf = (label: Label, head: Head) => (head === 'flag' ? flagOf(label) : label.lesions[head])

/** The people's labels in the order in which they were given. */
function labelsOf(people: Map<string, Person>): PersonLabel[] {
  const labels: PersonLabel[] = []
  for (const { label, causes, boxes } of people.values())
    if (label) labels.push({ ...label, causes: [...causes].map(([head, cause]) => ({ head, cause })), boxes })
  return labels.sort((a, b) => a.seq - b.seq)
}

type Box = PersonLabel['boxes'][number]
const sameBox = (a: Box, b: Box) =>
  a.lesion === b.lesion &&
  (['x', 'y', 'width', 'height'] as const).every(side => Math.abs(a[side] - b[side]) < 1e-6)

/** What counts of mentions for the findings: not where they stand. */
const said = (mentions: readonly Mention[]) =>
  JSON.stringify(mentions.map(({ lesion, assertion, panels, text }) => [lesion, assertion, panels, text]))

function reMined(
  base: { mentions: Mention[]; mined: MinedLabel },
  mentions: Mention[],
  panel: ShownPanel,
): MinedLabel {
  if (mentions === base.mentions) return base.mined
  const of = (all: readonly Mention[], lesion: string) =>
    said(all.filter(mention => mention.lesion === lesion))
  const changed = new Set(LESIONS.filter(lesion => of(mentions, lesion) !== of(base.mentions, lesion)))
  return {
    ...base.mined,
    findings: perLesion(lesion =>
      changed.has(lesion) ? findingFor(mentions, lesion, panel) : base.mined.findings[lesion],
    ),
  }
}
