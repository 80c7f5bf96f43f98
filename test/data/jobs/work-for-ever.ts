import { existsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Timing } from '../../../data/jobs/queue/sweep.ts'
import { fanOut, type Handler, type Handlers, type Working } from '../../../data/jobs/queue/work.ts'
import { openWorker } from '../../../data/jobs/queue/worker.ts'
import { databaseAddress } from '../../../data/stores/database-address.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'

/**
 * A worker of the tests, a process of its own: `work-for-ever.ts FOLDER ADDRESS OPTIONS`. What it does stands in
 * FOLDER/trace, a line each: what, the piece's name, the attempt, the process. What waits, waits for FOLDER/go.
 */
const [dir, address, given] = process.argv.slice(2)
const options = JSON.parse(given!) as { gpu?: boolean; slots?: number; timing: Partial<Timing> }
const workspace = await openWorkspace(dir!)

const trace = ({ piece }: Working, what: string) =>
  appendFile(join(dir!, 'trace'), `${what} ${piece.name} ${piece.attempt} ${process.pid}\n`)

async function untilGo({ signal }: Working): Promise<void> {
  while (!existsSync(join(dir!, 'go')))
    await delay(20, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** Waits, then writes what may be written once. */
const slow: Handler = {
  async run(working) {
    await trace(working, 'begin')
    working.report({ step: 'waiting for go', done: 0, total: 1 })
    await untilGo(working)
    await working.fenced(() => trace(working, 'write'))
    return { result: process.pid }
  },
}

const handlers: Handlers = {
  /** `mine STEP COUNT`: so many pieces of a step, and one that adds them up. */
  mine: {
    async run({ job }) {
      const [, step, count] = job.args
      const pieces = Array.from({ length: Number(count) }, (_, at) => ({
        step: step!,
        kind: 'mine' as const,
        name: `piece-${at}`,
        data: at,
      }))
      return fanOut('counting', pieces, { step: 'sum', kind: 'mine', name: 'sum', data: null })
    },
  },
  sum: {
    async run(working) {
      const results: unknown[] = []
      for await (const { result } of working.results()) results.push(result)
      return { result: results }
    },
  },
  count: {
    async run(working) {
      await trace(working, 'count')
      // Long enough for the other worker to take some too.
      await delay(40)
      return { result: process.pid }
    },
  },
  slow,
  export: slow,
  poison: {
    async run(working) {
      await trace(working, 'begin')
      if (working.piece.data === 1) process.kill(process.pid, 'SIGKILL')
      return { result: 'fine' }
    },
    async putAside(working, error) {
      await trace(working, 'aside')
      const problem = { item: working.piece.name, ...error }
      working.report({ step: '', done: 0, total: null, problem })
      return 'aside'
    },
  },
  flaky: {
    async run(working) {
      await trace(working, 'begin')
      if (working.piece.attempt < 3) throw new Error('the disk hiccuped')
      return { result: 'at last' }
    },
  },
  cycle: {
    async run(working) {
      await trace(working, 'enter')
      await delay(150)
      await trace(working, 'leave')
      return { result: null }
    },
  },
}

const worker = await openWorker(workspace, {
  address: databaseAddress(address!),
  gpu: options.gpu ?? false,
  kinds: ['mine', 'train', 'export'],
  slots: { mine: options.slots ?? 1 },
  handlers,
  timing: options.timing,
})
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
console.log('working')
