import { readFileSync, statSync } from 'node:fs'
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
const SNAPSHOTS = 5
const BETWEEN_SAVES_MS = 100
/** A snapshot is begun after 5 s without a save: saves pause for a little longer, and come again while it is written. */
const PAUSE_MS = 5100
/** Where a slow machine let saves come again too soon, the snapshot was put off: another pause. */
const PATIENCE_MS = 5000
const BETWEEN_LOOKS_MS = 200
const TARGET_MS = 50
/** A look counts as undisturbed where the machine kept the server waiting no longer than this. */
const CALM_MS = 3

/** The longest that the server's event loop was held since it was asked last, in milliseconds. */
async function longestHold(client: Client): Promise<number> {
  const { body } = await client.get('/metrics')
  const seconds = /^nodejs_eventloop_lag_max_seconds ([\d.e+-]+)$/m.exec(String(body))?.[1]
  if (seconds === undefined) throw new Error('metrics: no nodejs_eventloop_lag_max_seconds')
  return Number(seconds) * 1000
}

/** Milliseconds that a process's main thread stood ready and got no processor so far; only Linux tells, else 0. */
function starved(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

const isCalm = ({ without }: { without: number }) => without <= CALM_MS

// Long form only: a workspace of this size, and some seconds for each snapshot.
describe.skipIf(!isLong || !isBuilt())('a server that writes its snapshot', () => {
  test(`of ${CASES} cases answers every save meanwhile`, async () => {
    const dir = join(await temporaryFolder(), 'workspace')
    const ids = await makeWorkspace(dir, { cases: CASES, seed: 1, pictures: false })
    const served = await serve(dir, '--metrics')
    const { cookie } = await loggedIn(served)
    const pid = served.server.pid!
    const snapshot = join(dir, 'labels', 'snapshot.json')
    const written = () => statSync(snapshot, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const bases = new Map<string, number>()
    let isQuiet = false
    let isOver = false
    let saves = 0
    let underWay = 0
    const saving = Promise.all(
      Array.from({ length: CLIENTS }, async (_, number) => {
        const client = new Client(served.url)
        client.cookie = cookie
        const id = ids[number]!
        while (!isOver) {
          if (!isQuiet) {
            const base = bases.get(id) ?? 0
            underWay++
            const { status } = await client.act(id, base, { kind: 'note', text: `${base}` })
            expect(status).toBe(200)
            bases.set(id, base + 1)
            saves++
            underWay--
          }
          await delay(BETWEEN_SAVES_MS)
        }
      }),
    )
    const watcher = new Client(served.url)
    let before = starved(pid)
    /** What the loop was held since the last look, and for how much of that the machine gave it no processor. */
    const look = async () => {
      const lag = await longestHold(watcher)
      const now = starved(pid)
      const without = now - before
      before = now
      return { lag, without }
    }
    /** One pause, and one snapshot written under saves. */
    const round = async () => {
      const looks: Awaited<ReturnType<typeof look>>[] = []
      const last = written()
      const savesBefore = saves
      while (written() === last) {
        isQuiet = true
        while (underWay > 0) await Promise.race([delay(5), saving])
        await Promise.race([delay(PAUSE_MS), saving])
        isQuiet = false
        for (const until = Date.now() + PATIENCE_MS; written() === last && Date.now() < until; ) {
          await Promise.race([delay(BETWEEN_LOOKS_MS), saving])
          looks.push(await look())
        }
      }
      return { looks, saves: saves - savesBefore }
    }
    // Warm: what is measured is a desk at work.
    await round()
    await look()
    const rounds: Awaited<ReturnType<typeof round>>[] = []
    while (rounds.length < SNAPSHOTS) rounds.push(await round())
    isOver = true
    await saving
    const during = rounds.reduce((sum, each) => sum + each.saves, 0)
    expect(during).toBeGreaterThan(0)
    const looks = rounds.flatMap(each => each.looks)
    // Where others had the processors, the loop's own share of a hold lies between the two.
    const [calm, busy] = [looks.filter(isCalm), looks.filter(look => !isCalm(look))]
    const most = (of: typeof looks, hold: (look: (typeof looks)[number]) => number) =>
      Math.max(0, ...of.map(hold)).toFixed(0)
    const exact = most(calm, ({ lag }) => lag)
    const range = `${most(busy, ({ lag, without }) => lag - without)} to ${most(busy, ({ lag }) => lag)} ms`
    measured(
      `${CASES} cases, ${SNAPSHOTS} snapshots written under ${CLIENTS} clients (${during} saves meanwhile): the event loop was held for ${exact} ms at most in ${calm.length} looks of ${BETWEEN_LOOKS_MS} ms (target ${TARGET_MS})${busy.length > 0 ? `, ${range} in ${busy.length} in which other work had its processor` : ''}`,
    )
  }, 600_000)
})
