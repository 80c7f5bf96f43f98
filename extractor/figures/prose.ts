import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { packagePath } from '../../data/workspace/package-root.ts'

const stored = z
  .object({ keep: z.array(z.string()), words: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(packagePath('extractor', 'figures', 'hyphens.json'), 'utf8')))
/** First halves of words that keep their hyphen at a line's end ("ground-" + "glass"), where the document doesn't say. */
const keepers = new Set(stored.keep)
/** Words of the field that are known to be whole, whatever the document writes. */
const known = new Set(stored.words)

/** How the document itself writes words: "ground-glass" or "groundglass". */
export class Vocabulary {
  readonly #words = new Map<string, number>()

  add(text: string) {
    for (const [word] of text.toLowerCase().matchAll(/\p{L}+(?:-\p{L}+)*/gu))
      this.#words.set(word, (this.#words.get(word) ?? 0) + 1)
  }

  /** Whether a hyphen between two halves at a line's end belongs to the word. */
  keepsHyphen(first: string, second: string): boolean {
    const hyphened = this.#words.get(`${first}-${second}`.toLowerCase()) ?? 0
    const whole = this.#words.get(`${first}${second}`.toLowerCase()) ?? 0
    if (hyphened !== whole) return hyphened > whole
    return keepers.has(first.toLowerCase())
  }

  /**
   * Whether two halves at a line's end are one word whose hyphen the file lost (Typst stores it in a way that pdf.js
   * drops): the whole is a word here or of the field, and the second half is none.
   */
  isSplit(first: string, second: string): boolean {
    const whole = `${first}${second}`.toLowerCase()
    if (whole.length < 6 || second.length < 3) return false
    // The half itself was counted once, on its own line.
    return (
      ((this.#words.get(whole) ?? 0) > 0 || known.has(whole)) &&
      (this.#words.get(second.toLowerCase()) ?? 0) <= 1 &&
      !known.has(second.toLowerCase())
    )
  }
}

/** Joins lines by blanks; end-of-line hyphens of split words are undone. */
export function prose(lines: string[], vocabulary: Vocabulary): string {
  let text = ''
  for (const raw of lines) {
    const line = raw.trim()
    if (line === '') continue
    // Only the end is looked at: a caption may be a megabyte.
    const end = text.slice(-60)
    const split = /(\p{L}+)[-\u2010\u00ad]$/u.exec(end)
    const lost = /\p{L}{2,}$/u.exec(end)
    const next = /^\p{Ll}[\p{L}]*/u.exec(line)
    if (split && next) {
      const keep = !text.endsWith('\u00ad') && vocabulary.keepsHyphen(split[1]!, next[0])
      text = keep ? text + line : text.slice(0, -1) + line
    } else if (next && lost && vocabulary.isSplit(lost[0], next[0])) text += line
    else if (/[\p{L}\p{N}][-\u2010–—/]$/u.test(end)) text += line
    else text += text === '' ? line : ` ${line}`
  }
  return text
    .replace(/\u00ad/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
