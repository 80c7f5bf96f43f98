import { inspectRoutes } from 'hono/dev'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../../annotator/server/app.ts'
import type { Desk } from '../../../annotator/server/context.ts'
import { may, RULES } from '../../../annotator/server/rules.ts'
import type { ActPayload } from '../../../data/records/act.ts'
import { ROLES, type Role } from '../../../data/records/vocabulary.ts'
import { type Client, LABEL, smallWorkspace, startDesk } from './desk-under-test.ts'

/** Routes of the app as it is put together; no request is made to this one, so that it needs no desk. */
const routes = [
  ...new Set(
    inspectRoutes(createApp({} as Desk, { page: 'nowhere' }))
      .filter(route => !route.isMiddleware && route.method !== 'ALL')
      .map(route => `${route.method} ${route.path}`),
  ),
]

/** An address that fits a route's pattern but names nothing that is there. */
function addressOf(route: string): [method: string, path: string] {
  const [method, path] = route.split(' ') as [string, string]
  return [method, path.replace(/:\w+/g, 'nothing').replace('/*', '/some-page')]
}

describe('the table of rules', () => {
  it('has a line for each route, and no line without one', () => {
    expect(routes.toSorted()).toEqual(Object.keys(RULES).toSorted())
  })

  it('lets nobody without a session further than the routes for anyone', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    const client = stranger()
    for (const route of routes) {
      const { status, body } = await client.send(...addressOf(route), sentWith(route))
      if (RULES[route] === 'anyone') expect([route, status]).not.toEqual([route, 401])
      else expect([route, status, body.error.code]).toEqual([route, 401, 'login-needed'])
    }
  })

  it.each(ROLES)('lets the %s do what the role says and nothing else', async role => {
    const { personOf } = await startDesk(await smallWorkspace())
    const client = await personOf(role)
    // Its own session must live to the end.
    for (const route of routes.filter(each => each !== 'POST /api/logout' && each !== 'GET /api/events')) {
      const rule = RULES[route]!
      const { status, body } = await client.send(...addressOf(route), sentWith(route))
      const isAllowed = rule === 'anyone' || may(role, rule)
      if (isAllowed) expect([route, body?.error?.message ?? '']).not.toEqual([route, refusedFor(role)])
      else expect([route, status, body.error.message]).toEqual([route, 403, refusedFor(role)])
    }
  })

  it.each([
    ['annotator', 'caption', 403],
    ['annotator', 'adjudicate', 403],
    ['annotator', 'assign', 403],
    ['adjudicator', 'adjudicate', 200],
    ['adjudicator', 'assign', 200],
    ['adjudicator', 'caption', 403],
    ['curator', 'caption', 200],
    ['trainer', 'adjudicate', 403],
  ] as const)('answers the %s who sends an act of kind %s with %d', async (role, kind, status) => {
    const { personOf } = await startDesk(await smallWorkspace())
    const client: Client = await personOf(role)
    const { rows } = (await client.get('/api/cases?limit=1')).body
    const acts: Record<typeof kind, ActPayload> = {
      caption: { kind: 'caption', text: 'other' },
      adjudicate: { ...LABEL, kind: 'adjudicate' },
      assign: { kind: 'assign', to: ['owner'] },
    }
    expect((await client.act(rows[0].id, 0, acts[kind])).status).toBe(status)
  })

  it('holds for HEAD as for GET, and lets no other method through', async () => {
    const { stranger } = await startDesk(await smallWorkspace())
    expect((await stranger().send('HEAD', '/api/cases')).status).toBe(401)
    expect((await stranger().send('OPTIONS', '/api/cases')).status).toBe(404)
  })

  it('refuses a method that a path does not have', async () => {
    const { owner } = await startDesk(await smallWorkspace())
    const client = await owner()
    expect((await client.send('DELETE', '/api/cases')).status).toBe(404)
    expect((await client.send('PUT', '/images/x.png', {})).status).toBe(404)
    expect((await client.get('/api/no-such-thing')).status).toBe(404)
  })
})

function sentWith(route: string): unknown {
  return route.startsWith('GET') ? undefined : {}
}

function refusedFor(role: Role): unknown {
  return expect.stringMatching(new RegExp(`^request: role ${role}: may not`))
}
