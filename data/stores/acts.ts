import { LesionloopError } from '../errors.ts'
import type { Journal, Unwritten } from '../journal/append.ts'
import { figureOfId, isFigureWide, reaching } from '../journal/reach.ts'
import { type Act, type ActDraft, actDraft } from '../records/act.ts'
import type { CaseState } from '../records/case.ts'
import { checked } from '../workspace/files.ts'
import type { ActLog } from './act-log.ts'
import { conflict, sameAct, unknownCase, validate } from './act-rules.ts'
import type { CaseEntry } from './case-entry.ts'
import type { CaseTable } from './read-cases.ts'
import type { ActStore } from './store.ts'

/** Acts over the journal. What waits for the disk already counts as the case's next version, so that two can't both be first. */
export function actStore(of: {
  acts: ActLog
  table: CaseTable
  journal: Journal | undefined
  /** Called after each act that is written. */
  changed: () => void
}): ActStore {
  const { acts, table, journal } = of
  /** Acts on their way to the disk: by operation, and by each case they reach. */
  const byOp = new Map<string, { who: string; draft: ActDraft; done: Promise<Act> }>()
  const onTheWay = new Map<string, Set<Promise<Act>>>()

  const entryOf = (id: string): CaseEntry => {
    const entry = table.index.cases.get(id)
    if (entry) return entry
    throw unknownCase(id)
  }
  /** The acts that reach a case. */
  const actsAt = (entry: CaseEntry): Act[] =>
    reaching(table.mined(entry), acts.all(table.seqsOf(entry.figure)))

  async function append(who: string, given: ActDraft): Promise<{ act: Act; state: CaseState }> {
    if (!journal)
      throw new LesionloopError(
        'store-read-only',
        'labels: this store was opened for reading; open it for writing labels',
      )
    const draft = checked(actDraft, given, 'act', 'nothing was saved', 'act-invalid')
    if (!who) throw new LesionloopError('act-invalid', 'act: who: empty; log in first')

    const earlier = acts.ofOp(draft.op)
    if (earlier) return answer(sameAct(who, draft, earlier))
    const writing = byOp.get(draft.op)
    if (writing) {
      sameAct(who, draft, { ...writing.draft, who: writing.who })
      return answer(await writing.done)
    }

    const entry = entryOf(draft.case)
    const waiting = onTheWay.get(entry.id)
    if (draft.base !== entry.version + (waiting?.size ?? 0)) {
      await Promise.allSettled(waiting ?? [])
      throw conflict(draft, table.state(entry), actsAt(entry).slice(draft.base))
    }
    // Spans and undos are judged by the case as it will stand when this act comes to lie over it.
    if (waiting?.size && needsState(draft)) {
      await Promise.allSettled(waiting)
      return append(who, given)
    }
    validate(draft, { acts: () => actsAt(entry), state: () => table.state(entry) })

    const { op, base, act } = draft
    const done = write({ op, who: acts.person(who), case: entry.id, base, act }, reach(draft, entry))
    byOp.set(draft.op, { who, draft, done })
    try {
      return answer(await done)
    } finally {
      byOp.delete(draft.op)
    }
  }

  const needsState = ({ act }: ActDraft) =>
    act.kind === 'undo' || act.kind === 're-pair' || act.kind === 'mention'

  /** The cases a draft will reach. */
  function reach(draft: ActDraft, entry: CaseEntry): string[] {
    const asAct: Act = { ...draft, seq: acts.lastSeq + 1, at: '', who: '' }
    const isWide = isFigureWide(asAct, seq => acts.get(seq))
    if (!isWide || figureOfId(entry.id) !== entry.figure.key) return [entry.id]
    return entry.figure.cases.map(one => one.id)
  }

  /** Once it is on the disk, the act counts and stops waiting in one and the same moment. */
  function write(unwritten: Unwritten, reached: string[]): Promise<Act> {
    const settle = () => {
      for (const id of reached) {
        const set = onTheWay.get(id)
        set?.delete(done)
        if (set?.size === 0) onTheWay.delete(id)
      }
    }
    const done: Promise<Act> = journal!.append(unwritten).then(
      ({ act, offset, length }) => {
        acts.add(act, offset, length)
        settle()
        const entry = table.index.cases.get(act.case)
        if (entry) table.renew(entry.figure)
        of.changed()
        return act
      },
      error => {
        settle()
        throw error
      },
    )
    for (const id of reached) onTheWay.set(id, (onTheWay.get(id) ?? new Set()).add(done))
    return done
  }

  const answer = (act: Act) => ({ act, state: table.state(entryOf(act.case)) })

  return {
    append,
    async *read(fromSeq = 1) {
      for (let seq = fromSeq; seq <= acts.lastSeq; seq++) {
        const act = acts.get(seq)
        if (!act) continue
        // Whoever keeps the id keeps the index's own, not a second one.
        act.case = table.index.cases.get(act.case)?.id ?? act.case
        yield act
      }
    },
    async ofCase(id) {
      const entry = table.index.cases.get(id)
      return entry ? actsAt(entry) : acts.all(acts.seqsOf(id))
    },
    lastSeq: async () => acts.lastSeq,
  }
}
