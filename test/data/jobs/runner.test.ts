import { readFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type JobRunnerOptions, openJobRunner } from '../../../data/jobs/runner.ts'
import type { Job } from '../../../data/records/job.ts'
import { jobStore } from '../../../data/stores/jobs.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { newWorkspace } from '../stores/sample.ts'
import { end, jobRunnerSuite, program, working } from './conformance.ts'

async function openRunner(workspace?: Workspace, more: Partial<JobRunnerOptions> = {}) {
  const place = workspace ?? (await newWorkspace())
  const runner = await openJobRunner(place, { store: jobStore(place), program, graceMs: 300, ...more })
  onTestFinished(() => runner.close())
  return { workspace: place, runner }
}

describe('jobs that the server runs itself', () => {
  jobRunnerSuite(of => openRunner(undefined, of))

  test('a job is on the disk as it ended', async () => {
    const { runner, workspace } = await openRunner()
    const { id } = await runner.start('cycle', ['good'], 'ann')
    const job = await end(runner, id)
    expect(JSON.parse(await readFile(workspace.paths.jobFile(id), 'utf8'))).toEqual(job)
  })

  test('a job whose program is missing is refused and on record as failed', async () => {
    const { runner } = await openRunner(undefined, { program: { command: '/nonexistent/program', args: [] } })
    await expect(runner.start('mine', ['good'], 'ann')).rejects.toMatchObject({ code: 'job-start' })
    expect((await runner.list()).map(job => job.state)).toEqual(['failed'])
  })

  test('a runner that closes leaves what ran as interrupted, to be taken up by the next one', async () => {
    const { runner, workspace } = await openRunner()
    const { id } = await runner.start('cycle', ['wait'], 'ann')
    await working(runner, id)
    await runner.close()
    const next = await openRunner(workspace)
    expect((await next.runner.get(id))!.state).toBe('interrupted')
    expect((await next.runner.resume(id)).state).toBe('running')
  })

  test('a runner finds a job on record as running whose process is gone, and calls it interrupted', async () => {
    const workspace = await newWorkspace()
    const store = jobStore(workspace)
    const job: Job = {
      id: 'old',
      kind: 'mine',
      args: ['mine'],
      by: 'ann',
      state: 'running',
      startedAt: '2020-01-01T00:00:00.000Z',
      pid: 2 ** 22 + 1,
      processStart: 'x',
      problems: [],
      points: [],
    }
    await store.put(job)
    const { runner } = await openRunner(workspace)
    expect((await runner.get('old'))!.state).toBe('interrupted')
  })

  test('a runner does not take a stranger with the same pid for its job', async () => {
    const workspace = await newWorkspace()
    await jobStore(workspace).put({
      id: 'old',
      kind: 'mine',
      args: ['mine'],
      by: 'ann',
      state: 'running',
      startedAt: '2020-01-01T00:00:00.000Z',
      pid: process.pid,
      processStart: 'another time',
      problems: [],
      points: [],
    })
    const { runner } = await openRunner(workspace)
    expect((await runner.get('old'))!.state).toBe('interrupted')
  })
})
