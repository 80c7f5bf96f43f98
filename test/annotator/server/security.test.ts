import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { caseId, LABEL, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

/** fetch sets Host itself: a raw request says it is addressed to any name. */
function statusFor(url: string, host: string, cookie: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/api/me`, { headers: { Host: host, Cookie: cookie } }, response => {
      response.resume()
      resolve(response.statusCode!)
    })
      .on('error', reject)
      .end()
  })
}

async function freePort(): Promise<{ port: number }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  await new Promise(resolve => probe.close(resolve))
  return { port }
}

describe('getting in', () => {
  it('shows a stranger no person, and no case', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    const client = stranger()
    expect((await client.get('/api/me')).body).toMatchObject({ account: null, permissions: [] })
    const refused = await client.get('/api/cases')
    expect(refused.status).toBe(401)
    expect(refused.body.error.message).toContain('one-time link')
  })

  it('works by the printed link, once', async () => {
    const { server, stranger } = await startDesk(await smallWorkspace())
    const token = server.loginLink.split('#')[1]!
    expect(token).toMatch(/^[\w-]{43}$/)
    const first = stranger()
    expect((await first.post('/api/login/link', { token })).body).toEqual({
      for: null,
      people: [],
      role: 'curator',
    })
    const { status, body } = await first.post('/api/login', { token, name: 'A. Reader' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ account: { name: 'A. Reader', role: 'curator' }, owner: true })
    const second = stranger()
    expect((await second.post('/api/login', { token, name: 'B. Reader' })).body.error.code).toBe(
      'link-invalid',
    )
    expect((await second.get('/api/cases')).status).toBe(401)
  })

  it('gives a cookie that scripts and other sites cannot use, named by the port', async () => {
    const { server, stranger } = await startDesk(await smallWorkspace())
    const { headers } = await stranger().post('/api/login', {
      token: server.loginLink.split('#')[1],
      name: 'A',
    })
    const cookie = headers.get('set-cookie')!
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect(cookie).toContain('Path=/')
    expect(cookie.startsWith(`lesionloop_${new URL(server.url).port}=`)).toBe(true)
  })

  it("lets the next start's link pick a person who is there", async () => {
    const desk = await startDesk(await smallWorkspace())
    await desk.owner()
    await desk.restart()
    const client = desk.stranger()
    const token = desk.server.loginLink.split('#')[1]
    const { people } = (await client.post('/api/login/link', { token })).body
    expect(people.map((each: { name: string }) => each.name)).toEqual(['Owner'])
    const { body } = await client.post('/api/login', { token, account: people[0].id })
    expect(body.account.name).toBe('Owner')
  })

  it('does not use a link up on a wrong answer', async () => {
    const desk = await startDesk(await smallWorkspace())
    const token = desk.server.loginLink.split('#')[1]
    const client = desk.stranger()
    expect((await client.post('/api/login', { token })).status).toBe(400)
    expect((await client.post('/api/login', { token, account: 'nobody' })).status).toBe(404)
    expect((await client.post('/api/login', { token, name: ' ' })).status).toBe(400)
    expect((await client.post('/api/login', { token, name: 'Ann' })).status).toBe(200)
  })

  it('keeps people logged in over a restart', async () => {
    const desk = await startDesk(await smallWorkspace())
    const client = await desk.owner()
    await desk.restart()
    expect((await client.get('/api/me')).body.account.name).toBe('Owner')
  })

  it('ends with the logout', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const { cookie } = client
    expect((await client.post('/api/logout')).body.account).toBeNull()
    client.cookie = cookie
    expect((await client.get('/api/cases')).status).toBe(401)
  })

  it('makes who tries tokens wait', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    const client = stranger()
    for (let i = 0; i < 10; i++)
      expect((await client.post('/api/login', { token: 'x'.repeat(43), name: 'A' })).status).toBe(401)
    const { status, headers } = await client.post('/api/login', { token: 'x'.repeat(43), name: 'A' })
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('people', () => {
  it('are added by a curator, with a link of their own that opens for them alone', async () => {
    const desk = await startDesk(await smallWorkspace())
    const curator = await desk.owner()
    const { person } = (await curator.post('/api/people', { name: 'Bob', role: 'annotator' })).body
    const { link } = (await curator.post('/api/people/link', { account: person.id })).body
    expect(link.startsWith(`${desk.server.url}/login#`)).toBe(true)
    const bob = desk.stranger()
    const token = link.split('#')[1]
    expect((await bob.post('/api/login/link', { token })).body).toMatchObject({
      for: { name: 'Bob' },
      people: [],
    })
    const { body } = await bob.post('/api/login', { token, account: 'owner' })
    expect(body).toMatchObject({ account: { name: 'Bob' }, owner: false })
  })

  it('of one name are refused, whatever the case of its letters', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, body } = await (await owner()).post('/api/people', { name: 'OWNER', role: 'annotator' })
    expect([status, body.error.code]).toEqual([409, 'account-exists'])
  })

  it('switch at the same desk by the owner, and nobody else', async () => {
    const desk = await startDesk(await smallWorkspace())
    const bob = await desk.personOf('annotator', 'Bob')
    expect((await bob.post('/api/me/switch', { account: 'owner' })).status).toBe(403)
    const owner = await desk.owner()
    expect((await owner.post('/api/me/switch', { account: 'bob' })).body).toMatchObject({
      account: { name: 'Bob' },
      owner: true,
      permissions: ['read', 'review'],
    })
    const saved = await owner.act(caseId(1, 'A'), 0, LABEL)
    expect(saved.body.act.who).toBe('bob')
  })

  it('who are disabled are out at once, with their links', async () => {
    const desk = await startDesk(await smallWorkspace())
    const bob = await desk.personOf('annotator', 'Bob')
    const curator = await desk.owner()
    const { link } = (await curator.post('/api/people/link', { account: 'bob' })).body
    await curator.post('/api/people/update', { account: 'bob', disabled: true })
    expect((await bob.get('/api/cases')).status).toBe(401)
    expect((await desk.stranger().post('/api/login', { token: link.split('#')[1] })).status).toBe(401)
    await curator.post('/api/people/update', { account: 'bob', disabled: false })
    expect((await curator.post('/api/people/link', { account: 'bob' })).status).toBe(200)
  })

  it('get another role at once', async () => {
    const desk = await startDesk(await smallWorkspace())
    const bob = await desk.personOf('annotator', 'Bob')
    expect((await bob.post('/api/uploads')).status).toBe(403)
    await (await desk.owner()).post('/api/people/update', { account: 'bob', role: 'curator' })
    expect((await bob.post('/api/uploads')).status).toBe(201)
  })

  it('always keep one curator', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    expect(
      (await client.post('/api/people/update', { account: 'owner', role: 'annotator' })).body.error.code,
    ).toBe('last-curator')
    expect((await client.post('/api/people/update', { account: 'owner', disabled: true })).status).toBe(422)
  })
})

