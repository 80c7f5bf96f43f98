import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '../records/job.ts'
import { readJsonIfThere, writeJson } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import type { JobStore } from './store.ts'

/** Jobs as jobs/<id>/job.json, a file each: every job has one writer, so that no lock is needed. */
export function jobStore(workspace: Workspace): JobStore {
  const { paths, files } = workspace
  return {
    async list() {
      if (!existsSync(paths.jobs)) return []
      const jobs: Job[] = []
      for (const name of await readdir(paths.jobs)) {
        const job = await readJsonIfThere<Job>(join(paths.jobs, name, 'job.json'))
        if (job) jobs.push(job)
      }
      return jobs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
    },
    get: id => readJsonIfThere<Job>(paths.jobFile(id)),
    put: job => writeJson(files, paths.jobFile(job.id), job),
  }
}
