import { resolve } from 'node:path'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { isUnderWay, type Job } from '../../../data/records/job.ts'
import { type Desk, type Env, person } from '../context.ts'
import { need } from '../guard.ts'
import { asEvent } from '../live-channel.ts'
import { JOB_RULES } from '../rules.ts'
import { valid } from '../validate.ts'

/** A silent stream is cut by proxies after about a minute. */
const HEARTBEAT_MS = 15_000
const LONGEST_LIST = 50
const IMPORT_FORMATS = ['covid-ct', 'jsonl', 'csv'] as const

const word = z.string().regex(/^[\w.-]{1,60}$/, 'a word of letters, digits, dots and dashes is expected')

/** What a retraining is started with; each is an argument of `lesionloop cycle`, left out: its default. */
const cycleOptions = z.strictObject({
  backbone: word.optional(),
  backend: z.enum(['auto', 'wasm', 'cpu', 'native', 'gpu']).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  onlyExpert: z.boolean().optional(),
  unmentioned: z.enum(['absent', 'masked']).optional(),
  controls: z.enum(['absent', 'masked']).optional(),
  strategy: word.optional(),
})

/** Long work: started here, run as child processes, watched as it goes. */
export const jobs = new Hono<Env>()
  /** Newest first; of ended ones without their curves, which a cycle's metrics have. */
  .get('/jobs', async c => {
    const all = (await c.var.desk.jobs.list()).slice(0, LONGEST_LIST)
    return c.json({ jobs: all.map(job => (isUnderWay(job) ? job : { ...job, points: [] })) })
  })

  .post('/jobs/cycle', valid('json', cycleOptions), async c => {
    const { desk } = c.var
    await refuseSecond(desk, 'cycle')
    return c.json(
      { job: await desk.jobs.start('cycle', cycleArguments(c.req.valid('json')), person(c).id) },
      202,
    )
  })

  .post('/jobs/mine', valid('json', z.strictObject({ upload: z.string().max(100) })), async c => {
    const { desk } = c.var
    const { upload } = c.req.valid('json')
    const paths = desk.uploads.paths(upload)
    if (paths.length === 0)
      throw new LesionloopError('upload-empty', 'upload: no file in this batch; send some first')
    await refuseSecond(desk, 'mine')
    return c.json({ job: await desk.jobs.start('mine', ['mine', ...paths], person(c).id) }, 202)
  })

  .post(
    '/jobs/import',
    valid('json', z.strictObject({ format: z.enum(IMPORT_FORMATS), path: z.string().min(1).max(4000) })),
    async c => {
      const { desk, session } = c.var
      const { format, path } = c.req.valid('json')
      // A path names any folder of the server's disk: only for who could read it anyway.
      if (!session?.owner)
        throw new LesionloopError(
          'not-allowed',
          'import: a folder on the server can be named only by who opened the link that `lesionloop serve` printed; run `lesionloop import` there',
        )
      await refuseSecond(desk, 'import')
      return c.json(
        { job: await desk.jobs.start('import', ['import', format, resolve(path)], person(c).id) },
        202,
      )
    },
  )

  .get('/jobs/:id', async c => c.json({ job: await known(c.var.desk, c.req.param('id')) }))

  .post('/jobs/:id/cancel', async c => {
    const { desk } = c.var
    const job = await known(desk, c.req.param('id'))
    need(person(c).role, JOB_RULES[job.kind])
    return c.json({ job: await desk.jobs.cancel(job.id) })
  })

  .post('/jobs/:id/resume', async c => {
    const { desk } = c.var
    const job = await known(desk, c.req.param('id'))
    need(person(c).role, JOB_RULES[job.kind])
    await refuseSecond(desk, job.kind)
    return c.json({ job: await desk.jobs.resume(job.id) }, 202)
  })

  /** One job as server-sent events: `job` with all of it at once and at each change; ends when the job ends. */
  .get('/jobs/:id/events', async c => {
    const { desk } = c.var
    const job = await known(desk, c.req.param('id'))
    return streamSSE(c, stream =>
      follow(
        stream,
        desk,
        async send => {
          send(asEvent('job', job))
          const latest = (await desk.jobs.get(job.id)) ?? job
          send(asEvent('job', latest))
          return !isUnderWay(latest)
        },
        (send, end) =>
          desk.live.listen(message => {
            if (message.type !== 'job' || message.job.id !== job.id) return
            send(asEvent('job', message.job))
            if (!isUnderWay(message.job)) end()
          }),
      ),
    )
  })

  /** Everything that happens: `act`, `job` and `workspace` messages, as long as the page is open. */
  .get('/events', c => {
    const { desk } = c.var
    return streamSSE(c, stream =>
      follow(
        stream,
        desk,
        async () => false,
        send => desk.live.listenBytes(send),
      ),
    )
  })

type Send = (events: string | Uint8Array) => void

/**
 * Keeps a stream open: sends what comes on the live channel until the client leaves, the server stops, or the one job
 * that is followed ends. Listening starts before the first state is read, so that no change falls in between.
 */
async function follow(
  stream: SSEStreamingApi,
  desk: Desk,
  begin: (send: Send) => Promise<boolean>,
  listen: (send: Send, end: () => void) => () => void,
): Promise<void> {
  let end: () => void = () => undefined
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  let last: Promise<unknown> = Promise.resolve()
  const send: Send = events => {
    last = last.then(() => stream.write(events)).catch(end)
  }
  const stop = listen(send, () => end())
  const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS)
  stream.onAbort(end)
  desk.stopping.addEventListener('abort', end, { once: true })
  try {
    // The first bytes at once, so that the client knows the stream is open.
    await stream.write(': open\n\n')
    if (!desk.stopping.aborted && !(await begin(send))) await ended
    await last
  } finally {
    stop()
    clearInterval(heartbeat)
    desk.stopping.removeEventListener('abort', end)
  }
}

function cycleArguments(options: z.output<typeof cycleOptions>): string[] {
  const args = ['cycle']
  if (options.backbone !== undefined) args.push('--backbone', options.backbone)
  if (options.backend !== undefined) args.push('--backend', options.backend)
  if (options.seed !== undefined) args.push('--seed', String(options.seed))
  if (options.onlyExpert) args.push('--only-expert')
  if (options.unmentioned !== undefined) args.push('--unmentioned', options.unmentioned)
  if (options.controls !== undefined) args.push('--controls', options.controls)
  if (options.strategy !== undefined) args.push('--strategy', options.strategy)
  return args
}

/** Two of a kind would wait for each other's lock: the second is refused at once, with the first's name. */
async function refuseSecond(desk: Desk, kind: Job['kind']): Promise<void> {
  const running = (await desk.jobs.list()).find(job => job.kind === kind && isUnderWay(job))
  if (running)
    throw new LesionloopError(
      'job-running',
      `job: ${kind}: one is ${running.state} since ${running.startedAt}; wait for it, or cancel it`,
      {
        job: running.id,
      },
    )
}

async function known(desk: Desk, id: string): Promise<Job> {
  const job = await desk.jobs.get(id)
  if (job) return job
  throw new LesionloopError('job-unknown', `job: ${id.slice(0, 60)}: no such job; see the list of jobs`)
}
