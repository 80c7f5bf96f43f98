import { setImmediate as turn } from 'node:timers/promises'
import type { CaseEntry, FigureEntry } from './case-entry.ts'

/** Texts taken in between two turns of the event loop: some milliseconds' work. */
const SLICE = 200
const NEWLINE = 10
/** Marks of words that were looked for last: a person types on, a list is asked for page by page. */
const KEPT = 6

/** Texts one after the other in one buffer, a byte or two a character, to be looked through as a whole. */
export class TextBuffer {
  private bytes: Buffer = Buffer.allocUnsafeSlow(1 << 16)
  private ends = new Uint32Array(1024)
  private used = 0
  count = 0
  private last: { part: string; marks: Uint8Array }[] = []

  /** Takes in a text, lower-cased; gives its number. */
  add(text: string): number {
    const lower = text.toLowerCase()
    const most = this.used + lower.length * 3 + 1
    if (most > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, Math.ceil(this.bytes.length * 1.5)))
      this.bytes.copy(larger, 0, 0, this.used)
      this.bytes = larger
    }
    this.used += this.bytes.write(lower, this.used)
    this.bytes[this.used++] = NEWLINE
    if (this.count === this.ends.length) {
      const longer = new Uint32Array(this.count * 2)
      longer.set(this.ends)
      this.ends = longer
    }
    this.ends[this.count] = this.used
    return this.count++
  }

  /** A 1 for the number of every text that holds the part, which has no blank in it and is lower-case. */
  find(part: string): Uint8Array {
    const known = this.last.find(one => one.part === part)
    if (known?.marks.length === this.count) return known.marks
    const marks = new Uint8Array(this.count)
    const sought = Buffer.from(part)
    const bytes = this.bytes.subarray(0, this.used)
    let text = 0
    for (let at = bytes.indexOf(sought); at >= 0; at = bytes.indexOf(sought, this.ends[text]!)) {
      while (this.ends[text]! <= at) text++
      marks[text] = 1
    }
    this.last = [{ part, marks }, ...this.last.filter(one => one !== known).slice(0, KEPT - 1)]
    return marks
  }
}

/** What is searched: the figures' captions as they were mined, and each case's id and file. */
export class SearchTexts {
  readonly captions = new TextBuffer()
  readonly names = new TextBuffer()

  takeFigure(figure: FigureEntry, caption: string): void {
    figure.text = this.captions.add(caption)
  }

  takeCase(entry: CaseEntry): void {
    entry.text = this.names.add(namesOf(entry))
  }
}

const namesOf = (entry: CaseEntry): string => `${entry.id} ${entry.file}`

/**
 * Takes in all captions and names, a little at a time; what came in by itself meanwhile is not taken twice.
 * @param captionOf reads a figure's caption as it was mined.
 * @param isOver true where the cases are others now: what is being made is of no use then.
 */
export async function fillSearchTexts(
  texts: SearchTexts,
  of: { figures: readonly FigureEntry[]; cases: readonly CaseEntry[] },
  captionOf: (figure: FigureEntry) => string,
  isOver: () => boolean,
): Promise<void> {
  for (const [i, figure] of of.figures.entries()) {
    if (i % SLICE === 0) await turn()
    if (isOver()) return
    if (figure.text === undefined && figure.cases.length > 0) texts.takeFigure(figure, captionOf(figure))
  }
  for (const [i, entry] of of.cases.entries()) {
    if (entry.text === undefined) texts.takeCase(entry)
    if (i % (SLICE * 10) === 0) await turn()
  }
}
