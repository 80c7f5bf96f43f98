import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { packagePath } from '../workspace/package-root.ts'

export const PERSONAL_KINDS = ['name', 'birth-date', 'record-number', 'phone', 'address'] as const
export type PersonalKind = (typeof PERSONAL_KINDS)[number]

/** A place in a text that may tell who a person is; offsets in UTF-16 units. What stands there is not held. */
export interface PersonalSpan {
  kind: PersonalKind
  start: number
  end: number
  rule: string
}

const lexicon = z
  .object({
    blocks: z.record(z.string(), z.string()),
    patterns: z.array(
      z.object({
        kind: z.enum(PERSONAL_KINDS),
        rule: z.string(),
        pattern: z.string(),
        exact: z.boolean().default(false),
      }),
    ),
    never: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(packagePath('data', 'checks', 'personal-data.json'), 'utf8')))

const patterns = lexicon.patterns.map(({ kind, rule, pattern, exact }) => {
  const whole = pattern.replace(/\{([a-z]+)\}/g, (block, name: string) => lexicon.blocks[name] ?? block)
  return { kind, rule: `${kind}/${rule}`, pattern: new RegExp(whole, exact ? 'dgu' : 'dgiu') }
})
const never = new Set(lexicon.never)

/** Longer texts are looked through piece by piece: a pattern's work stays small whatever comes in. */
const PIECE = 20_000
const OVERLAP = 200

/**
 * Names of persons, dates of birth, record numbers, telephone numbers and addresses in a text, by the words around them.
 * Authors ("Wang et al."), eponyms (Kerley, Hounsfield), ages and dates of examinations are none. What has no such words
 * around it (a bare surname) is not found.
 */
export function personalSpans(text: string): PersonalSpan[] {
  const found: PersonalSpan[] = []
  for (let from = 0; from < Math.max(1, text.length); from += PIECE - OVERLAP) {
    const piece = text.slice(from, from + PIECE)
    for (const { kind, rule, pattern } of patterns)
      for (const match of piece.matchAll(pattern)) {
        const [start, end] = match.indices!.groups!['hit']!
        const words = piece.slice(start, end).toLowerCase()
        if (kind === 'name' && (never.has(words) || never.has(words.split(' ')[0]!))) continue
        found.push({ kind, start: from + start, end: from + end, rule })
      }
  }
  return withoutOverlaps(found)
}

/** Of spans that overlap, the one that starts first, and of these the longest. */
function withoutOverlaps(spans: readonly PersonalSpan[]): PersonalSpan[] {
  const kept: PersonalSpan[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end))
    if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span)
  return kept
}
