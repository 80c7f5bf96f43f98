import { spawn } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Condition } from '../../../annotator/server/watch/condition.ts'
import { openLog } from '../../../annotator/server/watch/log.ts'
import { timedFiles } from '../../../annotator/server/watch/timed-files.ts'
import { tryDisk } from '../../../annotator/server/watch/try-disk.ts'
import { openStore } from '../../../data/stores/open.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { caseId, LABEL, newOp, sealCycle, smallWorkspace, startDesk } from './desk-under-test.ts'
import { temporaryFolder } from './temporary-workspace.ts'

type Line = Record<string, unknown>

/** A log of the test's own: each line as the object it is. */
function caughtLog() {
  const raw: string[] = []
  const lines = () => raw.map(line => JSON.parse(line) as Line)
  return { raw, lines, log: { json: { write: (line: string) => void raw.push(line) } } }
}

const eventually = async (what: () => boolean) => {
  for (let tries = 0; !what() && tries < 200; tries++) await new Promise(resolve => setTimeout(resolve, 25))
  expect(what()).toBe(true)
}

describe('the log', () => {
  it('has a JSON line for each request: its id, which the answer carries, route pattern, status, time and who', async () => {
    const { log, lines } = caughtLog()
    const { server, owner } = await startDesk(await smallWorkspace(), { log })
    const client = await owner()
    await client.send('GET', `/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)
    const answer = await fetch(`${server.url}/health`)
    const [read] = lines().filter(line => line['route'] === '/api/case')
    expect(read).toMatchObject({
      level: 'info',
      method: 'GET',
      status: 200,
      who: expect.any(String),
      ms: expect.any(Number),
    })
    const [health] = lines().filter(line => line['route'] === '/health')
    expect(answer.headers.get('x-request-id')).toBe(health!['requestId'])
  })

  it('names the code of a refusal', async () => {
    const { log, lines } = caughtLog()
    const { stranger } = await startDesk(await smallWorkspace(), { log })
    await stranger().send('GET', '/api/cases')
    expect(lines()).toContainEqual(
      expect.objectContaining({ route: '/api/cases', status: 401, code: 'login-needed' }),
    )
  })

  it('holds nothing that lets somebody in, and no text of a case', async () => {
    const { log, raw } = caughtLog()
    const { server, owner } = await startDesk(await smallWorkspace(), { log })
    const link = await server.newLoginLink()
    const token = link.split('#')[1]!
    const login = await fetch(`${server.url}/api/login/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    expect(login.status).toBe(200)
    await fetch(`${server.url}/nowhere/${token}`)
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, { kind: 'note', text: 'seen by Dr. Secret' }, newOp())
    const written = raw.join('')
    expect(written).toContain('/api/acts')
    for (const secret of [token, 'Dr. Secret', 'Ground-glass', 'session='])
      expect(written).not.toContain(secret)
  })

  it('keeps out what has a secret’s name, should it ever be logged', () => {
    const { log, raw } = caughtLog()
    openLog(log).info({ token: 'abc123', headers: { cookie: 'def456' } }, 'by mistake')
    expect(raw.join('')).not.toMatch(/abc123|def456/)
  })

  it('that can’t be written is refused with its name when the server starts', async () => {
    const workspace = await smallWorkspace()
    expect(() => openLog({ file: `${workspace.paths.workspaceFile}/log.jsonl` })).toThrow(/log: .*--log/)
  })
})

