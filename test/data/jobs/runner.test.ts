import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type JobRunner, type JobRunnerOptions, openJobRunner } from '../../../data/jobs/runner.ts'
import type { Job } from '../../../data/records/job.ts'
import { jobStore } from '../../../data/stores/jobs.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { newWorkspace } from '../stores/sample.ts'

const program = { command: process.execPath, args: [join(import.meta.dirname, 'program.mjs')] }

async function openRunner(workspace?: Workspace, more: Partial<JobRunnerOptions> = {}) {
  const place = workspace ?? (await newWorkspace())
  const runner = await openJobRunner(place, { store: jobStore(place), program, graceMs: 300, ...more })
  onTestFinished(() => runner.close())
  return { workspace: place, runner }
}

/** The job's record once it satisfies a condition. */
function until(runner: JobRunner, id: string, is: (job: Job) => boolean): Promise<Job> {
  return new Promise(resolve => {
    const look = (job: Job | undefined) => {
      if (job?.id === id && is(job)) {
        stop()
        resolve(job)
      }
    }
    const stop = runner.listen(look)
    void runner.get(id).then(look)
  })
}
const end = (runner: JobRunner, id: string) => until(runner, id, job => job.state !== 'running')
const working = (runner: JobRunner, id: string) => until(runner, id, job => job.progress !== undefined)

describe('a job', () => {
  test('is done with its result, points and last progress', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['good'], 'ann')
    const job = await end(runner, id)
    expect(job).toMatchObject({
      state: 'done',
      by: 'ann',
      kind: 'cycle',
      result: { cases: 3 },
      progress: { step: 'good', done: 3 },
    })
    expect(job.points).toEqual([1, 2, 3].map(i => ({ epoch: i, loss: 1 / i })))
    expect(job.endedAt! >= job.startedAt).toBe(true)
  })

  test('runs its verb on the workspace, told its id, and its words go to its log', async () => {
    const { runner, workspace } = await openRunner()
    const { id } = await runner.start('mine', ['good', 'a b.pdf'], 'ann')
    await end(runner, id)
    const log = await readFile(workspace.paths.jobLog(id), 'utf8')
    expect(log).toContain(
      `arguments: ["good","a b.pdf","--workspace",${JSON.stringify(workspace.dir)}] job ${id}`,
    )
  })

  test('is on the disk as it ended', async () => {
    const { runner, workspace } = await openRunner()
    const { id } = await runner.start('cycle', ['good'], 'ann')
    const job = await end(runner, id)
    expect(JSON.parse(await readFile(workspace.paths.jobFile(id), 'utf8'))).toEqual(job)
  })

  test('that went through with failures is done, with its problems', async () => {
    const { runner } = await openRunner()
    const job = await end(runner, (await runner.start('mine', ['problems'], 'ann')).id)
    expect(job.state).toBe('done')
    expect(job.problems).toEqual([{ item: 'a.pdf', code: 'pdf-broken', message: 'pdf: a.pdf: broken' }])
  })

  test('that reports an error has failed with it', async () => {
    const { runner } = await openRunner()
    const job = await end(runner, (await runner.start('mine', ['bad'], 'ann')).id)
    expect(job).toMatchObject({ state: 'failed', error: { code: 'boom', message: 'it went wrong' } })
  })

  test('that dies without a word has failed with the last line of its log', async () => {
    const { runner } = await openRunner()
    const job = await end(runner, (await runner.start('mine', ['silent'], 'ann')).id)
    expect(job).toMatchObject({ state: 'failed', error: { code: 'job-ended' } })
    expect(job.error!.message).toMatch(/status 3: the last words/)
  })

  test('that is killed from outside has failed and says by what', async () => {
    const { runner } = await openRunner()
    const job = await end(runner, (await runner.start('mine', ['killed'], 'ann')).id)
    expect(job.error!.message).toMatch(/SIGKILL/)
  })

  test('that floods us with reports keeps a bounded record with the last point', async () => {
    const { runner } = await openRunner()
    const job = await end(runner, (await runner.start('mine', ['flood'], 'ann')).id)
    expect(job.problems).toHaveLength(1000)
    expect(job.points.length).toBeLessThanOrEqual(4000)
    expect(job.points[0]!['epoch']).toBe(0)
    expect(job.points.at(-1)!['epoch']).toBe(9999)
    expect(job.progress!.done).toBe(9999)
  })

  test('whose program is missing is refused and on record as failed', async () => {
    const { runner } = await openRunner(undefined, { program: { command: '/nonexistent/program', args: [] } })
    await expect(runner.start('mine', ['good'], 'ann')).rejects.toMatchObject({ code: 'job-start' })
    expect((await runner.list()).map(job => job.state)).toEqual(['failed'])
  })
})

