import { pictureHandlers } from '../data/jobs/queue/picture-work.ts'
import type { Handler, Handlers } from '../data/jobs/queue/work.ts'
import type { PoolLimits } from '../data/pool/task.ts'
import { lockDocuments } from '../data/stores/postgres/document-writes.ts'
import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { mineHandlers } from './mine-work.ts'

/** A verb that reads cases and puts them again, or writes documents: while it runs nobody else does. */
const alone: Handler = {
  run: async ({ job, fenced, number, runVerb }) => ({
    result: await fenced(async ask => {
      await lockDocuments(ask, number)
      return await runVerb(job.args)
    }),
  }),
}

/** Who does which step of a job; a step that stands nowhere here runs the job's verb. */
export function workHandlers(
  workspace: Workspace,
  store: Store,
  limits: Partial<PoolLimits>,
): { handlers: Handlers; close(): void } {
  const mining = mineHandlers(workspace, store, limits)
  return {
    handlers: { ...mining.handlers, ...pictureHandlers, amend: alone, import: alone, demo: alone },
    close: mining.close,
  }
}
