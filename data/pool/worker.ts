/** A worker process: does its task for one file after another, as its owner hands them over. */
import { Worker } from 'node:worker_threads'
import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import { idleFor } from './idleness.ts'
import type { FromWorker, Task, ToWorker } from './task.ts'

const [module = '', megabytes = '0', owner = '0', stuckAfter = '30'] = process.argv.slice(2)
const say = (message: FromWorker) => {
  if (process.connected) process.send?.(message)
}

// Ctrl-C reaches the whole group; the owner decides when its workers end.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(0))
new Worker(new URL('./watchdog.js', import.meta.url), {
  workerData: { limit: Number(megabytes) * 1024 * 1024, owner: Number(owner) },
}).unref()

// A part of a file that nobody waits for, or waits for elsewhere: no reason to lose the rest of it.
let lastRejection = ''
process.on('unhandledRejection', reason => {
  lastRejection = messageOf(reason)
})

const { task } = (await import(module)) as { task: Task<unknown, unknown> }
await task.prepare()
process.on('message', async ({ input }: ToWorker) => {
  lastRejection = ''
  const { idle, stop } = idleFor(Number(stuckAfter))
  void idle.then(() => say({ type: 'stuck', last: lastRejection }))
  try {
    say({ type: 'done', output: await task.run(input, {}) })
  } catch (error) {
    say({
      type: 'failed',
      error: {
        known: error instanceof LesionloopError,
        code: codeOf(error),
        message: messageOf(error),
        details: error instanceof LesionloopError ? error.details : {},
      },
    })
  } finally {
    stop()
  }
})
say({ type: 'ready' })
