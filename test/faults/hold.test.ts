import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Client } from '../annotator/server/desk-under-test.ts'
import { makeWorkspace } from '../bench/annotator-workspace.mjs'
import { temporaryFolder } from '../data/stores/sample.ts'
import { isLong, measured } from '../long.ts'
import { isBuilt, loggedIn, serve } from './served.ts'

const CASES = 100_000
const CLIENTS = 8
const SNAPSHOTS = 2
const BETWEEN_SAVES_MS = 100
const TARGET_MS = 50

/** The longest that the server's event loop was held since it was asked last, in milliseconds. */
async function longestHold(client: Client): Promise<number> {
  const { body } = await client.get('/metrics')
  const seconds = /^nodejs_eventloop_lag_max_seconds ([\d.e+-]+)$/m.exec(String(body))?.[1]
  if (seconds === undefined) throw new Error('metrics: no nodejs_eventloop_lag_max_seconds')
  return Number(seconds) * 1000
}

// Long form only: under constant saves a snapshot is written every 50 s.
describe.skipIf(!isLong || !isBuilt())('a server that writes its snapshot', () => {
  test(`of ${CASES} cases answers every save meanwhile`, async () => {
    const dir = join(await temporaryFolder(), 'workspace')
    const ids = await makeWorkspace(dir, { cases: CASES, seed: 1, pictures: false })
    const served = await serve(dir, '--metrics')
    const { cookie } = await loggedIn(served)
    const snapshot = join(dir, 'labels', 'snapshot.json')
    const written = () => statSync(snapshot, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const watcher = new Client(served.url)
    let isOver = false
    const latencies: number[] = []
    const readers = Array.from({ length: CLIENTS }, async (_, number) => {
      const client = new Client(served.url)
      client.cookie = cookie
      for (let base = 0; !isOver; base++) {
        const began = performance.now()
        const { status } = await client.act(ids[number]!, base, { kind: 'note', text: `${base}` })
        latencies.push(performance.now() - began)
        expect(status).toBe(200)
        await delay(BETWEEN_SAVES_MS)
      }
    })
    const saving = Promise.all(readers)
    // Warm, and the snapshot of the start written: what is measured is a desk at work.
    for (const first = written(); written() === first; ) await Promise.race([delay(100), saving])
    await longestHold(watcher)
    const asked = latencies.length
    const holds: number[] = []
    let last = written()
    while (holds.length < SNAPSHOTS) {
      await Promise.race([delay(50), saving])
      if (written() === last) continue
      last = written()
      holds.push(await longestHold(watcher))
    }
    isOver = true
    await saving
    const slowest = Math.max(...latencies.slice(asked))
    expect(latencies.length).toBeGreaterThan(asked)
    const hold = Math.max(...holds)
    measured(
      `${CASES} cases, ${SNAPSHOTS} snapshots under ${CLIENTS} clients: the event loop was held for ${hold.toFixed(0)} ms at most (target ${TARGET_MS}: ${hold < TARGET_MS ? 'met' : 'missed'}), the slowest of ${latencies.length - asked} saves took ${slowest.toFixed(0)} ms`,
    )
  }, 600_000)
})
