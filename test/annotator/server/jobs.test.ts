import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../../data/records/job.ts'
import { type Client, type DeskUnderTest, smallWorkspace, startDesk } from './desk-under-test.ts'

const PROGRAM = {
  command: process.execPath,
  args: [fileURLToPath(new URL('fixtures/job-program.mjs', import.meta.url))],
}
const startWithJobs = async (): Promise<DeskUnderTest> =>
  await startDesk(await smallWorkspace(), { jobProgram: PROGRAM })

interface Received {
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape
  data: any
}

/** Reads server-sent events until one passes, or the stream ends. */
async function eventsUntil(
  client: Client,
  path: string,
  isLast: (event: Received) => boolean = () => false,
  opened: () => unknown = () => undefined,
): Promise<Received[]> {
  const controller = new AbortController()
  const response = await fetch(`${client.url}${path}`, {
    headers: { Cookie: client.cookie },
    signal: controller.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events: Received[] = []
  let text = ''
  let isOpen = false
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    if (!isOpen) await opened()
    isOpen = true
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) {
      const event = /^event: (.*)$/m.exec(part)?.[1]
      if (!event) continue
      events.push({ event, data: JSON.parse(/^data: (.*)$/m.exec(part)![1]!) })
      if (isLast(events.at(-1)!)) {
        controller.abort()
        return events
      }
    }
  }
  return events
}

const ended = async (client: Client, id: string): Promise<Job> =>
  await expect
    .poll(async () => (await client.get(`/api/jobs/${id}`)).body.job, { timeout: 10_000 })
    .toMatchObject({ state: expect.not.stringMatching('running') })
    .then(async () => (await client.get(`/api/jobs/${id}`)).body.job)

describe('jobs over HTTP', () => {
  it('start a cycle with the options as arguments and the workspace', async () => {
    const { owner, workspace } = await startWithJobs()
    const client = await owner()
    const options = {
      backbone: 'starter',
      seed: 2,
      onlyExpert: true,
      unmentioned: 'masked',
      strategy: 'entropy',
    }
    const { status, body } = await client.post('/api/jobs/cycle', options)
    expect(status).toBe(202)
    expect(body.job).toMatchObject({ kind: 'cycle', state: 'running', by: 'owner' })
    const job = await ended(client, body.job.id)
    expect(job.state).toBe('done')
    expect((job.result as { args: string[] }).args.join(' ')).toBe(
      `cycle --backbone starter --seed 2 --only-expert --unmentioned masked --strategy entropy --workspace ${workspace.dir}`,
    )
  })

  it.each([
    [{ backbone: '--init=x' }],
    [{ backbone: 'a b' }],
    [{ seed: 1.5 }],
    [{ backend: 'cuda' }],
    [{ more: 1 }],
  ])('refuse a cycle with %j', async options => {
    const { owner } = await startWithJobs()
    expect((await (await owner()).post('/api/jobs/cycle', options)).status).toBe(400)
  })

  it('refuse a second cycle while one runs, naming it', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const first = (await client.post('/api/jobs/cycle')).body.job
    const { status, body } = await client.post('/api/jobs/cycle')
    expect([status, body.error.code, body.error.details.job]).toEqual([409, 'job-running', first.id])
  })

  it('send all of a job at once, then each change, and end with it', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const { job } = (await client.post('/api/jobs/cycle', { seed: 20 })).body
    const events = await eventsUntil(client, `/api/jobs/${job.id}/events`)
    expect(events.every(each => each.event === 'job' && each.data.id === job.id)).toBe(true)
    expect(events[0]!.data.state).toBe('running')
    expect(events.at(-1)!.data.state).toBe('done')
    expect(events.at(-1)!.data.points).toHaveLength(20)
    expect(events.length).toBeGreaterThan(2)
  })

  it('send an ended job once and end', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const { job } = (await client.post('/api/jobs/cycle', { seed: 1 })).body
    await ended(client, job.id)
    const events = await eventsUntil(client, `/api/jobs/${job.id}/events`)
    expect(events.at(-1)!.data.state).toBe('done')
  })

  it('stop when they are cancelled, and go on when they are resumed', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const { job } = (await client.post('/api/jobs/cycle')).body
    await client.post(`/api/jobs/${job.id}/cancel`)
    expect((await ended(client, job.id)).state).toBe('cancelled')
    const resumed = await client.post(`/api/jobs/${job.id}/resume`)
    expect([resumed.status, resumed.body.job.state]).toEqual([202, 'running'])
    await client.post(`/api/jobs/${job.id}/cancel`)
  })

  it('are cancelled only by who may start them', async () => {
    const { owner, personOf } = await startWithJobs()
    const { job } = (await (await owner()).post('/api/jobs/cycle')).body
    const annotator = await personOf('annotator')
    expect((await annotator.post(`/api/jobs/${job.id}/cancel`)).status).toBe(403)
    const trainer = await personOf('trainer')
    expect((await trainer.post(`/api/jobs/${job.id}/cancel`)).status).toBe(200)
  })

  it('are interrupted when the server stops, and can be taken up after', async () => {
    const desk = await startWithJobs()
    const client = await desk.owner()
    const { job } = (await client.post('/api/jobs/cycle')).body
    await desk.restart()
    expect((await client.get(`/api/jobs/${job.id}`)).body.job.state).toBe('interrupted')
    expect((await client.post(`/api/jobs/${job.id}/resume`)).status).toBe(202)
  })

  it("import a folder of the server's disk for its owner alone", async () => {
    const { owner, personOf } = await startWithJobs()
    const order = { format: 'covid-ct', path: '-x' }
    expect((await (await personOf('curator')).post('/api/jobs/import', order)).status).toBe(403)
    const client = await owner()
    const { job } = (await client.post('/api/jobs/import', order)).body
    expect(job.args[2]).toMatch(/^\/.*-x$/)
    expect(await ended(client, job.id)).toMatchObject({ state: 'failed', error: { code: 'path-missing' } })
  })

  it('that are unknown say so', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    for (const path of ['/api/jobs/none', '/api/jobs/none/events'])
      expect((await client.get(path)).body.error.code).toBe('job-unknown')
    expect((await client.post('/api/jobs/none/cancel')).status).toBe(404)
  })
})

