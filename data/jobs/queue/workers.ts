import type { Books } from './books.ts'

/** A worker that has been heard of lately. */
export interface KnownWorker {
  host: string
  pid: number
  kinds: string[]
  gpu: boolean
  version: string
  startedAt: string
  /** Seconds since it was heard of. */
  silent: number
  /** Names of what it works on. */
  doing: string[]
}

/** Workers of a workspace, the oldest first. */
export async function listWorkers({ database, workspace }: Books): Promise<KnownWorker[]> {
  return (await database.ask(
    `select host, pid, kinds, gpu, version, to_char(started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt",
       extract(epoch from now() - beat_at)::float as silent,
       array(select p.name from lesionloop.pieces p where p.worker = w.id and p.state = 'running' order by p.id) as doing
     from lesionloop.workers w where workspace = $1 order by started_at`,
    [workspace],
  )) as unknown as KnownWorker[]
}
