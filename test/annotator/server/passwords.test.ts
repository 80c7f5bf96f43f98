import { describe, expect, it } from 'vitest'
import { openStore } from '../../../data/stores/open.ts'
import { Passwords, passwordFile } from '../../../data/stores/passwords.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { smallWorkspace, startDesk } from './desk-under-test.ts'

const RIGHT = 'seven grey lungs'
const WRONG = 'eight grey lungs'

/** A workspace with a person who has a password, as `lesionloop user add` makes one. */
async function workspaceOfAnn(): Promise<Workspace> {
  const workspace = await smallWorkspace()
  await addPerson(workspace, 'Ann Reader')
  return workspace
}

async function addPerson(workspace: Workspace, name: string): Promise<void> {
  const store = await openStore(workspace)
  await new Passwords(passwordFile(workspace)).set(await store.accounts.add(name, 'curator'), RIGHT)
  await store.close()
}

describe('name and password', () => {
  it('open a session of that person, whatever the case of the name', async () => {
    const { stranger } = await startDesk(await workspaceOfAnn())
    const client = stranger()
    expect((await client.get('/api/me')).body).toMatchObject({ account: null, passwords: true })
    const { status, body } = await client.post('/api/login/password', {
      name: 'ann  reader',
      password: RIGHT,
    })
    expect([status, body.account.name, body.owner]).toEqual([200, 'Ann Reader', false])
    expect((await client.get('/api/cases')).status).toBe(200)
  })

  it('say the same of a wrong password, a name nobody has, and somebody shut out', async () => {
    const workspace = await workspaceOfAnn()
    const desk = await startDesk(workspace)
    const client = desk.stranger()
    const wrong = await client.post('/api/login/password', { name: 'Ann Reader', password: WRONG })
    const nobody = await client.post('/api/login/password', { name: 'Nobody', password: RIGHT })
    await (await desk.owner()).post('/api/people/update', { account: 'ann-reader', disabled: true })
    const shut = await client.post('/api/login/password', { name: 'Ann Reader', password: RIGHT })
    for (const { status, body } of [wrong, nobody, shut]) expect([status, body]).toEqual([401, wrong.body])
  })

  it('that fail ten times close the account for everybody who tries', async () => {
    const { stranger } = await startDesk(await workspaceOfAnn())
    const tries = await Promise.all(
      Array.from({ length: 14 }, () =>
        stranger().post('/api/login/password', { name: 'Ann Reader', password: WRONG }),
      ),
    )
    const statuses = tries.map(({ status }) => status)
    expect(statuses.filter(status => status === 401)).toHaveLength(10)
    expect(statuses.filter(status => status === 429)).toHaveLength(4)
    const right = await stranger().post('/api/login/password', { name: 'Ann Reader', password: RIGHT })
    expect([right.status, Number(right.headers.get('retry-after')) > 0]).toEqual([429, true])
  })

  it('are never shown: not to who asks for the people, and not in the page', async () => {
    const desk = await startDesk(await workspaceOfAnn())
    const people = await (await desk.owner()).get('/api/people')
    expect(JSON.stringify(people.body)).not.toMatch(/scrypt|password|hash/)
    expect((await desk.stranger().get('/private/passwords.json')).headers.get('content-type')).not.toContain(
      'application/json',
    )
  })

  it('changed here end all other sessions of that person, the links too', async () => {
    const desk = await startDesk(await workspaceOfAnn())
    const here = desk.stranger()
    const elsewhere = desk.stranger()
    for (const client of [here, elsewhere])
      await client.post('/api/login/password', { name: 'Ann Reader', password: RIGHT })
    const { link } = (await here.post('/api/people/link', { account: 'ann-reader' })).body
    const wrong = await here.post('/api/me/password', { current: WRONG, password: 'nine pale lungs' })
    const none = await here.post('/api/me/password', { password: 'nine pale lungs' })
    expect([wrong.status, none.status]).toEqual([401, 401])
    const right = await here.post('/api/me/password', { current: RIGHT, password: 'nine pale lungs' })
    expect(right.status).toBe(200)
    expect((await here.get('/api/cases')).status).toBe(200)
    expect((await elsewhere.get('/api/cases')).status).toBe(401)
    expect((await elsewhere.post('/api/login', { token: link.split('#')[1] })).status).toBe(401)
    const old = await elsewhere.post('/api/login/password', { name: 'Ann Reader', password: RIGHT })
    expect(old.status).toBe(401)
  })

  it('changed on the command line end the sessions of a running server', async () => {
    const workspace = await workspaceOfAnn()
    const { stranger } = await startDesk(workspace)
    const client = stranger()
    await client.post('/api/login/password', { name: 'Ann Reader', password: RIGHT })
    await new Passwords(passwordFile(workspace)).set(
      { id: 'ann-reader', name: 'Ann Reader' },
      'nine pale lungs',
    )
    await expect.poll(async () => (await client.get('/api/cases')).status, { timeout: 5000 }).toBe(401)
  })

  it('are set first by who came in by a link', async () => {
    const { personOf, stranger } = await startDesk(await smallWorkspace())
    const bob = await personOf('annotator', 'Bob')
    const weak = await bob.post('/api/me/password', { password: 'short' })
    expect([weak.status, weak.body.error.code]).toEqual([400, 'password-weak'])
    expect((await bob.post('/api/me/password', { password: RIGHT })).status).toBe(200)
    expect((await stranger().post('/api/login/password', { name: 'Bob', password: RIGHT })).status).toBe(200)
  })

  it('are no way in from another site', async () => {
    const { stranger } = await startDesk(await workspaceOfAnn())
    const { status } = await stranger().post(
      '/api/login/password',
      { name: 'Ann Reader', password: RIGHT },
      { Origin: 'https://evil.example' },
    )
    expect(status).toBe(403)
  })
})

describe('a server that other machines reach', () => {
  it.each(['0.0.0.0', '::'])('does not start on %s while nobody has a password', async host => {
    await expect(startDesk(await smallWorkspace(), { host })).rejects.toMatchObject({
      code: 'no-password',
      message: expect.stringContaining('lesionloop user add NAME --role curator'),
    })
  })

  it('starts once somebody has, and lets the workspace go where it did not', async () => {
    const workspace = await smallWorkspace()
    await startDesk(workspace, { host: '0.0.0.0' }).catch(() => undefined)
    await addPerson(workspace, 'Ann Reader')
    const { stranger } = await startDesk(workspace, { host: '0.0.0.0' })
    expect((await stranger().get('/health')).status).toBe(200)
  })

  it('behind https gives a cookie that goes over https only, and links with the address people open', async () => {
    const { server, port } = await startBehindHttps()
    expect(server.loginLink.startsWith('https://labels.example/login#')).toBe(true)
    const answer = await fetch(`http://127.0.0.1:${port}/api/login/password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Ann Reader', password: RIGHT }),
    })
    const cookie = answer.headers.get('set-cookie')!
    expect(cookie).toMatch(/^__Host-lesionloop_\d+=/)
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part)
    expect(cookie).not.toContain('Domain')
  })
})

async function startBehindHttps() {
  const { createServer } = await import('node:net')
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise(resolve => probe.close(resolve))
  const { server } = await startDesk(await workspaceOfAnn(), { port, address: 'https://labels.example' })
  return { server, port }
}
