import type { QueueEntry, QueueName } from '../records/cycle.ts'
import { LineFile } from './line-file.ts'

const QUEUES: readonly QueueName[] = ['review', 'audit', 'disagreement', 'labels']

/**
 * The queue of one cycle: which case stands at which place. The entries themselves, with their reasons in words, stay on
 * the disk; a sealed cycle's file never changes.
 */
export class QueueFile {
  readonly cycle: string | null
  /** Ids of the cases, first asked first. */
  readonly cases: readonly string[]
  private readonly file: LineFile | undefined
  private readonly offsets: Float64Array // [places]
  private readonly lengths: Uint32Array // [places]
  private readonly queues: Uint8Array // [places], into QUEUES

  private constructor(
    cycle: string | null,
    file: LineFile | undefined,
    rows: readonly { id: string; queue: QueueName; offset: number; length: number }[],
  ) {
    this.cycle = cycle
    this.file = file
    this.cases = rows.map(({ id }) => id)
    this.offsets = Float64Array.from(rows, ({ offset }) => offset)
    this.lengths = Uint32Array.from(rows, ({ length }) => length)
    this.queues = Uint8Array.from(rows, ({ queue }) => QUEUES.indexOf(queue))
  }

  static none(cycle: string | null = null): QueueFile {
    return new QueueFile(cycle, undefined, [])
  }

  /**
   * Reads a queue.jsonl; an empty queue where there is none.
   * @param known gives an id that somebody holds already in the place of an equal one, so that it is held once.
   */
  static async read(cycle: string, path: string, known: (id: string) => string): Promise<QueueFile> {
    const file = new LineFile(path)
    const rows: { id: string; queue: QueueName; rank: number; offset: number; length: number }[] = []
    const take = (bytes: Buffer, offset: number) => {
      if (bytes.length === 0) return
      const { case: id, rank, queue, audit } = JSON.parse(bytes.toString('utf8')) as QueueEntry
      const name = queue ?? (audit ? 'audit' : 'review')
      rows.push({ id: known(id), queue: name, rank, offset, length: bytes.length })
    }
    await file.eachLine(0, take, { rest: true })
    if (rows.some(({ rank }, at) => at > 0 && rank < rows[at - 1]!.rank)) rows.sort((a, b) => a.rank - b.rank)
    return new QueueFile(cycle, file, rows)
  }

  entry(at: number): QueueEntry {
    const [offset, length] = [this.offsets[at]!, this.lengths[at]!]
    const bytes = this.file!.line(offset, length, Number.POSITIVE_INFINITY)
    return JSON.parse(bytes.toString('utf8')) as QueueEntry
  }

  queueOf(at: number): QueueName {
    return QUEUES[this.queues[at]!]!
  }

  close(): void {
    this.file?.close()
  }
}