describe('uploads over HTTP', () => {
  it('are put one by one, mined as a batch, and gone when they are mined', async () => {
    const { owner, workspace } = await startWithJobs()
    const client = await owner()
    const batch = (await client.post('/api/uploads')).body
    for (const name of ['a.pdf', '../b.pdf']) {
      const path = `/api/uploads/${batch.id}/file?name=${encodeURIComponent(name)}`
      expect((await client.send('PUT', path, Buffer.from('%PDF-1.7'))).status).toBe(201)
    }
    expect(
      (await client.get(`/api/uploads/${batch.id}`)).body.files.map((file: { name: string }) => file.name),
    ).toEqual(['a.pdf', 'b.pdf'])
    const { job } = (await client.post('/api/jobs/mine', { upload: batch.id })).body
    const done = await ended(client, job.id)
    expect(done.progress).toMatchObject({ step: 'mining', done: 2, total: 2 })
    const folder = `${workspace.paths.staging}/${batch.id}`
    await expect.poll(() => existsSync(folder)).toBe(false)
  })

  it('that are refused say why and leave the others as they are', async () => {
    const { owner } = await startDesk(await smallWorkspace(), {
      uploadLimits: { fileBytes: 100, files: 5, batchBytes: 1000 },
    })
    const client = await owner()
    const batch = (await client.post('/api/uploads')).body
    const put = (name: string, content: string) =>
      client.send('PUT', `/api/uploads/${batch.id}/file?name=${name}`, Buffer.from(content))
    expect((await put('good.pdf', '%PDF-1.7')).status).toBe(201)
    expect(await put('text.pdf', 'words')).toMatchObject({
      status: 415,
      body: { error: { code: 'upload-type' } },
    })
    expect(await put('empty.pdf', '')).toMatchObject({
      status: 422,
      body: { error: { code: 'upload-empty' } },
    })
    expect(await put('big.pdf', '%PDF'.repeat(100))).toMatchObject({ status: 413 })
    expect((await client.get(`/api/uploads/${batch.id}`)).body.files).toHaveLength(1)
  })

  it('of many megabytes that are refused hear the reason, not a broken connection', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const batch = (await client.post('/api/uploads')).body
    for (let i = 0; i < 5; i++) {
      const path = `/api/uploads/${batch.id}/file?name=text.pdf`
      expect((await client.send('PUT', path, Buffer.alloc(20 * 2 ** 20, 'a'))).status).toBe(415)
    }
  })

  it('of nothing start no job', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const batch = (await client.post('/api/uploads')).body
    expect((await client.post('/api/jobs/mine', { upload: batch.id })).body.error.code).toBe('upload-empty')
    expect((await client.post('/api/jobs/mine', { upload: '../labels' })).status).toBe(404)
  })

  it('are taken back', async () => {
    const { owner } = await startWithJobs()
    const client = await owner()
    const batch = (await client.post('/api/uploads')).body
    expect((await client.send('DELETE', `/api/uploads/${batch.id}`)).status).toBe(200)
    expect((await client.get(`/api/uploads/${batch.id}`)).status).toBe(404)
  })
})

describe('the stream of everything', () => {
  it("tells of another's act as it is saved, and of jobs", async () => {
    const { owner, personOf } = await startWithJobs()
    const [client, bob] = [await owner(), await personOf('annotator', 'Bob')]
    const { rows } = (await bob.get('/api/cases?limit=1')).body
    const events = await eventsUntil(
      client,
      '/api/events',
      each => each.event === 'workspace',
      async () => {
        await bob.act(rows[0].id, 0, { kind: 'note', text: 'seen' })
        await client.post('/api/jobs/cycle', { seed: 3 })
      },
    )
    expect(events[0]).toMatchObject({
      event: 'act',
      data: { case: rows[0].id, who: 'bob', kind: 'note', version: 1 },
    })
    const done = events.find(each => each.event === 'job' && each.data.job.state === 'done')
    expect(done?.data.job.points).toHaveLength(3)
  })

  it('ends when the server stops, so that stopping takes no time', async () => {
    const desk = await startWithJobs()
    const client = await desk.owner()
    const reading = eventsUntil(client, '/api/events', undefined, () => void desk.server.close())
    expect(await reading).toEqual([])
  })
})
