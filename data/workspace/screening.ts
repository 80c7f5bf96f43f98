import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type ScreeningEntry, type ScreeningOutcome, screeningEntry } from '../records/screening.ts'
import { appendDurably } from './files.ts'
import type { Workspace } from './open.ts'

/** Says of documents why they are in or out; a line each in screening.jsonl. Needs the `documents` lock. */
export async function screened(
  workspace: Workspace,
  entries: readonly Omit<ScreeningEntry, 'at'>[],
  now = new Date(),
): Promise<void> {
  if (entries.length === 0) return
  const at = now.toISOString()
  const lines = entries.map(entry => `${JSON.stringify({ at, ...entry } satisfies ScreeningEntry)}\n`)
  await appendDurably(workspace.files, workspace.paths.screening, lines.join(''))
}

/** The log, oldest first. A line that can't be read (the last one, of a killed run) is passed over. */
export async function* screeningLog(workspace: Workspace): AsyncGenerator<ScreeningEntry> {
  if (!existsSync(workspace.paths.screening)) return
  const lines = createInterface({
    input: createReadStream(workspace.paths.screening),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) {
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      continue
    }
    const checked = screeningEntry.safeParse(row)
    if (checked.success) yield checked.data as ScreeningEntry
  }
}

/** The last word on each document, in the order in which the documents were first met. */
export async function lastScreened(workspace: Workspace): Promise<ScreeningEntry[]> {
  const last = new Map<string, ScreeningEntry>()
  for await (const entry of screeningLog(workspace)) {
    const before = last.get(entry.document)
    // Where it was met first stays: a file that was fetched is mined from the disk later.
    last.set(entry.document, {
      ...entry,
      ...(before ? { source: before.source } : {}),
      ...((entry.title ?? before?.title) ? { title: entry.title ?? before?.title } : {}),
    })
  }
  return [...last.values()]
}

/** A count from the search to the cases, after the flow diagram of PRISMA 2020. */
export interface ScreeningFlow {
  /** Documents met, and where. */
  identified: number
  sources: Record<string, number>
  duplicates: number
  /** Left after duplicates, by title and abstract. */
  screened: number
  queryNoMatch: number
  /** Sought as full text. */
  sought: number
  notRetrieved: number
  /** Fetched, and not mined yet. */
  waiting: number
  /** Read in full, and out, by reason. */
  assessed: number
  excluded: { outcome: ScreeningOutcome; count: number }[]
  included: number
  cases: number
}

export function screeningFlow(entries: readonly ScreeningEntry[]): ScreeningFlow {
  const of = (outcome: ScreeningOutcome) => entries.filter(entry => entry.outcome === outcome).length
  const sources: Record<string, number> = {}
  for (const { source } of entries) sources[source] = (sources[source] ?? 0) + 1
  const identified = entries.length
  const duplicates = of('duplicate')
  const screenedOnes = identified - duplicates
  const sought = screenedOnes - of('query-no-match')
  const notRetrieved = of('not-retrieved')
  const waiting = of('fetched')
  return {
    identified,
    sources,
    duplicates,
    screened: screenedOnes,
    queryNoMatch: of('query-no-match'),
    sought,
    notRetrieved,
    waiting,
    assessed: sought - notRetrieved - waiting,
    excluded: (['withdrawn', 'rejected', 'no-case', 'superseded'] as const).map(outcome => ({
      outcome,
      count: of(outcome),
    })),
    included: of('mined'),
    cases: entries.reduce((sum, entry) => sum + (entry.outcome === 'mined' ? (entry.cases ?? 0) : 0), 0),
  }
}
