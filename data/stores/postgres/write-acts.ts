import { foldCase } from '../../journal/fold.ts'
import { figureOfId, reaching } from '../../journal/reach.ts'
import type { Act, ActDraft } from '../../records/act.ts'
import type { CaseState, MinedCase } from '../../records/case.ts'
import { conflict, sameAct, unknownCase, validate } from '../act-rules.ts'
import {
  ACT_COLUMNS,
  type ActRow,
  actOf,
  actsByFigure,
  CASE_COLUMNS,
  type CaseRow,
  plain,
  updateFacts,
} from './case-rows.ts'
import type { Ask, Database } from './connection.ts'
import { lockCases, lockFigures } from './locks.ts'
import { moved } from './moved.ts'
import { channelOf, type Notice } from './notices.ts'

/** An act that somebody wants written. */
export interface Wanted {
  who: string
  draft: ActDraft
}

/** What became of it: written (or there already), refused, or to be asked again in the next transaction. */
export type Outcome = { act: Act; state: CaseState; written: boolean } | { error: unknown } | { later: true }

/** Numbers of acts that have none yet: above all there are. */
const UNNUMBERED = 2 ** 52

interface Place {
  figure: string
  mined: MinedCase
}

/**
 * Writes acts in one transaction, each judged by the cases as the ones before it leave them. What is refused spoils
 * nothing of the others. The figures are locked first, so that nobody judges by what is about to change; the numbers
 * are taken last (see the row in 001-begin.sql), so that they become visible in order.
 * @returns what became of each, in their order.
 */
export async function writeActs(
  database: Database,
  workspace: number,
  wanted: readonly Wanted[],
  of: { me: string; now: () => Date },
): Promise<Outcome[]> {
  const decided = await database.inTransaction(async ask => {
    await lockCases(ask, workspace, 'shared')
    const figures = await figuresOf(ask, workspace, wanted)
    await lockFigures(ask, workspace, figures)
    // One connection asks one thing after the other.
    const places = await placesOf(ask, workspace, figures)
    const acts = await actsByFigure(ask, workspace, figures)
    const known = await knownOperations(ask, workspace, wanted)
    const batch = new Batch(places, acts, known)
    const steps = wanted.map(one => batch.take(one))
    await updateFacts(ask, workspace, batch.changed())
    const fresh = await number(ask, workspace, batch.fresh, of)
    batch.renumber(fresh)
    return { batch, steps }
  })
  return decided.steps.map(step => step(decided.batch))
}

/** Figures of the wanted acts' cases, and of newer versions that these acts reach too. */
async function figuresOf(ask: Ask, workspace: number, wanted: readonly Wanted[]): Promise<string[]> {
  const ids = [...new Set(wanted.map(({ draft }) => plain(draft.case)))]
  const rows = await ask<{ figure: string }>(
    `with own as (
       select distinct figure from lesionloop.cases where workspace = $1 and id = any($2)
     )
     select figure from own
     union
     select heir.figure from lesionloop.cases heir
     where heir.workspace = $1 and heir.supersedes is not null and heir.supersedes && array(
       select c.id::text from lesionloop.cases c where c.workspace = $1 and c.figure in (select figure from own)
     )`,
    [workspace, ids],
  )
  return rows.map(({ figure }) => figure)
}

async function placesOf(ask: Ask, workspace: number, figures: readonly string[]): Promise<Place[]> {
  return await ask<CaseRow>(
    `select ${CASE_COLUMNS} from lesionloop.cases c where c.workspace = $1 and c.figure = any($2)`,
    [workspace, figures],
  )
}

async function knownOperations(
  ask: Ask,
  workspace: number,
  wanted: readonly Wanted[],
): Promise<Map<string, Act>> {
  const rows = await ask<ActRow>(
    `select ${ACT_COLUMNS} from lesionloop.acts a where a.workspace = $1 and a.op = any($2)`,
    [workspace, wanted.map(({ draft }) => draft.op)],
  )
  return new Map(rows.map(row => [row.op, actOf(row)]))
}

