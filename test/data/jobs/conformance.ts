import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Program } from '../../../data/jobs/child.ts'
import type { JobRunner } from '../../../data/jobs/runner.ts'
import { isUnderWay, type Job } from '../../../data/records/job.ts'
import type { Workspace } from '../../../data/workspace/open.ts'

/** What the jobs of these suites run: see its own words. */
export const program: Program = {
  command: process.execPath,
  args: [join(import.meta.dirname, 'program.mjs')],
}

export interface Opened {
  runner: JobRunner
  workspace: Workspace
}

/** The job's record once it satisfies a condition. */
export function until(runner: JobRunner, id: string, is: (job: Job) => boolean): Promise<Job> {
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
export const end = (runner: JobRunner, id: string) => until(runner, id, job => !isUnderWay(job))
export const working = (runner: JobRunner, id: string) =>
  until(runner, id, job => job.state === 'running' && job.progress !== undefined)

/** What every runner of jobs does, whoever works on them. */
export function jobRunnerSuite(
  open: (of?: { now?: () => Date; program?: Program }) => Promise<Opened>,
): void {
  describe('a job', () => {
    test('is done with its result, points and last progress', async () => {
      const { runner } = await open()
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
      const { runner, workspace } = await open()
      const { id } = await runner.start('export', ['good', 'a b.pdf'], 'ann')
      await end(runner, id)
      const log = await readFile(workspace.paths.jobLog(id), 'utf8')
      expect(log).toContain(
        `arguments: ["good","a b.pdf","--workspace",${JSON.stringify(workspace.dir)}] job ${id}`,
      )
    })

    test('that went through with failures is done, with its problems', async () => {
      const { runner } = await open()
      const job = await end(runner, (await runner.start('export', ['problems'], 'ann')).id)
      expect(job.state).toBe('done')
      expect(job.problems).toEqual([{ item: 'a.pdf', code: 'pdf-broken', message: 'pdf: a.pdf: broken' }])
    })

    test('that reports an error has failed with it', async () => {
      const { runner } = await open()
      const job = await end(runner, (await runner.start('export', ['bad'], 'ann')).id)
      expect(job).toMatchObject({ state: 'failed', error: { code: 'boom', message: 'it went wrong' } })
    })

    test('that dies without a word has failed with the last line of its log', async () => {
      const { runner } = await open()
      const job = await end(runner, (await runner.start('export', ['silent'], 'ann')).id)
      expect(job).toMatchObject({ state: 'failed', error: { code: 'job-ended' } })
      expect(job.error!.message).toMatch(/status 3: the last words/)
    })

    test.each([
      ['throws', [], /status 1: RangeError: a number was too large; see its log/],
      ['missing', [], /status 1: Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module .*no-such-module/],
      ['hungry', ['--max-old-space-size=32'], /SIGABRT: FATAL ERROR: .*heap out of memory/],
      ['mute', [], /status 4: arguments: .*; see its log/],
      ['wordless', [], /status 1: .*; see its log/],
    ] as const)('that ends by itself (%s) has failed with the reason', async (verb, flags, reason) => {
      const { runner } = await open({ program: { ...program, args: [...flags, ...program.args] } })
      const job = await end(runner, (await runner.start('export', [verb], 'ann')).id)
      expect(job).toMatchObject({ state: 'failed', error: { code: 'job-ended' } })
      expect(job.error!.message).toMatch(reason)
    })

    test('whose program itself is not there has failed with the reason', async () => {
      const gone = join(import.meta.dirname, 'no-such-program.mjs')
      const { runner } = await open({ program: { command: process.execPath, args: [gone] } })
      const job = await end(runner, (await runner.start('export', ['good'], 'ann')).id)
      expect(job.error!.message).toMatch(/status 1: Error: Cannot find module .*no-such-program/)
    })

    test('that is killed from outside has failed and says by what', async () => {
      const { runner } = await open()
      const job = await end(runner, (await runner.start('export', ['killed'], 'ann')).id)
      expect(job.error!.message).toMatch(/SIGKILL/)
    })

    test('that floods us with reports keeps a bounded record with the last point', async () => {
      const { runner } = await open()
      const job = await end(runner, (await runner.start('export', ['flood'], 'ann')).id)
      expect(job.problems).toHaveLength(1000)
      expect(job.points.length).toBeLessThanOrEqual(4000)
      expect(job.points[0]!['epoch']).toBe(0)
      expect(job.points.at(-1)!['epoch']).toBe(9999)
      expect(job.progress!.done).toBe(9999)
    })
  })

  describe('cancelling', () => {
    test('stops a job at its own point', async () => {
      const { runner } = await open()
      const { id } = await runner.start('cycle', ['wait'], 'ann')
      await working(runner, id)
      expect((await runner.cancel(id)).state).toBe('cancelled')
    })

    test('kills a job that does not listen', async () => {
      const { runner } = await open()
      const { id } = await runner.start('cycle', ['stubborn'], 'ann')
      await working(runner, id)
      expect((await runner.cancel(id)).state).toBe('cancelled')
    })

    test('leaves an ended job as it is', async () => {
      const { runner } = await open()
      const { id } = await runner.start('cycle', ['good'], 'ann')
      const job = await end(runner, id)
      expect(await runner.cancel(id)).toEqual(job)
    })

    test('of a job nobody knows says so', async () => {
      const { runner } = await open()
      await expect(runner.cancel('nothing')).rejects.toMatchObject({ code: 'job-unknown' })
    })
  })

  describe('resuming', () => {
    test('starts a cancelled job again under its id with the same arguments', async () => {
      const { runner } = await open()
      const first = await runner.start('cycle', ['wait', '--seed', '3'], 'ann')
      await working(runner, first.id)
      await runner.cancel(first.id)
      await runner.resume(first.id)
      const again = await working(runner, first.id)
      expect(again).toMatchObject({ id: first.id, args: ['wait', '--seed', '3'], by: 'ann' })
      expect(again.endedAt).toBeUndefined()
      expect(await runner.list()).toHaveLength(1)
      await runner.cancel(first.id)
    })

    test('of a failed job forgets its old error', async () => {
      const { runner } = await open()
      const { id } = await runner.start('cycle', ['bad'], 'ann')
      await end(runner, id)
      expect((await runner.resume(id)).error).toBeUndefined()
      await end(runner, id)
    })

    test('of a running or a done job is refused', async () => {
      const { runner } = await open()
      const { id } = await runner.start('cycle', ['wait'], 'ann')
      await working(runner, id)
      await expect(runner.resume(id)).rejects.toMatchObject({ code: 'job-running' })
      await runner.cancel(id)
      const done = await runner.start('cycle', ['good'], 'ann')
      await end(runner, done.id)
      await expect(runner.resume(done.id)).rejects.toMatchObject({ code: 'job-done' })
    })

    test('of a job nobody knows says so', async () => {
      const { runner } = await open()
      await expect(runner.resume('nothing')).rejects.toMatchObject({ code: 'job-unknown' })
    })
  })

  describe('the runner', () => {
    test('lists the newest first', async () => {
      let minute = 0
      const { runner } = await open({ now: () => new Date(Date.UTC(2020, 0, 1, 0, minute++)) })
      const first = await runner.start('cycle', ['good'], 'ann')
      await end(runner, first.id)
      const second = await runner.start('cycle', ['good'], 'ann')
      await end(runner, second.id)
      expect((await runner.list()).map(job => job.id)).toEqual([second.id, first.id])
    })

    test('tells every listener of the end exactly once', async () => {
      const { runner } = await open()
      const ends: string[] = []
      runner.listen(job => {
        if (!isUnderWay(job)) ends.push(job.state)
      })
      const { id } = await runner.start('cycle', ['good'], 'ann')
      await end(runner, id)
      await new Promise(resolve => setTimeout(resolve, 150))
      expect(ends).toEqual(['done'])
    })
  })
}
