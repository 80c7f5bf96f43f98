import { describe, expect, test } from 'vitest'
import { openStore } from '../../data/stores/open.ts'
import { caseId, LABEL, smallWorkspace } from '../annotator/server/desk-under-test.ts'
import { isBuilt, loggedIn, serve } from './served.ts'

describe.skipIf(!isBuilt())('a workspace that two servers want', () => {
  test('is served by one; the other ends with a line that names who has it, and harms nothing', async () => {
    const workspace = await smallWorkspace()
    const first = await serve(workspace.dir)
    const client = await loggedIn(first)
    await expect(serve(workspace.dir)).rejects.toThrow(
      /serve: ended with 1: .*labels are being written by .*pid \d+/s,
    )
    expect((await client.act(caseId(1, 'A'), 0, LABEL)).status).toBe(200)
    // Somebody who only reads is let in, and sees it.
    const reader = await openStore(workspace)
    expect(await reader.acts.lastSeq()).toBe(1)
    await reader.close()
  })

  test('that start at the same moment is never served by both', async () => {
    const workspace = await smallWorkspace()
    const outcomes = await Promise.allSettled([serve(workspace.dir), serve(workspace.dir)])
    const served = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(served.length).toBeLessThanOrEqual(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/being written by/)
  })
})
