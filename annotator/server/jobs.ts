import { LesionloopError } from '../../data/errors.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { JobRunner } from './job-runner.ts'

export async function openJobs(_workspace: Workspace, store: Store): Promise<JobRunner> {
  const refuse = async (): Promise<never> => {
    throw new LesionloopError('unavailable', 'job: not available yet')
  }
  return {
    start: refuse,
    cancel: refuse,
    resume: refuse,
    list: () => store.jobs.list(),
    get: id => store.jobs.get(id),
    listen: () => () => undefined,
    close: async () => undefined,
  }
}
