import { FIGURE_WIDE } from '../../data/journal/reach.ts'
import { isWithin } from '../../data/journal/undo.ts'
import type { Act, ActKind } from '../../data/records/act.ts'
import type { ActStore } from '../../data/stores/store.ts'

/** What is remembered of an act: enough to know what stands and whose it is. */
interface Entry {
  seq: number
  who: string
  case: string
  kind: ActKind
  /** For an undo: the act it takes back. */
  target: number | null
  /** For a restore: all that it takes back. */
  targets?: number[]
  /** How many standing undos take it back; it stands at 0. */
  off: number
}

/**
 * Which acts stand and which are taken back, and per person what undo and redo would touch next: over everything since
 * the beginning of the project, not the last ten. Kept up by `take` after each act that was written.
 *
 * An undo takes back one act; an undo of an undo is the redo. A new act ends what could be redone.
 */
export class UndoBook {
  private readonly entries = new Map<number, Entry>()
  private readonly byPerson = new Map<string, { acts: Entry[]; undos: Entry[] }>()
  /** Undos by person and operation id, so that a repeated request finds its own. */
  private readonly undoOps = new Map<string, Entry>()
  /** Undos that came in before the act they take back. */
  private readonly early = new Map<number, number>()

  static async read(acts: ActStore): Promise<UndoBook> {
    const book = new UndoBook()
    for await (const act of acts.read()) book.take(act)
    return book
  }

  /** Takes in an act that was written; the same one again changes nothing. */
  take(act: Act): void {
    if (this.entries.has(act.seq)) return
    const target = act.act.kind === 'undo' ? act.act.seq : null
    const entry: Entry = {
      seq: act.seq,
      who: act.who,
      case: act.case,
      kind: act.act.kind,
      target,
      off: this.early.get(act.seq) ?? 0,
    }
    this.early.delete(act.seq)
    this.entries.set(act.seq, entry)
    if (act.act.kind === 'restore') entry.targets = this.since(act, act.act)
    let own = this.byPerson.get(act.who)
    if (!own) {
      own = { acts: [], undos: [] }
      this.byPerson.set(act.who, own)
    }
    insert(target === null ? own.acts : own.undos, entry)
    if (entry.targets && entry.off === 0) for (const each of entry.targets) this.turn(each, +1)
    if (target === null) return
    this.undoOps.set(`${act.who}\0${act.op}`, entry)
    if (entry.off === 0) this.turn(target, +1)
  }

  stands(seq: number): boolean {
    return this.entries.get(seq)?.off === 0
  }

  entry(seq: number): Readonly<Entry> | undefined {
    return this.entries.get(seq)
  }

  /** What an undo of this person under this operation id took back; null where there is none yet. */
  undoOf(who: string, op: string): { seq: number; case: string } | null {
    const undo = this.undoOps.get(`${who}\0${op}`)
    return undo?.target == null ? null : { seq: undo.target, case: undo.case }
  }

  /** The person's last act that stands; cases are handed out by the hundred, and handed out anew instead. */
  nextUndo(who: string): { seq: number; case: string } | null {
    return place(this.byPerson.get(who)?.acts.findLast(act => act.off === 0 && act.kind !== 'assign'))
  }

  /** The person's last undo that stands, unless a new act came after it: undoing it is the redo. */
  nextRedo(who: string): { seq: number; case: string } | null {
    const own = this.byPerson.get(who)
    const undo = own?.undos.findLast(each => each.off === 0 && !this.isUndo(each.target))
    const lastAct = own?.acts.at(-1)?.seq ?? 0
    return place(undo && undo.seq > lastAct ? undo : undefined)
  }

  /** What a restore takes back: see data/journal/undo.ts. */
  private since(restore: Act, to: { seq: number; everyone?: boolean | undefined }): number[] {
    const found: number[] = []
    for (const entry of this.entries.values())
      if (isWithin(restore, to, entry) && !this.isFigureWide(entry)) found.push(entry.seq)
    return found
  }

  private isFigureWide(entry: Entry): boolean {
    let now: Entry | undefined = entry
    while (now && now.target !== null) now = this.entries.get(now.target)
    return now !== undefined && FIGURE_WIDE.has(now.kind)
  }

  private isUndo(seq: number | null): boolean {
    return seq !== null && this.entries.get(seq)?.target != null
  }

  /** An act is taken back once more or less; where that turns an undo off or on, what it took back turns over too. */
  private turn(seq: number, by: 1 | -1): void {
    const entry = this.entries.get(seq)
    if (!entry) {
      this.early.set(seq, Math.max(0, (this.early.get(seq) ?? 0) + by))
      return
    }
    const stood = entry.off === 0
    entry.off += by
    const stands = entry.off === 0
    if (stood === stands) return
    for (const each of entry.targets ?? (entry.target === null ? [] : [entry.target]))
      this.turn(each, stands ? 1 : -1)
  }
}

function place(entry: Entry | undefined): { seq: number; case: string } | null {
  return entry ? { seq: entry.seq, case: entry.case } : null
}

/** Acts come nearly in order: the place is at the end or close to it. */
function insert(list: Entry[], entry: Entry): void {
  let at = list.length
  while (at > 0 && list[at - 1]!.seq > entry.seq) at--
  list.splice(at, 0, entry)
}