describe('cancelling', () => {
  test('stops a job at its own point', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['wait'], 'ann')
    await working(runner, id)
    expect((await runner.cancel(id)).state).toBe('cancelled')
  })

  test('kills a job that does not listen', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['stubborn'], 'ann')
    await working(runner, id)
    expect((await runner.cancel(id)).state).toBe('cancelled')
  })

  test('leaves an ended job as it is', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['good'], 'ann')
    const job = await end(runner, id)
    expect(await runner.cancel(id)).toEqual(job)
  })

  test('of a job nobody knows says so', async () => {
    const { runner } = await openRunner()
    await expect(runner.cancel('nothing')).rejects.toMatchObject({ code: 'job-unknown' })
  })
})

describe('resuming', () => {
  test('starts a cancelled job again under its id with the same arguments', async () => {
    const { runner } = await openRunner()
    const first = await runner.start('cycle', ['wait', '--seed', '3'], 'ann')
    await working(runner, first.id)
    await runner.cancel(first.id)
    const again = await runner.resume(first.id)
    expect(again).toMatchObject({ id: first.id, args: ['wait', '--seed', '3'], state: 'running', by: 'ann' })
    expect(again.endedAt).toBeUndefined()
    expect(await runner.list()).toHaveLength(1)
  })

  test('of a failed job forgets its old error', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['bad'], 'ann')
    await end(runner, id)
    expect((await runner.resume(id)).error).toBeUndefined()
    await end(runner, id)
  })

  test('of a running or a done job is refused', async () => {
    const { runner } = await openRunner()
    const { id } = await runner.start('cycle', ['wait'], 'ann')
    await expect(runner.resume(id)).rejects.toMatchObject({ code: 'job-running' })
    const done = await runner.start('cycle', ['good'], 'ann')
    await end(runner, done.id)
    await expect(runner.resume(done.id)).rejects.toMatchObject({ code: 'job-done' })
  })
})

describe('the runner', () => {
  test('that closes leaves what ran as interrupted, to be taken up by the next one', async () => {
    const { runner, workspace } = await openRunner()
    const { id } = await runner.start('cycle', ['wait'], 'ann')
    await working(runner, id)
    await runner.close()
    const next = await openRunner(workspace)
    expect((await next.runner.get(id))!.state).toBe('interrupted')
    expect((await next.runner.resume(id)).state).toBe('running')
  })

  test('finds a job on record as running whose process is gone, and calls it interrupted', async () => {
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

  test('does not take a stranger with the same pid for its job', async () => {
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

  test('lists the newest first', async () => {
    let minute = 0
    const { runner } = await openRunner(undefined, { now: () => new Date(Date.UTC(2020, 0, 1, 0, minute++)) })
    const first = await runner.start('cycle', ['good'], 'ann')
    await end(runner, first.id)
    const second = await runner.start('cycle', ['good'], 'ann')
    await end(runner, second.id)
    expect((await runner.list()).map(job => job.id)).toEqual([second.id, first.id])
  })

  test('tells every listener of the end exactly once', async () => {
    const { runner } = await openRunner()
    const ends: string[] = []
    runner.listen(job => {
      if (job.state !== 'running') ends.push(job.state)
    })
    const { id } = await runner.start('cycle', ['good'], 'ann')
    await end(runner, id)
    await new Promise(resolve => setTimeout(resolve, 150))
    expect(ends).toEqual(['done'])
  })
})
