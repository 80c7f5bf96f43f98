import { readFile } from 'node:fs/promises'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import type { Lexicon } from './lexicon.ts'
import { type LexiconChange, lexiconChange } from './schema.ts'

/** Reads a change of the lexicon. @throws LesionloopError `lexicon-invalid` naming the entry and what was expected. */
export async function readLexiconChange(file: string): Promise<LexiconChange> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT'
    throw new LesionloopError(
      'lexicon-invalid',
      missing
        ? `lexicon: ${file}: does not exist; check its name`
        : `lexicon: ${file}: not JSON (${messageOf(error)}); mend it`,
    )
  }
  const parsed = lexiconChange.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new LesionloopError(
    'lexicon-invalid',
    `lexicon: ${file}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a lexicon change'}; see extractor/lexicon/schema.ts`,
  )
}

type Entry = { id: string }
type Change<T extends Entry> = (T | { id: string; remove: true })[] | undefined

function merged<T extends Entry>(entries: readonly T[], change: Change<T>): T[] {
  if (!change) return [...entries]
  const out = new Map(entries.map(entry => [entry.id, entry]))
  for (const entry of change) {
    if ('remove' in entry && entry.remove) {
      if (!out.delete(entry.id))
        throw new LesionloopError(
          'lexicon-invalid',
          `lexicon: ${entry.id}: no such entry to remove; check the id`,
        )
    } else out.set(entry.id, entry as T)
  }
  return [...out.values()]
}

/** The lexicon with a change laid over it; the one given stays as it is. */
export function applyChange(lexicon: Lexicon, change: LexiconChange): Lexicon {
  const flag = { ...lexicon.flag }
  for (const part of ['disease', 'strong', 'suspected', 'negative', 'control', 'other', 'nothing'] as const)
    flag[part] = merged(flag[part], change.flag?.[part])
  return {
    ...lexicon,
    classes: { ...lexicon.classes, ...change.classes },
    terms: merged(lexicon.terms, change.terms),
    skips: merged(lexicon.skips, change.skips),
    cues: merged(lexicon.cues, change.cues as Change<Lexicon['cues'][number]>),
    sections: merged(lexicon.sections, change.sections as Change<Lexicon['sections'][number]>),
    flag,
  }
}
