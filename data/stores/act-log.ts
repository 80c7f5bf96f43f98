import { existsSync, statSync } from 'node:fs'
import { decodeLine } from '../journal/line.ts'
import { type Replay, replay } from '../journal/replay.ts'
import type { Act } from '../records/act.ts'
import { LineFile } from './line-file.ts'

/**
 * Where each act stands in the journal. Acts themselves stay on the disk and are read when they are asked for (some
 * microseconds out of the system's cache), so that a long journal costs little memory.
 */
export class ActLog {
  readonly path: string
  /** By sequence number: where the act's line begins, and its length; 0: no such act. */
  private readonly offsets: number[] = [0]
  private readonly lengths: number[] = [0]
  private readonly ops = new Map<string, number>()
  private readonly cases = new Map<string, number[]>()
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
    while (this.offsets.length < act.seq) {
      this.offsets.push(0)
      this.lengths.push(0)
    }
    this.offsets[act.seq] = offset
    this.lengths[act.seq] = length
    this.ops.set(act.op, act.seq)
    const known = this.cases.get(act.case)
    if (known) known.push(act.seq)
    else this.cases.set(act.case, [act.seq])
    this.lastSeq = act.seq
    this.end = offset + length + 1
  }

  seqOfOp(op: string): number | undefined {
    return this.ops.get(op)
  }

  /** Sequence numbers of the acts made at a case, in order. */
  seqsOf(caseId: string): readonly number[] {
    return this.cases.get(caseId) ?? []
  }

  /** Cases that have an act. */
  touched(): Iterable<string> {
    return this.cases.keys()
  }

  get(seq: number): Act | undefined {
    const length = this.lengths[seq]
    if (!length) return undefined
    const bytes = this.lines.line(this.offsets[seq]!, length, this.end)
    const record = decodeLine(bytes, 0, length)
    return typeof record === 'string' || 'gap' in record ? undefined : record
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