describe('GET /metrics', () => {
  const TOKEN = 'a-token-of-more-than-twenty-letters'

  it('is off unless it was asked for', async () => {
    const { server } = await startDesk(await smallWorkspace())
    const answer = await fetch(`${server.url}/metrics`)
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'not-found' } }])
  })

  it('counts requests by route, acts by outcome, fsyncs, open cases, jobs and open pages, in Prometheus’ text', async () => {
    const { server, owner } = await startDesk(await smallWorkspace(), { metricsKey: { token: null } })
    const client = await owner()
    await client.act(caseId(1, 'A'), 0, LABEL, newOp())
    await client.act(caseId(1, 'A'), 0, LABEL, newOp())
    const answer = await fetch(`${server.url}/metrics`)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    expect(text).toMatch(/^lesionloop_acts_total\{kind="label",outcome="saved"\} 1$/m)
    expect(text).toMatch(/^lesionloop_acts_total\{kind="label",outcome="act-conflict"\} 1$/m)
    expect(text).toMatch(
      /^lesionloop_http_request_seconds_count\{method="POST",route="\/api\/acts",status="200"\} 1$/m,
    )
    expect(Number(/^lesionloop_fsync_seconds_count (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0)
    expect(text).toMatch(/^lesionloop_queue_open_cases 0$/m)
    expect(text).toMatch(/^lesionloop_open_pages 0$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)
  })

  it('counts the files that were sent: those taken with their bytes, those refused by code', async () => {
    const { server, owner } = await startDesk(await smallWorkspace(), { metricsKey: { token: null } })
    const client = await owner()
    const { id } = (await client.send('POST', '/api/uploads')).body as { id: string }
    const put = (name: string, body: string) =>
      fetch(`${server.url}/api/uploads/${id}/file?name=${name}`, {
        method: 'PUT',
        headers: { cookie: client.cookie },
        body,
      })
    expect((await put('a.pdf', '%PDF-1.7')).status).toBe(201)
    expect((await put('a.exe', 'MZ')).status).toBe(415)
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).toMatch(/^lesionloop_uploads_total\{outcome="taken"\} 1$/m)
    expect(text).toMatch(/^lesionloop_uploads_total\{outcome="upload-type"\} 1$/m)
    expect(text).toMatch(/^lesionloop_upload_bytes_total 8$/m)
  })

  it('says nothing of people, cases or documents', async () => {
    const { server, owner } = await startDesk(await smallWorkspace(), { metricsKey: { token: null } })
    const client = await owner()
    await client.send('GET', `/api/case?id=${encodeURIComponent(caseId(1, 'A'))}`)
    await fetch(`${server.url}/somewhere/10.1101`)
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).not.toMatch(/10\.1101|owner|somewhere/i)
  })

  it('without a token is not for a proxy that asks for somebody else', async () => {
    const { server } = await startDesk(await smallWorkspace(), { metricsKey: { token: null } })
    const answer = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
    expect(answer.status).toBe(403)
  })

  it.each([
    ['the token', `Bearer ${TOKEN}`, 200],
    ['another token', 'Bearer another', 403],
    ['no token', '', 403],
  ])('with a token asks for it: %s', async (_, authorization, status) => {
    const { server } = await startDesk(await smallWorkspace(), { metricsKey: { token: TOKEN } })
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization } })
    expect(answer.status).toBe(status)
  })
})

