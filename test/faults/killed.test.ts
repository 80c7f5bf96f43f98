import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { replay } from '../../data/journal/replay.ts'
import type { Act, ActPayload } from '../../data/records/act.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { Client, caseId, LABEL, smallWorkspace } from '../annotator/server/desk-under-test.ts'
import { measured, times } from '../long.ts'
import { isBuilt, loggedIn, serve } from './served.ts'

const KILLS = times(200, 6)
const CLIENTS = 8
/** Six cases, eight clients: the last two share a case with the first two, so that bases go stale. */
const caseOf = (client: number) => caseId(1 + (client % 2), 'ABC'[(client >> 1) % 3]!)

interface Sent {
  op: string
  base: number
  act: ActPayload
}

/** One of the eight: saves without a pause, and keeps what was sent last until its answer is there. */
class Reader {
  readonly number: number
  readonly id: string
  /** Sequence numbers by operation, as they were answered, in that order. */
  readonly acknowledged: { op: string; seq: number }[] = []
  conflicts = 0
  repeated = 0
  private count = 0
  private open: Sent | undefined

  constructor(number: number) {
    this.number = number
    this.id = caseOf(number)
  }

  async save(client: Client): Promise<never> {
    const path = `/api/case?id=${encodeURIComponent(this.id)}`
    let base = (await client.get(path)).body.case.version as number
    for (;;) {
      const isAgain = this.open !== undefined
      this.open ??= { op: `reader-${this.number}-${++this.count}`, base, act: this.next() }
      const { op, act } = this.open
      const answer = await client.act(this.id, this.open.base, act, op)
      if (answer.status === 200) {
        if (isAgain) this.repeated++
        this.acknowledged.push({ op, seq: answer.body.act.seq })
        base = isAgain ? ((await client.get(path)).body.case.version as number) : this.open.base + 1
      } else if (answer.status === 409) {
        // Both versions: the case as it stands, and what was done since the base.
        if (!(answer.body.state.version > this.open.base) || answer.body.acts.length === 0)
          throw new Error(`fault: conflict without both versions: ${JSON.stringify(answer.body)}`)
        this.conflicts++
        base = answer.body.state.version
      } else throw new Error(`fault: ${answer.status} ${JSON.stringify(answer.body)}`)
      this.open = undefined
    }
  }

  private next(): ActPayload {
    return this.count % 3 === 0
      ? { ...LABEL }
      : { kind: 'note', text: `${this.number}: ${this.count} \u{1f4be}` }
  }
}

function journalOf(path: string): { acts: Act[]; torn: boolean } {
  const acts: Act[] = []
  const found = replay(readFileSync(path), act => acts.push(act))
  expect(found.damaged).toEqual([])
  expect(found.missing).toEqual([])
  return { acts, torn: found.torn !== undefined }
}

describe.skipIf(!isBuilt())('a server that is killed under load by eight clients', () => {
  it(`has, ${KILLS} times, every acknowledged decision exactly once, in order, and no half-applied one`, async () => {
    const workspace = await smallWorkspace()
    const random = seededRandom('killed')
    const readers = Array.from({ length: CLIENTS }, (_, number) => new Reader(number))
    let torn = 0
    for (let kill = 0; kill <= KILLS; kill++) {
      const served = await serve(workspace.dir)
      const { cookie } = await loggedIn(served)
      const { acts } = journalOf(workspace.paths.journal)
      // In order and without a gap; each operation once.
      expect(acts.map(act => act.seq)).toEqual(acts.map((_, at) => at + 1))
      const seqOf = new Map(acts.map(act => [act.op, act.seq]))
      expect(seqOf.size).toBe(acts.length)
      for (const { acknowledged } of readers) {
        for (const { op, seq } of acknowledged) expect(seqOf.get(op)).toBe(seq)
        const seqs = acknowledged.map(({ seq }) => seq)
        expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
      }
      // What the restarted server shows is what the journal says: nothing applied by half.
      const client = new Client(served.url)
      client.cookie = cookie
      for (const id of new Set(readers.map(reader => reader.id))) {
        const shown = (await client.get(`/api/case?id=${encodeURIComponent(id)}`)).body.case
        expect(shown.version).toBe(acts.filter(act => act.case === id).length)
      }
      if (kill === KILLS) {
        served.server.kill('SIGKILL')
        break
      }
      const saving = readers.map(reader => {
        const own = new Client(served.url)
        own.cookie = cookie
        return reader.save(own)
      })
      const outcomes = Promise.allSettled(saving)
      await delay(random.between(5, 500))
      const closed = once(served.server, 'close')
      served.server.kill('SIGKILL')
      for (const outcome of await outcomes)
        expect(String((outcome as PromiseRejectedResult).reason)).not.toMatch(/fault/)
      await closed
      if (journalOf(workspace.paths.journal).torn) torn++
    }
    const sum = (of: (reader: Reader) => number) => readers.reduce((all, reader) => all + of(reader), 0)
    const acknowledged = sum(reader => reader.acknowledged.length)
    expect(acknowledged).toBeGreaterThan(KILLS)
    // Repeated after a lost answer, and based on an old version: both were met on the way.
    expect(sum(reader => reader.repeated)).toBeGreaterThan(0)
    expect(sum(reader => reader.conflicts)).toBeGreaterThan(0)
    measured(
      `${KILLS} kills: ${acknowledged} decisions acknowledged, 0 lost, 0 doubled; ${sum(reader => reader.repeated)} sent again after a lost answer, ${sum(reader => reader.conflicts)} conflicts, ${torn} torn last lines`,
    )
  })
})
