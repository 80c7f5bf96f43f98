import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { TrustedProxy } from '../../../annotator/server/trusted-proxy.ts'
import { caseId, LABEL, newOp, smallWorkspace, startDesk } from './desk-under-test.ts'

const HEADER = 'X-Remote-User'
const HERE = { header: HEADER, addresses: ['127.0.0.1', '::1'] }
const as = (name: string) => ({ [HEADER]: name })

describe('the header of a proxy that authenticates', () => {
  it('says who asks, of those who are known here', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: HERE })
    await (await desk.owner()).post('/api/people', { name: 'Bob', role: 'annotator' })
    const client = desk.stranger()
    expect((await client.get('/api/me', as('bob'))).body).toMatchObject({
      account: { name: 'Bob', role: 'annotator' },
      owner: false,
    })
    expect((await client.get('/api/cases')).status).toBe(401)
    expect((await client.post('/api/uploads', {}, as('Bob'))).status).toBe(403)
    const draft = { op: newOp(), case: caseId(1, 'A'), base: 0, act: LABEL }
    expect((await client.post('/api/acts', draft, as('Bob'))).body.act.who).toBe('bob')
  })

  it('means nothing where it was not configured', async () => {
    const desk = await startDesk(await smallWorkspace())
    await desk.owner()
    expect((await desk.stranger().get('/api/cases', as('Owner'))).status).toBe(401)
  })

  it('means nothing from another address than the proxy', async () => {
    const desk = await startDesk(await smallWorkspace(), {
      trustedProxy: { header: HEADER, addresses: ['10.0.0.5', '192.168.7.0/24'] },
    })
    await desk.owner()
    for (const extra of [{}, { 'X-Forwarded-For': '10.0.0.5' }, { Forwarded: 'for=10.0.0.5' }])
      expect((await desk.stranger().get('/api/cases', { ...as('Owner'), ...extra })).status).toBe(401)
  })

  it('refuses a name that nobody added, and one who is shut out', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: HERE })
    const owner = await desk.owner()
    await owner.post('/api/people', { name: 'Bob', role: 'annotator' })
    await owner.post('/api/people/update', { account: 'bob', disabled: true })
    for (const name of ['Eve', 'Bob', '__proto__']) {
      const { status, body } = await desk.stranger().get('/api/cases', as(name))
      expect([name, status, body.error.code]).toEqual([name, 403, 'not-allowed'])
    }
    expect((await owner.get('/api/people')).body.people).toHaveLength(2)
  })

  it('tells a person who is refused in a page, with the name as it came and no markup of it', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: HERE })
    const { status, body, headers } = await desk
      .stranger()
      .get('/', { ...as('<b>Eve</b>'), Accept: 'text/html,*/*;q=0.8' })
    expect([status, headers.get('content-type')]).toEqual([403, 'text/html; charset=UTF-8'])
    expect(body).toContain('login: &lt;b&gt;Eve&lt;/b&gt;: not known here; ask a curator to let you in')
  })

  it('makes people of the role that was configured, each once', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: { ...HERE, role: 'annotator' } })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => desk.stranger().get('/api/me', as('Zoe'))),
    )
    for (const { body } of answers) expect(body.account).toMatchObject({ id: 'zoe', role: 'annotator' })
    const utf8 = Buffer.from('Zoë März', 'utf8').toString('latin1')
    expect((await desk.stranger().get('/api/me', as(utf8))).body.account.name).toBe('Zoë März')
  })

  it('makes nobody of two names in one, as where a client sent the header as well', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: { ...HERE, role: 'curator' } })
    const status = await new Promise<number>((resolve, reject) => {
      request(`${desk.server.url}/api/cases`, { headers: { [HEADER]: ['eve', 'bob'] } }, response => {
        response.resume()
        resolve(response.statusCode!)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  it("keeps another site's page from writing as who is logged in to the proxy", async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: { ...HERE, role: 'annotator' } })
    const draft = { op: newOp(), case: caseId(1, 'A'), base: 0, act: LABEL }
    const headers = { ...as('Zoe'), Origin: 'https://evil.example' }
    expect((await desk.stranger().post('/api/acts', draft, headers)).status).toBe(403)
  })

  it('names the client whose tries are counted, as the proxy itself wrote it', async () => {
    const desk = await startDesk(await smallWorkspace(), { trustedProxy: HERE })
    const attempt = (from: string) =>
      desk.stranger().post('/api/login', { token: 'x'.repeat(43), name: 'A' }, { 'X-Forwarded-For': from })
    for (let i = 0; i < 10; i++) expect((await attempt(`1.1.1.${i}, 203.0.113.9`)).status).toBe(401)
    expect((await attempt('1.1.1.99, 203.0.113.9')).status).toBe(429)
    expect((await attempt('203.0.113.10')).status).toBe(401)
  })

  it.each([
    [{ header: 'Cookie', addresses: ['10.0.0.5'] }, 'trusted-header'],
    [{ header: 'X Remote', addresses: ['10.0.0.5'] }, 'trusted-header'],
    [{ header: HEADER, addresses: [] }, 'trusted-proxy'],
    [{ header: HEADER, addresses: ['proxy.example'] }, 'trusted-proxy'],
    [{ header: HEADER, addresses: ['10.0.0.0/33'] }, 'trusted-proxy'],
    [{ header: HEADER, addresses: ['10.0.0.0/8/8'] }, 'trusted-proxy'],
    [{ header: HEADER, addresses: ['10.0.0.0/'] }, 'trusted-proxy'],
  ])('configured as %j is refused', (options, word) => {
    expect(() => new TrustedProxy(options)).toThrow(new RegExp(`^${word}: `))
  })

  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.0.0.1', false],
    ['fd00::1', true],
    ['fe80::1', false],
    ['unknown', false],
  ])('is looked at from %s: %s', (address, isTrusted) => {
    const proxy = new TrustedProxy({ header: HEADER, addresses: ['10.0.0.0/8', 'fd00::/8'] })
    expect(proxy.isTrusted(address)).toBe(isTrusted)
  })
})
