import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Sessions } from '../../../annotator/server/sessions.ts'
import { sessionStore } from '../../../data/stores/sessions.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { temporaryWorkspace } from './temporary-workspace.ts'

const DAY = 86_400_000

const open = (workspace: Workspace, now = Date.now) =>
  Sessions.open(
    sessionStore(workspace, () => new Date(now())),
    now,
  )

describe('one-time links and sessions', () => {
  it('opens a session once and never again', async () => {
    const sessions = await open(await temporaryWorkspace())
    const link = await sessions.makeLink(null)
    expect(await sessions.find(await sessions.redeem(link, 'ann'))).toMatchObject({
      account: 'ann',
      owner: true,
    })
    await expect(sessions.redeem(link, 'ann')).rejects.toMatchObject({ code: 'link-invalid' })
  })

  it('lets one of two in who use a link at the same moment', async () => {
    const sessions = await open(await temporaryWorkspace())
    const link = await sessions.makeLink(null)
    const both = await Promise.allSettled([sessions.redeem(link, 'ann'), sessions.redeem(link, 'bob')])
    expect(both.map(each => each.status)).toEqual(['fulfilled', 'rejected'])
  })

  it('looks at a link without using it up', async () => {
    const sessions = await open(await temporaryWorkspace())
    const link = await sessions.makeLink('ann')
    expect((await sessions.link(link)).account).toBe('ann')
    expect((await sessions.link(link)).account).toBe('ann')
  })

  it("makes a person's own session no owner's", async () => {
    const sessions = await open(await temporaryWorkspace())
    const token = await sessions.redeem(await sessions.makeLink('ann'), 'ann')
    expect((await sessions.find(token))?.owner).toBe(false)
  })

  it('keeps sessions over a restart', async () => {
    const workspace = await temporaryWorkspace()
    const before = await open(workspace)
    const token = await before.redeem(await before.makeLink('ann'), 'ann')
    expect((await (await open(workspace)).find(token))?.account).toBe('ann')
  })

  it("keeps a person's unused link over a restart, and voids the owner's", async () => {
    const workspace = await temporaryWorkspace()
    const before = await open(workspace)
    const own = await before.makeLink('ann')
    const owner = await before.makeLink(null)
    const after = await open(workspace)
    expect((await after.link(own)).account).toBe('ann')
    await expect(after.link(owner)).rejects.toThrow(/used already or too old/)
  })

  it('has no token on the disk', async () => {
    const workspace = await temporaryWorkspace()
    const sessions = await open(workspace)
    const link = await sessions.makeLink(null)
    const token = await sessions.redeem(link, 'ann')
    const kept = await readFile(join(workspace.dir, 'sessions.json'), 'utf8')
    expect(kept).toContain('ann')
    expect(kept).not.toContain(token)
    expect(kept).not.toContain(link)
  })

  it('ends a session after 30 days and a link after 7', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const sessions = await open(await temporaryWorkspace(), () => now)
    const token = await sessions.redeem(await sessions.makeLink(null), 'ann')
    const link = await sessions.makeLink('bob')
    now += 7 * DAY + 1
    expect((await sessions.find(token))?.account).toBe('ann')
    await expect(sessions.link(link)).rejects.toThrow(/too old/)
    now += 23 * DAY
    expect(await sessions.find(token)).toBeNull()
  })

  it('voids the token that was left for another person', async () => {
    const sessions = await open(await temporaryWorkspace())
    const ann = await sessions.redeem(await sessions.makeLink(null), 'ann')
    const bob = await sessions.switchTo(ann, 'bob')
    expect(await sessions.find(ann)).toBeNull()
    expect(await sessions.find(bob)).toMatchObject({ account: 'bob', owner: true })
  })

  it("ends a person's sessions and links, and nobody else's", async () => {
    const sessions = await open(await temporaryWorkspace())
    const ann = await sessions.redeem(await sessions.makeLink('ann'), 'ann')
    const bob = await sessions.redeem(await sessions.makeLink('bob'), 'bob')
    const link = await sessions.makeLink('ann')
    await sessions.endAllOf('ann')
    expect(await sessions.find(ann)).toBeNull()
    expect((await sessions.find(bob))?.account).toBe('bob')
    await expect(sessions.link(link)).rejects.toMatchObject({ code: 'link-invalid' })
  })

  it('knows nobody by a made-up token', async () => {
    const sessions = await open(await temporaryWorkspace())
    expect(await sessions.find('')).toBeNull()
    expect(await sessions.find('__proto__')).toBeNull()
  })
})