describe('GET /ready', () => {
  it('says yes once queue and cases are read', async () => {
    const { server } = await startDesk(await smallWorkspace())
    let ready = 0
    for (let tries = 0; ready !== 200 && tries < 200; tries++) {
      ready = (await fetch(`${server.url}/ready`)).status
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(ready).toBe(200)
  })

  it('says why not: starting, stopping, a disk that takes nothing; a save that went well ends the trouble', () => {
    const condition = new Condition(async () => undefined)
    expect(condition.unready(false)).toMatch(/^starting/)
    condition.isWarm = true
    expect(condition.unready(false)).toBeNull()
    condition.failed('act-conflict')
    expect(condition.unready(false)).toBeNull()
    condition.failed('ENOSPC')
    expect(condition.unready(false)).toBe('the disk is full')
    condition.failed('act-conflict')
    expect(condition.unready(false)).toBe('the disk is full')
    condition.saved()
    expect(condition.unready(false)).toBeNull()
    expect(condition.unready(true)).toBe('stopping')
  })
})

describe('after a failed save', () => {
  const inTrouble = (tryDisk: () => Promise<void>, now = () => 0) => {
    const condition = new Condition(tryDisk, now)
    condition.isWarm = true
    condition.failed('ENOSPC')
    return condition
  }

  it('the disk is tried, so that a server to which nobody sends work hears that there is room again', async () => {
    const condition = inTrouble(async () => undefined)
    await condition.lookAgain()
    expect(condition.unready(false)).toBeNull()
  })

  it('the disk is tried every five seconds and no more often', async () => {
    let [tries, now] = [0, 0]
    const full = () => {
      tries++
      return Promise.reject(new Error('full'))
    }
    const condition = inTrouble(full, () => now)
    for (now of [0, 1000, 4999, 5000, 5001]) await condition.lookAgain()
    expect([tries, condition.unready(false)]).toEqual([2, 'the disk is full'])
  })

  it('a journal that broke stays broken until the next start', async () => {
    const condition = inTrouble(async () => undefined)
    condition.failed('journal-broken')
    condition.failed('ENOSPC')
    await condition.lookAgain()
    expect(condition.unready(false)).toMatch(/started again/)
  })

  it('what is tried leaves nothing behind', async () => {
    const workspace = await smallWorkspace()
    await tryDisk(workspace)
    expect(await readdir(join(workspace.dir, 'labels'))).not.toContainEqual(expect.stringContaining('room'))
  })
})

it('a queue that can’t be read is said by /ready, and logged', async () => {
  const workspace = await smallWorkspace()
  await sealCycle(workspace)
  await writeFile(join(workspace.paths.cycle('0001'), 'queue.jsonl'), 'no JSON\n')
  const { log, lines } = caughtLog()
  const { server } = await startDesk(workspace, { log })
  await eventually(() => lines().some(line => line['msg'] === 'queue or cases could not be read'))
  const answer = await fetch(`${server.url}/ready`)
  expect([answer.status, await answer.json()]).toMatchObject([503, { why: expect.stringContaining('log') }])
})

it('timed file operations tell of each fsync and do the rest as before', async () => {
  const seconds: number[] = []
  const files = timedFiles(nodeFiles, each => seconds.push(each))
  const file = await files.open(`${await temporaryFolder()}/one`, 'w')
  await file.write(Buffer.from('text'))
  await file.sync()
  await file.sync()
  expect([seconds.length, await file.size()]).toEqual([2, 4])
  await file.close()
})

it('a request under way when the server stops is answered, and its connection is not kept', async () => {
  const { server, owner } = await startDesk(await smallWorkspace())
  const client = await owner()
  const { id } = (await client.send('POST', '/api/uploads')).body as { id: string }
  const answered = new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
    const sent = request(
      `${server.url}/api/uploads/${id}/file?name=a.pdf`,
      { method: 'PUT', headers: { cookie: client.cookie, connection: 'keep-alive' } },
      response => {
        response.resume()
        resolve([response.statusCode, response.headers.connection])
      },
    )
    sent.on('error', reject)
    sent.write('%PDF-1.7\n', () => {
      void server.close()
      sent.end('rest')
    })
  })
  expect(await answered).toEqual([201, 'close'])
  await server.close()
})

describe('SIGTERM', () => {
  it('lets saves under way finish and ends with status 0; what was acknowledged is there', {
    timeout: 60_000,
  }, async () => {
    const workspace = await smallWorkspace()
    const child = spawn(
      process.execPath,
      [
        packagePath('dist', 'cli.js'),
        'serve',
        '--workspace',
        workspace.dir,
        '--port',
        '0',
        '--json',
        '--log',
        '-',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    const logged: string[] = []
    createInterface({ input: child.stderr }).on('line', line => logged.push(line))
    const first = await new Promise<string>(resolve =>
      createInterface({ input: child.stdout }).once('line', resolve),
    )
    const { url, loginLink } = JSON.parse(first) as { url: string; loginLink: string }
    const login = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: loginLink.split('#')[1], name: 'Ada' }),
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    const acknowledged: string[] = []
    let sent = 0
    const saving = Array.from({ length: 40 }, async (_, index) => {
      const op = newOp()
      const body = {
        op,
        case: caseId(1, 'ABC'[index % 3]!),
        base: Math.floor(index / 3),
        act: { kind: 'note', text: 'x' },
      }
      sent++
      const answer = await fetch(`${url}/api/acts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      }).catch(() => null)
      if (answer?.status === 200) acknowledged.push(op)
    })
    await Promise.race(saving)
    const exit = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    await Promise.all(saving)
    expect([sent, acknowledged.length > 0]).toEqual([40, true])
    await eventually(() => logged.some(line => line.includes('"msg":"stopped"')))
    const store = await openStore(await openWorkspace(workspace.dir))
    const written: string[] = []
    for await (const act of store.acts.read()) written.push(act.op)
    await store.close()
    expect(written).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(written).size).toBe(written.length)
  })
})
