import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { packagePath } from '../../data/workspace/package-root.ts'

/** Label patterns are data: a curator adds a word to labels.json, not to the code. */
const schema = z.strictObject({
  kinds: z.array(
    z.strictObject({ kind: z.enum(['figure', 'table']), name: z.string(), words: z.array(z.string()) }),
  ),
  prefixes: z.array(z.strictObject({ name: z.string(), words: z.array(z.string()) })),
  number: z.string(),
  delimiters: z.string(),
  mentions: z.array(z.string()),
  continued: z.array(z.string()),
})

const patterns = schema.parse(
  JSON.parse(readFileSync(packagePath('extractor', 'figures', 'labels.json'), 'utf8')),
)

const any = (words: string[]) => words.join('|')
const allWords = patterns.kinds.flatMap(kind => kind.words)
const LABEL = new RegExp(
  `^[\\s\\[(«"“]{0,2}(?:(?<prefix>${any(patterns.prefixes.flatMap(p => p.words))})[.\\s]{0,3})?` +
    `(?<word>${any(allWords)})\\s?\\.?\\s{0,3}(?:no\\.?\\s?)?(?<number>${patterns.number})(?![\\p{L}\\p{N}])`,
  'iu',
)
/** A lost blank: "Figure 1.Chest", "Fig.2Axial": letters right after the number. */
const JOINED = new RegExp(
  `^(?:(?<prefix>${any(patterns.prefixes.flatMap(p => p.words))})[.\\s]{0,3})?(?<word>${any(allWords)})\\s?\\.?\\s{0,3}(?<number>[A-Z]{0,2}\\d{1,3})(?=\\p{Lu}\\p{Ll})`,
  'iu',
)
const DELIMITER = new RegExp(`^\\s{0,3}(?<mark>(?:${patterns.delimiters})+)\\s{0,3}`, 'u')
const MENTION = new RegExp(`^\\s*(?:${any(patterns.mentions)})(?![\\p{L}\\p{N}])`, 'iu')
/** What follows a label in running text: a bracket closed, a range, a list. */
const CITED = /^\s*(?:[,;)\]]|[-–—]\s?\p{L}?\d|\p{L}?\d+\s?[)\],;]|\(?\p{Lu}\)?[,)](?!\s*\p{Lu}))/u
const CONTINUED = new RegExp(`^[\\s(\\[.:]*(?:${any(patterns.continued)})\\b`, 'iu')

const WORD_ALONE = new RegExp(`^(?:${any(allWords)})\\.?$`, 'iu')
const NUMBER_ALONE = new RegExp(`^(?:${patterns.number})(?:\\s?(?:${patterns.delimiters})+)?$`, 'u')
const MARK_ALONE = new RegExp(`^(?:${patterns.delimiters})+$`, 'u')

/** What a piece of a label that stands alone is: its word ("Fig."), its number ("3."), its delimiter ("|"). */
export function labelPiece(text: string): 'word' | 'number' | 'mark' | undefined {
  if (text.length > 24) return undefined
  if (WORD_ALONE.test(text)) return 'word'
  if (NUMBER_ALONE.test(text)) return 'number'
  return MARK_ALONE.test(text) ? 'mark' : undefined
}

export interface ParsedLabel {
  kind: 'figure' | 'table'
  /** Normalised: `Figure 1`, `Supplementary Figure 2`, `Figure S3`. */
  label: string
  /** Characters that the label with its delimiter takes at the start of the text. */
  length: number
  /** Delimiter after the number; empty where there is none. */
  mark: string
  rest: string
  /** The label's word begins with a capital. */
  capital: boolean
  /** What follows reads like a sentence about the figure ("shows", "and", "is"). */
  mention: boolean
  /** The label is cited in running text: a bracket closes after it, or a range or list goes on. */
  cited: boolean
  continued: boolean
}

/** The label at the start of a line of text, or undefined. */
export function parseLabel(text: string): ParsedLabel | undefined {
  const plain = text.normalize('NFKC').length === text.length ? text.normalize('NFKC') : text
  const match = LABEL.exec(plain) ?? JOINED.exec(plain)
  if (!match?.groups) return undefined
  const { prefix, word, number } = match.groups as { prefix?: string; word: string; number: string }
  // Roman numerals of lower case are words ("Fig. i"), and "e" is a prefix only where it is joined ("eFigure 1").
  if (/^[ivx]+$/.test(number)) return undefined
  if (prefix?.toLowerCase() === 'e' && !/^e\S/i.test(plain)) return undefined
  const kind = patterns.kinds.find(entry => new RegExp(`^(?:${any(entry.words)})$`, 'iu').test(word))
  if (!kind) return undefined
  const named =
    prefix && patterns.prefixes.find(entry => new RegExp(`^(?:${any(entry.words)})$`, 'iu').test(prefix))
  const after = plain.slice(match[0].length)
  const delimiter = DELIMITER.exec(after)
  const length = match[0].length + (delimiter?.[0].length ?? 0)
  const rest = text.slice(length)
  const first = word[0]!
  return {
    kind: kind.kind,
    label: `${named ? `${named.name} ` : ''}${kind.name} ${number.toUpperCase().replace(/^([A-Z]{1,2})[-.](\d)/, '$1$2')}`,
    length,
    mark: delimiter?.groups?.['mark'] ?? '',
    rest,
    capital: first === first.toUpperCase(),
    mention: MENTION.test(rest),
    cited: CITED.test(after),
    continued: CONTINUED.test(rest),
  }
}
