import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { packagePath } from '../../data/workspace/package-root.ts'
import { Client } from '../annotator/server/desk-under-test.ts'
import { hasS3 } from '../data/files/s3-of-tests.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../postgres/server-of-tests.ts'
import { readCompose } from './compose.ts'
import { freePort, Machine, type Running } from './machine.ts'

const PASSWORD = 'a password of twenty letters'

const corpus = (file: string) => packagePath('data', 'demo', 'corpus', file)

describe.skipIf(!hasPostgres() || !hasS3())('the services of compose.yaml, as processes', () => {
  let postgres: PostgresOfTests
  let machine: Machine
  let url: string
  const running: Running[] = []

  beforeAll(async () => {
    const compose = readCompose({
      DATABASE_PASSWORD: 'd',
      STORAGE_KEY: 'key',
      STORAGE_SECRET: 'storage secret',
    })
    // The settings that its own command gives it.
    const options = compose.services['database']!.command.filter(word => word.includes('='))
    postgres = await startPostgres(
      Object.fromEntries(options.map(each => each.split('=') as [string, string])),
    )
    const [storage, port] = [await freePort(), await freePort()]
    url = `http://127.0.0.1:${port}`
    machine = await Machine.of(compose, [
      [compose.services['server']!.environment!['LESIONLOOP_DATABASE']!, await postgres.newDatabase()],
      ['storage:7070', `127.0.0.1:${storage}`],
      ['7070', String(storage)],
      ['4040', String(port)],
    ])
  })
  afterAll(async () => {
    await machine?.close()
    await postgres?.close()
  })

  test('take a document in, mine it at a worker, show its pictures, and stop in order', async () => {
    onTestFailed(() => {
      for (const { name, log } of running) console.error(`${name}:\n${log()}`)
    })
    const start = async (name: string) => {
      const service = machine.start(name)
      running.push(service)
      return service
    }
    await (await start('storage')).healthy()

    // As docs/deploy.md begins: the first documents make the workspace, then somebody who may log in.
    const mined = await machine.run('server', ['mine', corpus('plover.pdf')])
    expect(mined.status, mined.out).toBe(0)
    const added = await machine.run(
      'server',
      ['user', 'add', 'Dr Ann', '--role', 'curator', '--password-stdin'],
      PASSWORD,
    )
    expect(added.status, added.out).toBe(0)
    expect(added.out).toContain('Dr Ann can log in as curator')

    const server = await start('server')
    await server.healthy()
    const workers = [await start('miner'), await start('trainer')]

    const ann = new Client(url)
    expect((await ann.post('/api/login/password', { name: 'Dr Ann', password: PASSWORD })).status).toBe(200)
    const { body: batch } = await ann.post('/api/uploads')
    const pdf = await readFile(corpus('avocet.pdf'))
    const sent = await ann.send('PUT', `/api/uploads/${batch.id}/file?name=avocet.pdf`, new Uint8Array(pdf), {
      'Content-Type': 'application/octet-stream',
    })
    expect(sent.status).toBe(201)
    const { body: begun } = await ann.post('/api/jobs/mine', { upload: batch.id })
    await expect
      .poll(async () => (await ann.get(`/api/jobs/${begun.job.id}`)).body.job.state, {
        timeout: 90_000,
        interval: 250,
      })
      .toBe('done')
    // The server itself works on nothing: it was the worker for mining that did it.
    await expect.poll(() => workers.map(each => each.log().includes('avocet.pdf'))).toEqual([true, false])

    const { body: list } = await ann.get('/api/cases?search=avocet.pdf&limit=5')
    expect(list.total).toBeGreaterThan(0)
    // Fetched from the storage: the worker has a folder of its own.
    const picture = await ann.get(`/images/${list.rows[0].imageFile}`)
    expect(picture.status).toBe(200)
    expect(picture.headers.get('content-type')).toMatch(/^image\//)

    for (const service of [...workers, server])
      expect(await service.stop(), `${service.name}: ${service.log()}`).toBe(0)
  })
})
