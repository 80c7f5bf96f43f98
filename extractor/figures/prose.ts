import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { packagePath } from '../../data/workspace/package-root.ts'

/** First halves of words that keep their hyphen at a line's end ("ground-" + "glass"), where the document doesn't say. */
const keepers = new Set(
  z
    .object({ keep: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(packagePath('extractor', 'figures', 'hyphens.json'), 'utf8'))).keep,
)

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
}

/** Joins lines by blanks; end-of-line hyphens of split words are undone. */
export function prose(lines: string[], vocabulary: Vocabulary): string {
  let text = ''
  for (const raw of lines) {
    const line = raw.trim()
    if (line === '') continue
    const split = /(\p{L}+)[-\u2010\u00ad]$/u.exec(text)
    const next = /^\p{Ll}[\p{L}]*/u.exec(line)
    if (split && next) {
      const keep = !text.endsWith('\u00ad') && vocabulary.keepsHyphen(split[1]!, next[0])
      text = keep ? text + line : text.slice(0, -1) + line
    } else if (/[\p{L}\p{N}][-\u2010–—/]$/u.test(text)) text += line
    else text += text === '' ? line : ` ${line}`
  }
  return text
    .replace(/\u00ad/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
