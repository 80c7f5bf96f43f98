import { closeSync, existsSync, fstatSync, openSync, read as readCallback, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'

const read = promisify(readCallback)

/** Read at once where lines are asked for one after the other. */
const AHEAD = 256 << 10
/** Bytes read at a time, and between two turns of the event loop, where all lines are walked through. */
const CHUNK = 1 << 20
/** Lines this close behind the last one count as the next (a header may lie between). */
const NEAR = 4096

/**
 * Lines of an append-only file by their place. Nothing is kept of them but one buffer, used over and over: a buffer for
 * each line would be memory that the collector of garbage sees too late. Lines asked for in order are read many at a time.
 */
export class LineFile {
  readonly path: string
  private descriptor: number | undefined
  private buffer: Buffer = Buffer.alloc(0)
  /** What of the file lies in the buffer. */
  private from = 0
  private to = 0
  private lastEnd = -1

  constructor(path: string) {
    this.path = path
  }

  /** Opens the file; false where there is none yet. It stays open, also when another is put in its place. */
  open(): boolean {
    if (this.descriptor === undefined && existsSync(this.path)) this.descriptor = openSync(this.path, 'r')
    return this.descriptor !== undefined
  }

  /**
   * The bytes of a line: right until the next call.
   * @param until up to where the file is settled: what lies behind may be taken back and written anew, and is not kept.
   * @throws Error where there is no such file, or it ends before the line does.
   */
  line(offset: number, length: number, until: number): Buffer {
    const isNext = offset >= this.lastEnd && offset - this.lastEnd < NEAR && this.lastEnd >= 0
    this.lastEnd = offset + length
    if (offset < this.from || offset + length > this.to)
      this.fill(offset, Math.max(length, isNext ? Math.min(AHEAD, until - offset) : 0))
    if (offset + length > this.to) throw new Error(`${this.path}: ends before byte ${offset + length}`)
    return this.buffer.subarray(offset - this.from, offset - this.from + length)
  }

  /**
   * Walks through the lines from an offset on, without holding the event loop for long. The bytes are right until
   * `visit` returns. Nothing where there is no such file.
   * @param of.rest whether a last line without its newline counts; else it may be being written, and is left out.
   */
  async eachLine(
    from: number,
    visit: (bytes: Buffer, offset: number) => void,
    of: { rest: boolean } = { rest: false },
  ): Promise<void> {
    if (!this.open()) return
    let buffer = Buffer.allocUnsafeSlow(CHUNK)
    let kept = 0
    for (let at = from; ; ) {
      if (buffer.length - kept < CHUNK / 2) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2)
        buffer.copy(larger, 0, 0, kept)
        buffer = larger
      }
      const { bytesRead } = await read(this.descriptor!, buffer, kept, buffer.length - kept, at)
      if (bytesRead === 0) {
        if (of.rest && kept > 0) visit(buffer.subarray(0, kept), at - kept)
        return
      }
      const first = at - kept
      const bytes = buffer.subarray(0, kept + bytesRead)
      at += bytesRead
      let start = 0
      for (let end = bytes.indexOf(10, kept); end >= 0; end = bytes.indexOf(10, start)) {
        visit(bytes.subarray(start, end), first + start)
        start = end + 1
      }
      kept = bytes.length - start
      buffer.copyWithin(0, start, bytes.length)
    }
  }

  private fill(offset: number, length: number): void {
    if (!this.open()) throw new Error(`${this.path}: not there`)
    if (this.buffer.length < length) this.buffer = Buffer.allocUnsafeSlow(Math.max(length, 8192))
    this.from = offset
    this.to = offset
    this.to += readSync(this.descriptor!, this.buffer, 0, length, offset)
  }

  /** Whether the file at the path is still the one that is read. */
  isCurrent(): boolean {
    if (this.descriptor === undefined) return true
    return fstatSync(this.descriptor).ino === statSync(this.path, { throwIfNoEntry: false })?.ino
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor)
    this.descriptor = undefined
    this.to = this.from
    this.lastEnd = -1
  }
}
