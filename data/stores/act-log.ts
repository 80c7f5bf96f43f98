import { existsSync, statSync } from 'node:fs'
import { decodeLine } from '../journal/line.ts'
import { type Replay, replay } from '../journal/replay.ts'
import type { Act } from '../records/act.ts'
import { LineFile } from './line-file.ts'
import { NumberColumn } from './number-column.ts'
import { OperationIndex } from './operation-index.ts'

/**
 * Where each act stands in the journal. Acts themselves stay on the disk and are read when they are asked for (some
 * microseconds out of the system's cache), so that a long journal costs little memory: some 40 bytes an act, and an entry
 * of a map for each case that has one.
 */
export class ActLog {
  readonly path: string
  /** By sequence number: where the act's line begins, and its length; 0: no such act. */
  private readonly offsets = new NumberColumn(Float64Array)
  private readonly lengths = new NumberColumn(Uint32Array)
  private readonly ops = new OperationIndex()
  /** By case: its last act; and by act: the one before it at the same case, 0: none. */
  private readonly cases = new Map<string, number>()
  private readonly before = new NumberColumn(Uint32Array)
  /** One string for each person, however many acts are read. */
  private readonly people = new Map<string, string>()
  private readonly lines: LineFile
  private inode: number | undefined
  private end = 0
  lastSeq = 0

  constructor(path: string) {
    this.path = path
    this.lines = new LineFile(path)
  }

  /** Takes in an act that stands at a place of the journal. */
  add(act: Act, offset: number, length: number): void {
    this.offsets.put(act.seq, offset)
    this.lengths.put(act.seq, length)
    this.ops.add(act.op, act.seq)
    const last = this.cases.get(act.case)
    if (last !== undefined) this.before.put(act.seq, last)
    this.cases.set(act.case, act.seq)
    this.lastSeq = act.seq
    this.end = offset + length + 1
  }

  /** The act that was written under an operation's id. */
  ofOp(op: string): Act | undefined {
    for (const seq of this.ops.candidates(op)) {
      const act = this.get(seq)
      if (act?.op === op) return act
    }
    return undefined
  }

  hasActs(caseId: string): boolean {
    return this.cases.has(caseId)
  }

  /** Sequence numbers of the acts made at a case, in order. */
  seqsOf(caseId: string): number[] {
    const seqs: number[] = []
    for (let seq = this.cases.get(caseId) ?? 0; seq > 0; seq = this.before.get(seq)) seqs.push(seq)
    return seqs.reverse()
  }

  /** Cases that have an act. */
  touched(): Iterable<string> {
    return this.cases.keys()
  }

  get(seq: number): Act | undefined {
    const length = this.lengths.get(seq)
    if (length === 0) return undefined
    const bytes = this.lines.line(this.offsets.get(seq), length, this.end)
    const record = decodeLine(bytes, 0, length)
    if (typeof record === 'string' || 'gap' in record) return undefined
    record.who = this.person(record.who)
    return record
  }

  /** The one string that stands for a person, for whoever keeps it. */
  person(who: string): string {
    const known = this.people.get(who)
    if (known === undefined) this.people.set(who, who)
    return known ?? who
  }

  /** The acts of some sequence numbers, in order. */
  all(seqs: Iterable<number>): Act[] {
    return [...new Set(seqs)]
      .sort((a, b) => a - b)
      .flatMap(seq => {
        const act = this.get(seq)
        return act ? [act] : []
      })
  }

  /**
   * Reads what another process appended since. A line that is being written just now is left for the next time.
   * @returns the new acts' cases; `undefined` where the journal is another one now (shorter, or replaced) and all must
   *   be read afresh; and what was found wrong.
   */
  follow(): { cases: Set<string> | undefined; found?: Replay } {
    if (!existsSync(this.path)) return { cases: this.lastSeq > 0 ? undefined : new Set() }
    const { size, ino } = statSync(this.path)
    // One byte less: the last line may have been seen just before its newline.
    if (size < this.end - 1 || (this.inode !== undefined && ino !== this.inode)) return { cases: undefined }
    this.inode = ino
    const cases = new Set<string>()
    if (size <= this.end) return { cases }
    const bytes = this.lines.line(this.end, size - this.end, this.end)
    const base = { base: this.end, lastSeq: this.lastSeq }
    const found = replay(
      bytes,
      (act, offset, length) => {
        this.add(act, offset, length)
        cases.add(act.case)
      },
      base,
    )
    this.lastSeq = found.lastSeq
    this.end = found.unterminated ? found.end + 1 : found.end
    return { cases, found }
  }

  close(): void {
    this.lines.close()
  }
}
