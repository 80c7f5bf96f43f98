import { Hono } from 'hono'
import { z } from 'zod'
import { databaseOf } from '../../../data/stores/database-address.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { changeSettings } from '../../../data/workspace/open.ts'
import type { Env } from '../context.ts'
import { REPEAT_AFTER } from '../reading-book.ts'
import type { SettingsReply } from '../replies.ts'
import { valid } from '../validate.ts'

/** null takes a setting away; a field that is not given stays as it is. */
const change = z.strictObject({
  goal: z.int().min(1).nullable().optional(),
  showText: z.boolean().nullable().optional(),
  showModel: z.boolean().nullable().optional(),
  blindShare: z.number().min(0).max(1).nullable().optional(),
  repeatShare: z.number().min(0).max(1).nullable().optional(),
  repeatAfter: z.int().min(1).max(10_000).nullable().optional(),
})

export const settings = new Hono<Env>()
  .get('/settings', c => c.json(reply(c.var.desk.workspace)))

  .put('/settings', valid('json', change), async c => {
    const { workspace } = c.var.desk
    const asked = Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined)
    await changeSettings(
      workspace,
      Object.fromEntries(asked.map(([key, value]) => [key, value ?? undefined])),
    )
    return c.json(reply(workspace))
  })

function reply(workspace: Workspace): SettingsReply {
  const { settings: now } = workspace
  return {
    goal: now.goal ?? null,
    showText: now.showText ?? true,
    showModel: now.showModel ?? true,
    blindShare: now.blindShare ?? 0,
    repeatShare: now.repeatShare ?? 0,
    repeatAfter: now.repeatAfter ?? REPEAT_AFTER,
    lends: databaseOf(workspace) !== undefined,
  }
}
