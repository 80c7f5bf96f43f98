import { setImmediate as turn } from 'node:timers/promises'
import type { CaseEntry, FigureEntry } from './case-entry.ts'

/** Texts taken in between two turns of the event loop: some milliseconds' work. */
const SLICE = 200

/**
 * Finds texts by a part of a word. Only the distinct words are looked through, of which there are few, instead of every
 * text. Texts are known by numbers; one that changes is simply taken out of the index by forgetting its number, and
 * looked through as it is until the next build.
 */
export class WordIndex {
  private readonly words = new Map<string, number[]>()
  private count = 0
  private last: { part: string; marks: Uint8Array }[] = []

  /** Takes in a lower-case text; gives its number. */
  add(text: string): number {
    const number = this.count++
    for (const word of new Set(text.split(/\s+/))) {
      const known = this.words.get(word)
      if (known) known.push(number)
      else this.words.set(word, [number])
    }
    return number
  }

  /** A 1 for the number of every text that holds the part, which has no blank in it and is lower-case. */
  find(part: string): Uint8Array {
    const known = this.last.find(one => one.part === part)
    if (known && known.marks.length === this.count) return known.marks
    const marks = new Uint8Array(this.count)
    for (const [word, numbers] of this.words)
      if (word.includes(part)) for (const number of numbers) marks[number] = 1
    this.last = [{ part, marks }, ...this.last.slice(0, 3)]
    return marks
  }
}

/** What is searched of a figure and of a case, lower-cased. */
export const searchedOfFigure = (figure: FigureEntry): string => {
  figure.search ??= figure.caption.toLowerCase()
  return figure.search
}
export const searchedOfCase = (entry: CaseEntry): string => `${entry.id} ${entry.file}`.toLowerCase()

/** Numbers all figures' captions and all cases' names, a little at a time. */
export async function buildWordIndex(
  figures: readonly FigureEntry[],
  cases: readonly CaseEntry[],
): Promise<WordIndex> {
  const index = new WordIndex()
  for (const [i, figure] of figures.entries()) {
    figure.words = index.add(searchedOfFigure(figure))
    if (i % SLICE === 0) await turn()
  }
  for (const [i, entry] of cases.entries()) {
    entry.words = index.add(searchedOfCase(entry))
    if (i % (SLICE * 10) === 0) await turn()
  }
  return index
}
