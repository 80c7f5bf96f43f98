/**
 * A thread of a worker process that ends the whole process where it holds too much memory, or where its owner is gone
 * (killed, so that it could not end its workers). It works while the file's own code is stuck in a loop or in native
 * code, and it sees memory outside JavaScript's heap, which V8's own limits do not.
 */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { OVER_MEMORY } from './task.ts'

const LOOK_EVERY_MS = 50

const { limit, owner } = workerData as { limit: number; owner: number }
setInterval(() => {
  if (process.ppid !== owner) process.kill(process.pid, 'SIGKILL')
  if (process.memoryUsage.rss() > limit) {
    writeSync(2, `${OVER_MEMORY}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
}, LOOK_EVERY_MS)
