import type { Ask } from './connection.ts'

/**
 * Locks of a transaction, in the order in which they are taken, so that nobody waits in a ring: the cases (shared by
 * who writes acts, alone for who puts cases or takes in a queue), then figures in the order of their numbers, then the
 * workspace's row, last and shortly.
 */
export async function lockCases(ask: Ask, workspace: number, how: 'shared' | 'alone'): Promise<void> {
  const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock'
  await ask(`select ${lock}(hashtextextended('lesionloop cases', $1))`, [workspace])
}

/** Keeps others from acting on these figures until the transaction ends. */
export async function lockFigures(ask: Ask, workspace: number, figures: readonly string[]): Promise<void> {
  await ask(
    `select pg_advisory_xact_lock(number) from (
       select distinct hashtextextended(figure, $1) as number from unnest($2::text[]) figure order by number
     ) numbers`,
    [workspace, figures],
  )
}