describe('requests from elsewhere', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example'])(
    'addressed to %s are refused, also with a session',
    async host => {
      const { server, owner } = await startDesk(await smallWorkspace())
      expect(await statusFor(server.url, host, (await owner()).cookie)).toBe(421)
    },
  )

  it('addressed to localhost are answered', async () => {
    const { server } = await startDesk(await smallWorkspace())
    expect(await statusFor(server.url, `localhost:${new URL(server.url).port}`, '')).toBe(200)
  })

  it.each([
    [{ Origin: 'http://evil.example' }],
    [{ Origin: 'null' }],
    [{ Origin: 'http://127.0.0.1:1' }],
    [{ 'Sec-Fetch-Site': 'cross-site' }],
    [{ 'Sec-Fetch-Site': 'same-site' }],
  ])('with %j may not write', async headers => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const draft = { op: newOp(), case: caseId(1, 'A'), base: 0, act: LABEL }
    const { status, body } = await client.post('/api/acts', draft, headers as Record<string, string>)
    expect([status, body.error.code]).toEqual([403, 'origin-refused'])
    expect((await client.get('/api/cases?state=labelled')).body.total).toBe(0)
  })

  it('from our own page may write', async () => {
    const { server, owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const draft = { op: newOp(), case: caseId(1, 'A'), base: 0, act: LABEL }
    const headers = { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' }
    expect((await client.post('/api/acts', draft, headers)).status).toBe(200)
  })

  it.each([
    'application/x-www-form-urlencoded',
    'text/plain;charset=UTF-8',
    'multipart/form-data; boundary=b',
    '',
  ])('that do not say where they come from may not write what any site could send (%s)', async type => {
    const { server, owner } = await startDesk(await smallWorkspace())
    const { cookie } = await owner()
    const began = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/uploads`, {
        method: 'POST',
        headers: { Cookie: cookie, ...(type ? { 'Content-Type': type } : {}), ...headers },
      })
    const refused = await began({})
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: { code: 'origin-refused', message: expect.stringContaining('application/json') },
    })
    expect((await began({ Origin: server.url })).status).toBe(201)
    expect((await began({ 'Content-Type': 'application/json' })).status).toBe(201)
  })

  it('may not ask for a case either, since that lends it', async () => {
    const { server, owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const ask = (headers: Record<string, string>) => client.get('/api/queue/next', headers)
    expect((await ask({ 'Sec-Fetch-Site': 'cross-site' })).body.error.code).toBe('origin-refused')
    expect((await ask({ Origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask({ Origin: server.url, 'Sec-Fetch-Site': 'same-origin' })).status).not.toBe(403)
    // A link from elsewhere opens the page.
    expect((await client.get('/', { 'Sec-Fetch-Site': 'cross-site' })).status).not.toBe(403)
  })

  it('over http may not write to a desk behind https of the same name', async () => {
    const { port } = await freePort()
    await startDesk(await smallWorkspace(), { port, address: 'https://desk.example' })
    const from = (origin: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { Host: 'desk.example', Origin: origin, 'Content-Type': 'application/json' }
        request(`http://127.0.0.1:${port}/api/logout`, { method: 'POST', headers }, response => {
          response.resume()
          resolve(response.statusCode!)
        })
          .on('error', reject)
          .end('{}')
      })
    expect(await from('http://desk.example')).toBe(403)
    // Past that check, it is a stranger who asks.
    expect(await from('https://desk.example')).toBe(401)
  })

  it('that are no JSON change nothing', async () => {
    const { server, owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    const { status } = await client.send('POST', '/api/acts', Buffer.from('{"op":'), {
      'Content-Type': 'application/json',
    })
    expect(status).toBe(400)
    const form = await client.send('POST', '/api/acts', Buffer.from('op=a'), {
      'Content-Type': 'application/x-www-form-urlencoded',
      Origin: server.url,
    })
    expect(form.status).toBe(400)
  })

  it('with a body over 8 MB are refused', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, body } = await (await owner()).post('/api/acts', { text: 'x'.repeat(9 * 2 ** 20) })
    expect([status, body.error.code]).toEqual([413, 'upload-too-large'])
  })
})

describe('every answer', () => {
  it.each(['/api/me', '/health', '/api/no-such', '/images/none.png', '/'])(
    'of %s has a policy without inline script, and cannot be framed or sniffed',
    async path => {
      const { owner } = await startDesk(await smallWorkspace())
      const { headers } = await (await owner()).get(path)
      const policy = headers.get('content-security-policy')!
      expect(policy).toContain("script-src 'self'")
      expect(policy).not.toMatch(/script-src[^;]*unsafe/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  it('that is a refusal is a page in words where a person opened an address, and JSON for scripts', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const page = await stranger().get('/cycles/0001/report.html', html)
    expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=UTF-8'])
    expect(page.body).toContain('no session; log in')
    expect(page.body).toContain('<a href="/">')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect((await stranger().get('/cycles/0001/report.html')).body.error.code).toBe('login-needed')
  })

  it('that is a refusal takes nothing of the address for markup', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const { status, body } = await (await owner()).get(
      `/images/${encodeURIComponent('<img src=x onerror=1>.png')}`,
      {
        Accept: 'text/html',
      },
    )
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('<img')
  })

  it('of the interface is not kept by the browser', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    expect((await (await owner()).get('/api/cases')).headers.get('cache-control')).toBe('no-store')
  })
})
