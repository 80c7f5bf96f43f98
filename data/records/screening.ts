import { z } from 'zod'

/** What came of a document that was looked at. The last word on it counts. */
export const SCREENING_OUTCOMES = [
  'query-no-match',
  'duplicate',
  'withdrawn',
  'not-retrieved',
  'fetched',
  'rejected',
  'no-case',
  'mined',
  'superseded',
] as const
export type ScreeningOutcome = (typeof SCREENING_OUTCOMES)[number]

/** Each outcome in words, for tables. */
export const OUTCOME_NAMES: Record<ScreeningOutcome, string> = {
  'query-no-match': 'does not match the query',
  duplicate: 'the same document again',
  withdrawn: 'withdrawn or retracted',
  'not-retrieved': 'could not be fetched',
  fetched: 'fetched, not mined yet',
  rejected: 'could not be used',
  'no-case': 'no CT picture found',
  mined: 'in the dataset',
  superseded: 'in by a newer version',
}

/** A line of screening.jsonl: why a document is in or out. */
export const screeningEntry = z.object({
  at: z.string(),
  /** DOI and version, or the file's name and the beginning of its hash where there is none. */
  document: z.string(),
  title: z.string().optional(),
  /** Where it was met: a server, `list`, `files`. */
  source: z.string(),
  outcome: z.enum(SCREENING_OUTCOMES),
  /** In words a curator reads. */
  reason: z.string(),
  cases: z.int().min(0).optional(),
  /** Which piece of a job said it, where workers did it. */
  piece: z.string().optional(),
})
export type ScreeningEntry = z.infer<typeof screeningEntry>
