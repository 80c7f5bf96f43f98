import type { Ask } from './connection.ts'

/**
 * Waits until nobody else writes documents of the workspace, until the transaction ends. Files have no transactions: who
 * mines side by side with others takes this around the writing of each document.
 */
export async function lockDocuments(ask: Ask, workspace: number): Promise<void> {
  await ask(`select pg_advisory_xact_lock(hashtextextended('lesionloop documents', $1))`, [workspace])
}

/** The number of the last write. Under the lock: a later write gets a higher one. */
export async function lastWrite(ask: Ask, workspace: number): Promise<number> {
  const [row] = await ask<{ number: number | null }>(
    'select max(number) as number from lesionloop.document_writes where workspace = $1',
    [workspace],
  )
  return row?.number ?? 0
}

/** Documents whose records were written after a number. */
export async function writtenSince(ask: Ask, workspace: number, number: number): Promise<string[]> {
  const rows = await ask<{ document: string }>(
    'select document from lesionloop.document_writes where workspace = $1 and number > $2 order by number',
    [workspace, number],
  )
  return rows.map(({ document }) => document)
}

/** Says that records were written. Under the lock. */
export async function wroteDocuments(
  ask: Ask,
  workspace: number,
  documents: readonly string[],
): Promise<void> {
  if (documents.length === 0) return
  await ask(
    `insert into lesionloop.document_writes (workspace, document)
     select distinct $1::integer, document from unnest($2::text[]) document
     on conflict (workspace, document) do update set number = nextval('lesionloop.document_write')`,
    [workspace, documents],
  )
}
