import type { Ask } from './connection.ts'

/** What a process tells the others with the commit of what it wrote. Acts are read by their numbers then. */
export interface Notice {
  /** Who wrote it: each process has a name of its own, and leaves its own notices aside. */
  by: string
  what: 'acts' | 'cases' | 'queue'
}

export const channelOf = (workspace: number): string => `lesionloop_${workspace}`

/** Told when the transaction commits, and not at all where it does not. */
export async function notify(ask: Ask, workspace: number, notice: Notice): Promise<void> {
  await ask('select pg_notify($1, $2)', [channelOf(workspace), JSON.stringify(notice)])
}
