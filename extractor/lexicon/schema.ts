import { z } from 'zod'
import { LESIONS } from '../../data/records/vocabulary.ts'
import type { Lexicon } from './lexicon.ts'

/**
 * The schema of extractor/lexicon/*.json. A pattern is words between blanks, lower case, without hyphens; `(a|b c)`
 * alternatives, `x?` may be missing, `@class` a word class, `#` a number. Entries have ids that the miner's results
 * name as their rules.
 */
const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/, 'an id of parts joined by dots, as "neg.no-evidence"')
const pattern = z
  .string()
  .min(1)
  .refine(text => !/[A-Z]/.test(text.replace(/@\w+/g, '')), 'lower case: texts are matched in lower case')
const patterns = z.array(pattern).min(1)
const words = z.array(z.string().min(1))
const entry = z.strictObject({ id, patterns })

export const termEntry = z.strictObject({ id, lesion: z.enum(LESIONS), patterns })
export const skipEntry = z.strictObject({ id, reason: z.string().min(1), patterns })
export const cueEntry = z.strictObject({
  id,
  category: z.enum([
    'negated',
    'possible',
    'resolved',
    'history',
    'hypothetical',
    'general',
    'affirmed',
    'asserted',
  ]),
  direction: z.enum(['forward', 'backward', 'none']),
  patterns,
  reach: z.int().min(1).max(150).optional(),
  closing: z.boolean().optional(),
  opening: z.boolean().optional(),
  narrow: z.boolean().optional(),
  wide: z.boolean().optional(),
})
const sectionEntry = z.strictObject({
  id: z.string(),
  headers: z.array(pattern).min(1),
  skip: z.string().optional(),
})
const flag = z.strictObject({
  disease: z.array(entry),
  strong: z.array(entry),
  suspected: z.array(entry),
  negative: z.array(entry),
  control: z.array(entry),
  other: z.array(entry),
  nothing: z.array(entry),
  suffixes: words,
  notDiseases: words,
  diseaseHeads: words,
  notModifiers: words,
})

export const lexiconSchema = z.strictObject({
  classes: z.record(z.string(), z.array(z.string().min(1))),
  terms: z.array(termEntry),
  skips: z.array(skipEntry),
  elsewhere: z.strictObject({ words, lung: words }),
  cues: z.array(cueEntry),
  ends: z.strictObject({ all: words, relative: words, verbs: words, resume: words, past: words }),
  sections: z.array(sectionEntry),
  flag,
  spelling: z.strictObject({
    aliases: z.record(z.string(), z.string()),
    anchors: words,
    common: words,
    genuine: words,
    compounds: words,
  }),
})

/** Taken out where an entry says `"remove": true`. */
const removed = z.strictObject({ id: z.string(), remove: z.literal(true) })

/**
 * What a curator writes to change the lexicon: entries with a known id take the place of the old one, new ids are
 * added, `{"id": …, "remove": true}` takes one out; classes are replaced by name.
 */
export const lexiconChange = z.strictObject({
  classes: z.record(z.string(), z.array(z.string().min(1))).optional(),
  terms: z.array(z.union([termEntry, removed])).optional(),
  skips: z.array(z.union([skipEntry, removed])).optional(),
  cues: z.array(z.union([cueEntry, removed])).optional(),
  sections: z.array(z.union([sectionEntry, removed])).optional(),
  flag: z
    .strictObject({
      disease: z.array(z.union([entry, removed])).optional(),
      strong: z.array(z.union([entry, removed])).optional(),
      suspected: z.array(z.union([entry, removed])).optional(),
      negative: z.array(z.union([entry, removed])).optional(),
      control: z.array(z.union([entry, removed])).optional(),
      other: z.array(z.union([entry, removed])).optional(),
      nothing: z.array(z.union([entry, removed])).optional(),
    })
    .optional(),
})
export type LexiconChange = z.infer<typeof lexiconChange>

/** Checks a whole lexicon. @throws ZodError with the path of what is wrong. */
export function checkLexicon(value: unknown): Lexicon {
  return lexiconSchema.parse(value) as Lexicon
}
