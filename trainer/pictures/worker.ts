import { parentPort } from 'node:worker_threads'
import { codeOf, messageOf } from '../../data/errors.ts'
import { doTask, type PictureDone, type PictureTask } from './task.ts'

export type ToWorker = { job: number; task: PictureTask }
export type FromWorker =
  | { job: number; done: PictureDone }
  | { job: number; error: { code: string; message: string } }

/** Pictures a worker has in hand at a time: while one waits for the disk another is worked on. */
const AT_ONCE = 2

const queue: ToWorker[] = []
let working = 0

parentPort?.on('message', (message: ToWorker) => {
  queue.push(message)
  void next()
})

async function next(): Promise<void> {
  if (working >= AT_ONCE) return
  const message = queue.shift()
  if (!message) return
  working++
  try {
    const done = await doTask(message.task)
    parentPort?.postMessage({ job: message.job, done } satisfies FromWorker, [done.x.buffer as ArrayBuffer])
  } catch (error) {
    const problem = { code: codeOf(error), message: messageOf(error) }
    parentPort?.postMessage({ job: message.job, error: problem } satisfies FromWorker)
  } finally {
    working--
    void next()
  }
}
