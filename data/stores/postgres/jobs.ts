import type { Job } from '../../records/job.ts'
import type { JobStore } from '../store.ts'
import type { Database } from './connection.ts'

/** Jobs, one row each: every job has one writer. */
export function jobStore({ ask }: Database, workspace: number): JobStore {
  return {
    list: async () =>
      (
        await ask<{ job: Job }>(
          'select job from lesionloop.jobs where workspace = $1 order by started_at desc',
          [workspace],
        )
      ).map(({ job }) => job),
    get: async id =>
      (
        await ask<{ job: Job }>('select job from lesionloop.jobs where workspace = $1 and id = $2', [
          workspace,
          id,
        ])
      )[0]?.job,
    async put(job) {
      await ask(
        `insert into lesionloop.jobs (workspace, id, started_at, job) values ($1, $2, $3, $4)
         on conflict (workspace, id) do update set started_at = excluded.started_at, job = excluded.job`,
        [workspace, job.id, job.startedAt, JSON.stringify(job)],
      )
    },
  }
}
