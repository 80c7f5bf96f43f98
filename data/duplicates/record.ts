import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import { checked, readJsonIfThere, writeJson } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'

const share = z.number()
const link = z.object({
  /** Image ids: the picture that holds the other's part of the slice, and the other. */
  one: z.string(),
  other: z.string(),
  evidence: z.object({
    /** Bits in which the hashes differ, of 64. */
    bits: z.int(),
    /** Correlation of the two laid over each other, share of tiles that agree, correlation of fine detail. */
    whole: z.number(),
    tiles: z.number(),
    detail: z.number(),
    /** Part of `one` that `other` shows, as shares of its width and height. */
    box: z.object({ left: share, top: share, right: share, bottom: share }),
  }),
})
const decision = z.object({
  one: z.string(),
  other: z.string(),
  /** `apart`: a person says that they are no doubles; `linked`: that they are again. */
  is: z.enum(['apart', 'linked']),
  why: z.string(),
  at: z.string(),
  /** Account of who said so; absent where it was said at the command line. */
  who: z.string().optional(),
})

/** duplicates.json: pictures that show the same slice, with the evidence, and what people decided of them. */
export const duplicatesRecord = z.object({
  links: z.array(link),
  /** Links that a person took apart; they are found again by no search. */
  apart: z.array(link),
  decisions: z.array(decision),
  /** Image ids that were compared with each other; new pictures are compared with all. */
  compared: z.array(z.string()),
})
export type DuplicatesRecord = z.infer<typeof duplicatesRecord>
export type DoubleLink = z.infer<typeof link>
export type DoubleDecision = z.infer<typeof decision>

/** What is known of doubles; nothing yet where nobody looked. @throws LesionloopError `file-damaged`, `file-invalid`. */
export async function readDuplicates(workspace: Workspace): Promise<DuplicatesRecord> {
  const content = await readJsonIfThere<unknown>(workspace.paths.duplicates)
  if (content === undefined) return { links: [], apart: [], decisions: [], compared: [] }
  return checked(
    duplicatesRecord,
    content,
    `duplicates: ${workspace.paths.duplicates}`,
    'move the file away and run `lesionloop duplicates` again',
  )
}

/** Writes duplicates.json. Needs the `cases` lock. */
export function writeDuplicates(workspace: Workspace, record: DuplicatesRecord): Promise<void> {
  return writeJson(workspace.files, workspace.paths.duplicates, record)
}

/** Whether a link joins these two pictures, in any order. */
export const joins = (a: { one: string; other: string }, one: string, other: string): boolean =>
  (a.one === one && a.other === other) || (a.one === other && a.other === one)

/**
 * A person's word on a pair: `apart` takes its link away, `linked` puts it back. Writes nothing.
 * @throws LesionloopError `double-unknown` where there is no such link.
 */
export function decide(
  record: DuplicatesRecord,
  { one, other, is, why, who }: Omit<DoubleDecision, 'at'>,
  at: Date,
): DuplicatesRecord {
  const from = is === 'apart' ? record.links : record.apart
  const moved = from.find(found => joins(found, one, other))
  if (!moved)
    throw new LesionloopError(
      'double-unknown',
      `duplicates: ${one} and ${other}: ${is === 'apart' ? 'not linked' : 'not taken apart'}; see \`lesionloop duplicates\` for the pairs`,
      { one, other },
    )
  const rest = from.filter(found => found !== moved)
  const [links, apart] = is === 'apart' ? [rest, [...record.apart, moved]] : [[...record.links, moved], rest]
  const decided = {
    one: moved.one,
    other: moved.other,
    is,
    why,
    at: at.toISOString(),
    ...(who === undefined ? {} : { who }),
  }
  return { ...record, links, apart, decisions: [...record.decisions, decided] }
}
