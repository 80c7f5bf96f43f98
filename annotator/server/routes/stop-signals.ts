import { join } from 'node:path'
import { Hono } from 'hono'
import { z } from 'zod'
import { messageOf } from '../../../data/errors.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { readJsonIfThere } from '../../../data/workspace/files.ts'
import type { Env } from '../context.ts'
import type { StopSignalsReply } from '../replies.ts'
import { warnOnce } from '../warnings.ts'

const signals = z.array(z.object({ head: z.enum(HEADS), reached: z.boolean(), sentence: z.string() }))

/** Whether reading may stop, head by head and in words, as the newest cycle found it by its audits. */
export const stopSignals = new Hono<Env>().get('/stop-signals', async c => {
  const { desk } = c.var
  const cycle = (await desk.cycles.ids()).at(-1) ?? null
  if (cycle === null) return c.json({ cycle, signals: [] } satisfies StopSignalsReply)
  const path = join(desk.workspace.paths.cycle(cycle), 'stop-signals.json')
  try {
    const found = (await readJsonIfThere(path, signals)) ?? []
    return c.json({ cycle, signals: found } satisfies StopSignalsReply)
  } catch (error) {
    warnOnce(`cycle ${cycle}: ${messageOf(error)}`)
    return c.json({ cycle, signals: [] } satisfies StopSignalsReply)
  }
})