/** Gives the acts their numbers and time, writes them, and tells the others. */
async function number(
  ask: Ask,
  workspace: number,
  acts: readonly Act[],
  of: { me: string; now: () => Date },
): Promise<Act[]> {
  if (acts.length === 0) return []
  const notice: Notice = { by: of.me, what: 'acts' }
  // The clock of a server may be behind another's: the times of the acts never go back.
  const rows = await ask<{ seq: number; at: string }>(
    `with taken as (
       update lesionloop.workspaces set last_seq = last_seq + $2, last_at = greatest(last_at, $3)
       where id = $1 and moved_at is null returning last_seq - $2 as before, last_at as at
     ), written as (
       insert into lesionloop.acts (workspace, seq, at, op, who, case_id, figure, base, act)
       select $1, taken.before + given.n, taken.at, op, who, case_id, figure, base, act::json
       from taken, unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[])
         with ordinality as given (op, who, case_id, figure, base, act, n)
       returning seq, at
     ), told as (select pg_notify($10, $11) from taken)
     select seq, at from written, told order by seq`,
    [
      workspace,
      acts.length,
      of.now().toISOString(),
      acts.map(act => act.op),
      acts.map(act => act.who),
      acts.map(act => plain(act.case)),
      acts.map(act => plain(figureOfId(act.case))),
      acts.map(act => act.base),
      acts.map(({ act }) => JSON.stringify(act)),
      channelOf(workspace),
      JSON.stringify(notice),
    ],
  )
  if (rows.length !== acts.length) throw moved()
  return rows.map((row, i) => ({ ...acts[i]!, seq: row.seq, at: row.at }))
}

/** The cases of some figures and the acts on them, while acts are laid over them one after the other. */
class Batch {
  /** Acts to be written, in order. */
  fresh: Act[] = []
  /** Figures on which an act waits for the next transaction: those after it wait too. */
  private readonly waiting = new Set<string>()
  private readonly byId = new Map<string, Place>()
  private readonly byFigure = new Map<string, Place[]>()
  private readonly acts: Map<string, Act[]>
  private readonly known: Map<string, Act>

  constructor(places: readonly Place[], acts: Map<string, Act[]>, known: Map<string, Act>) {
    this.acts = acts
    this.known = known
    for (const place of places) {
      this.byId.set(place.mined.id, place)
      const own = this.byFigure.get(place.figure)
      if (own) own.push(place)
      else this.byFigure.set(place.figure, [place])
    }
  }

  /**
   * Judges an act and lays it over its figure.
   * @returns gives the outcome once all are written and numbered: no refusal tells of what was not.
   */
  take({ who, draft }: Wanted): (now: Batch) => Outcome {
    const refused =
      (why: (now: Batch) => unknown) =>
      (now: Batch): Outcome => ({ error: why(now) })
    try {
      const earlier = this.known.get(draft.op) ?? this.fresh.find(act => act.op === draft.op)
      if (earlier) {
        sameAct(who, draft, earlier)
        return now => now.answer(now.numbered(earlier), false)
      }
      const place = this.byId.get(draft.case)
      if (!place) throw unknownCase(draft.case)
      if (this.waiting.has(place.figure)) return () => ({ later: true })
      const own = this.reaching(place)
      if (draft.base !== own.length)
        return refused(now => conflict(draft, now.state(place), now.reaching(place).slice(draft.base)))
      // An undo names its act by the number, which those of this transaction have not got yet.
      if (draft.act.kind === 'undo' && own.some(act => act.seq >= UNNUMBERED)) {
        this.waiting.add(place.figure)
        return () => ({ later: true })
      }
      validate(draft, { acts: () => own, state: () => this.state(place) })
      const { op, case: id, base, act } = draft
      const fresh: Act = { seq: UNNUMBERED + this.fresh.length, op, at: '', who, case: id, base, act }
      this.fresh.push(fresh)
      this.lay(place, fresh)
      return now => now.answer(now.numbered(fresh), true)
    } catch (error) {
      return refused(() => error)
    }
  }

  /** Cases that the fresh acts may have changed, as they stand now. */
  changed(): CaseState[] {
    const figures = new Set<string>()
    for (const [figure, acts] of this.acts) if (acts.some(act => act.seq >= UNNUMBERED)) figures.add(figure)
    return [...figures].flatMap(figure => this.byFigure.get(figure) ?? []).map(place => this.state(place))
  }

  /** Puts the acts as they were written in the place of the fresh ones. */
  renumber(written: readonly Act[]): void {
    const real = (act: Act) => (act.seq >= UNNUMBERED ? written[act.seq - UNNUMBERED]! : act)
    for (const [figure, acts] of this.acts) this.acts.set(figure, acts.map(real))
    this.fresh = [...written]
  }

  private lay(place: Place, act: Act): void {
    for (const [figure, places] of this.byFigure) {
      const isHeir = places.some(each => each.mined.supersedes?.includes(act.case))
      if (figure === place.figure || isHeir) this.acts.set(figure, [...(this.acts.get(figure) ?? []), act])
    }
  }

  private numbered(act: Act): Act {
    return act.seq >= UNNUMBERED ? this.fresh[act.seq - UNNUMBERED]! : act
  }

  private reaching(place: Place): Act[] {
    return reaching(place.mined, this.acts.get(place.figure) ?? [])
  }

  private state(place: Place): CaseState {
    return foldCase(place.mined, this.acts.get(place.figure) ?? [])
  }

  private answer(act: Act, written: boolean): Outcome {
    const place = this.byId.get(act.case)
    return place ? { act, state: this.state(place), written } : { error: unknownCase(act.case) }
  }
}
