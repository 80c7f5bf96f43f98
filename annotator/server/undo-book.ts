import { FIGURE_WIDE } from '../../data/journal/reach.ts'
import { isWithin } from '../../data/journal/undo.ts'
import type { Act } from '../../data/records/act.ts'
import { NumberColumn } from '../../data/stores/number-column.ts'
import type { ActStore } from '../../data/stores/store.ts'

/** What is remembered of an act's kind: enough to know what stands. */
const KNOWN = 1
const UNDO = 2
const ASSIGN = 4
const WIDE = 8

/** A person's last act and last undo; the ones before hang on each. */
interface Person {
  who: string
  act: number
  undo: number
}

/**
 * Which acts stand and which are taken back, and per person what undo and redo would touch next: over everything since
 * the beginning of the project, not the last ten. Kept up by `take` after each act that was written.
 *
 * An undo takes back one act; an undo of an undo is the redo. A new act ends what could be redone. Kept in columns by
 * sequence number, some 20 bytes an act: this grows with the project.
 */
export class UndoBook {
  private readonly kinds = new NumberColumn(Uint8Array)
  /** Places in `people`. */
  private readonly whose = new NumberColumn(Uint16Array)
  /** The same strings that others have: a place each. */
  private readonly cases: string[] = []
  /** The same person's act (of an undo: undo) before. */
  private readonly before = new NumberColumn(Uint32Array)
  private readonly people: Person[] = []
  private readonly places = new Map<string, number>()
  /** By undo or restore: what it takes back. */
  private readonly targets = new Map<number, readonly number[]>()
  /** How many standing undos take an act back, where any does; also acts that are still to come in. */
  private readonly off = new Map<number, number>()
  /** Undos by person and operation id, so that a repeated request finds its own. */
  private readonly undoOps = new Map<string, number>()

  static async read(acts: ActStore): Promise<UndoBook> {
    const book = new UndoBook()
    for await (const act of acts.read()) book.take(act)
    return book
  }

  /** Takes in an act that was written; the same one again changes nothing. */
  take(act: Act): void {
    const { seq, who } = act
    if (this.kinds.get(seq) !== 0) return
    const { kind } = act.act
    const isUndo = kind === 'undo'
    this.kinds.put(
      seq,
      KNOWN | (isUndo ? UNDO : 0) | (kind === 'assign' ? ASSIGN : 0) | (FIGURE_WIDE.has(kind) ? WIDE : 0),
    )
    this.cases[seq] = act.case
    const place = this.places.get(who) ?? this.people.push({ who, act: 0, undo: 0 }) - 1
    this.places.set(who, place)
    this.whose.put(seq, place)
    this.hang(this.people[place]!, isUndo ? 'undo' : 'act', seq)
    if (act.act.kind === 'undo') this.targets.set(seq, [act.act.seq])
    if (act.act.kind === 'restore') this.targets.set(seq, this.since(act, act.act))
    if (this.stands(seq)) for (const each of this.targets.get(seq) ?? []) this.turn(each, 1)
    if (isUndo) this.undoOps.set(`${who}\0${act.op}`, seq)
  }

  stands(seq: number): boolean {
    return this.kinds.get(seq) !== 0 && !this.off.has(seq)
  }

  entry(seq: number): { seq: number; who: string; case: string } | undefined {
    if (this.kinds.get(seq) === 0) return undefined
    return { seq, who: this.people[this.whose.get(seq)]!.who, case: this.cases[seq]! }
  }

  /** Numbers of a person's acts but undos, in order, whether they stand or not. */
  actsOf(who: string): number[] {
    const found = [...this.backwards(who, 'act')]
    return found.reverse()
  }

  /** What an undo of this person under this operation id took back; null where there is none yet. */
  undoOf(who: string, op: string): { seq: number; case: string } | null {
    const undo = this.undoOps.get(`${who}\0${op}`)
    return undo === undefined ? null : { seq: this.targets.get(undo)![0]!, case: this.cases[undo]! }
  }

  /** The person's last act that stands; cases are handed out by the hundred, and handed out anew instead. */
  nextUndo(who: string): { seq: number; case: string } | null {
    for (const seq of this.backwards(who, 'act'))
      if (!this.off.has(seq) && !this.is(seq, ASSIGN)) return { seq, case: this.cases[seq]! }
    return null
  }

  /** The person's last undo that stands, unless a new act came after it: undoing it is the redo. */
  nextRedo(who: string): { seq: number; case: string } | null {
    const lastAct = this.backwards(who, 'act').next().value ?? 0
    for (const seq of this.backwards(who, 'undo')) {
      if (seq < lastAct) return null
      if (!this.off.has(seq) && !this.is(this.targets.get(seq)![0]!, UNDO))
        return { seq, case: this.cases[seq]! }
    }
    return null
  }

  private is(seq: number, what: number): boolean {
    return (this.kinds.get(seq) & what) !== 0
  }

  private *backwards(who: string, of: 'act' | 'undo'): Generator<number, undefined> {
    const place = this.places.get(who)
    if (place === undefined) return
    for (let seq = this.people[place]![of]; seq > 0; seq = this.before.get(seq)) yield seq
  }

  /** Acts come nearly in order: the place is at the end or close to it. */
  private hang(person: Person, of: 'act' | 'undo', seq: number): void {
    let after = 0
    let before = person[of]
    while (before > seq) {
      after = before
      before = this.before.get(before)
    }
    this.before.put(seq, before)
    if (after === 0) person[of] = seq
    else this.before.put(after, seq)
  }

  /** What a restore takes back: see data/journal/undo.ts. */
  private since(restore: Act, to: { seq: number; everyone?: boolean | undefined }): number[] {
    const found: number[] = []
    for (let seq = to.seq + 1; seq < restore.seq; seq++) {
      if (this.cases[seq] !== restore.case || this.isFigureWide(seq)) continue
      const entry = this.entry(seq)
      if (entry && isWithin(restore, to, entry)) found.push(seq)
    }
    return found
  }

  private isFigureWide(seq: number): boolean {
    let now = seq
    while (this.is(now, UNDO)) now = this.targets.get(now)![0]!
    return this.is(now, WIDE)
  }

  /** An act is taken back once more or less; where that turns an undo off or on, what it took back turns over too. */
  private turn(seq: number, by: 1 | -1): void {
    const before = this.off.get(seq) ?? 0
    const now = Math.max(0, before + by)
    if (now > 0) this.off.set(seq, now)
    else this.off.delete(seq)
    if (this.kinds.get(seq) === 0 || (before === 0) === (now === 0)) return
    for (const each of this.targets.get(seq) ?? []) this.turn(each, now === 0 ? 1 : -1)
  }
}
