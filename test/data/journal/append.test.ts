import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Journal,
  type OpenJournalOptions,
  openJournal,
  type Unwritten,
} from '../../../data/journal/append.ts'
import { encodeLine } from '../../../data/journal/line.ts'
import { replay } from '../../../data/journal/replay.ts'
import type { Act } from '../../../data/records/act.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { temporaryFolder } from '../stores/sample.ts'
import { faultyFiles, systemError } from '../workspace/faulty-files.ts'
import { numbered } from './sample-acts.ts'

const note = (i: number): Unwritten => ({
  op: `operation-${i}`,
  who: 'ann',
  case: 'c',
  base: 0,
  act: { kind: 'note', text: `${i}` },
})
const notes = (count: number) =>
  numbered(Array.from({ length: count }, (_, i) => ({ act: { kind: 'note' as const, text: `${i + 1}` } })))
const written = (acts: Act[]) => Buffer.concat(acts.map(encodeLine))

async function place() {
  return join(await temporaryFolder(), 'labels', 'journal.jsonl')
}

async function opened(
  path: string,
  more: Partial<OpenJournalOptions> = {},
): Promise<{ journal: Journal; there: Act[] }> {
  const there: Act[] = []
  const journal = await openJournal(path, { files: nodeFiles, visit: act => there.push(act), ...more })
  onTestFinished(() => journal.close().catch(() => undefined))
  return { journal, there }
}

async function actsIn(path: string): Promise<Act[]> {
  const acts: Act[] = []
  replay(await readFile(path), act => acts.push(act))
  return acts
}

describe('appending to the journal', () => {
  test('numbers acts from 1 without a gap, in the order of asking', async () => {
    const path = await place()
    const { journal } = await opened(path)
    const got = await Promise.all(Array.from({ length: 1300 }, (_, i) => journal.append(note(i))))
    expect(got.map(({ act }) => act.seq)).toEqual(Array.from({ length: 1300 }, (_, i) => i + 1))
    expect((await actsIn(path)).map(act => act.op)).toEqual(got.map((_, i) => `operation-${i}`))
    expect(journal.lastSeq).toBe(1300)
  })

  test('tells where each line stands', async () => {
    const path = await place()
    const { journal } = await opened(path)
    const got = await Promise.all([1, 2, 3].map(i => journal.append(note(i))))
    const bytes = await readFile(path)
    for (const { act, offset, length } of got)
      expect(JSON.parse(bytes.subarray(offset, offset + length).toString())).toMatchObject({ ...act })
  })

  test('goes on after what is there', async () => {
    const path = await place()
    const first = await opened(path)
    await first.journal.append(note(1))
    await first.journal.close()
    const { journal, there } = await opened(path)
    expect(there.map(act => act.op)).toEqual(['operation-1'])
    expect((await journal.append(note(2))).act.seq).toBe(2)
  })

  test('resolves only after the sync', async () => {
    const path = await place()
    const order: string[] = []
    const { journal } = await opened(path, { files: faultyFiles(operation => void order.push(operation)) })
    order.length = 0
    await journal.append(note(1)).then(() => order.push('resolved'))
    expect(order).toEqual(['write', 'sync', 'resolved'])
  })

  test('syncs the folder when it makes the file', async () => {
    const synced: string[] = []
    await opened(await place(), {
      files: faultyFiles((operation, path) => void (operation === 'syncFolder' && synced.push(path))),
    })
    expect(synced.some(path => path.endsWith('labels'))).toBe(true)
  })

  test('lets acts that wait together share one sync', async () => {
    let syncs = 0
    const { journal } = await opened(await place(), {
      files: faultyFiles(operation => void (operation === 'sync' && syncs++)),
    })
    syncs = 0
    await Promise.all(Array.from({ length: 100 }, (_, i) => journal.append(note(i))))
    expect(syncs).toBe(1)
  })

  test('never goes back in time when the clock does', async () => {
    const path = await place()
    const clock = ['2020-05-11T10:00:00.000Z', '2020-05-11T09:00:00.000Z', '2020-05-11T11:00:00.000Z'].map(
      at => new Date(at),
    )
    let tick = 0
    const { journal } = await opened(path, { now: () => clock[Math.min(tick, 2)]! })
    const times: string[] = []
    for (; tick < 3; tick++) times.push((await journal.append(note(tick))).act.at)
    expect(times).toEqual([clock[0]!, clock[0]!, clock[2]!].map(at => at.toISOString()))
  })

  test('after closing is refused', async () => {
    const { journal } = await opened(await place())
    await journal.close()
    await expect(journal.append(note(1))).rejects.toMatchObject({ code: 'journal-closed' })
  })

  test('waits for what is under way when it closes', async () => {
    const path = await place()
    const { journal } = await opened(path)
    const waiting = Promise.all([1, 2, 3].map(i => journal.append(note(i))))
    await journal.close()
    await waiting
    expect(await actsIn(path)).toHaveLength(3)
  })
})

describe('a failing disk', () => {
  test.each(['write', 'sync'] as const)(
    'at %s leaves nothing of the act, and the next one goes through',
    async operation => {
      const path = await place()
      let fail = false
      const files = faultyFiles(now => {
        if (fail && now === operation) {
          fail = false
          throw systemError('ENOSPC')
        }
      })
      const { journal } = await opened(path, { files })
      await journal.append(note(1))
      fail = true
      await expect(journal.append(note(2))).rejects.toMatchObject({ code: 'journal-write' })
      expect((await journal.append(note(3))).act.seq).toBe(2)
      expect((await actsIn(path)).map(act => act.op)).toEqual(['operation-1', 'operation-3'])
    },
  )

  test('that takes a part of the bytes and then no more leaves no half line', async () => {
    const path = await place()
    let writes = 0
    const files = faultyFiles(now => {
      if (now !== 'write') return
      writes++
      if (writes === 2) return 10
      if (writes === 3) throw systemError('ENOSPC')
    })
    const { journal } = await opened(path, { files })
    await journal.append(note(1))
    await expect(journal.append(note(2))).rejects.toMatchObject({ code: 'journal-write' })
    expect(await readFile(path)).toEqual(written(await actsIn(path)))
    expect(await actsIn(path)).toHaveLength(1)
  })

  test('that takes bytes in small pieces makes no difference', async () => {
    const path = await place()
    const { journal } = await opened(path, { files: faultyFiles(now => (now === 'write' ? 7 : undefined)) })
    await Promise.all([1, 2, 3].map(i => journal.append(note(i))))
    expect(await actsIn(path)).toHaveLength(3)
  })

  test('that can not even cut back stops all writing until the journal is opened again', async () => {
    const path = await place()
    let fail = false
    const files = faultyFiles(now => {
      if (fail && (now === 'sync' || now === 'truncate')) throw systemError('EIO')
    })
    const { journal } = await opened(path, { files })
    await journal.append(note(1))
    fail = true
    await expect(journal.append(note(2))).rejects.toMatchObject({ code: 'journal-write' })
    fail = false
    await expect(journal.append(note(3))).rejects.toMatchObject({ code: 'journal-broken' })
    await journal.close()
    const again = await opened(path)
    expect((await again.journal.append(note(4))).act.seq).toBe(again.there.length + 1)
  })

  test('fails every act that waited for the same sync, and no other', async () => {
    const path = await place()
    let fail = false
    const files = faultyFiles(now => {
      if (fail && now === 'sync') {
        fail = false
        throw systemError('EIO')
      }
    })
    const { journal } = await opened(path, { files })
    fail = true
    const first = await Promise.allSettled([1, 2, 3].map(i => journal.append(note(i))))
    expect(first.map(one => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
    await journal.append(note(4))
    expect((await actsIn(path)).map(act => act.op)).toEqual(['operation-4'])
  })
})

describe('opening a journal', () => {
  test('that is torn drops the torn line, keeps its bytes aside, says so, and goes on', async () => {
    const path = await place()
    const acts = notes(3)
    await nodeFiles.makeFolder(join(path, '..'))
    await writeFile(path, written(acts).subarray(0, -10))
    const { journal, there } = await opened(path)
    expect(there).toEqual(acts.slice(0, 2))
    expect(journal.problems).toMatchObject([
      { code: 'journal-torn', message: expect.stringMatching(/never confirmed/) },
    ])
    expect((await journal.append(note(9))).act.seq).toBe(3)
    const aside = (await readdir(join(path, '..'))).find(name => name.startsWith('damaged-'))!
    const kept = JSON.parse(await readFile(join(path, '..', aside), 'utf8'))
    expect(Buffer.from(kept.base64, 'base64')).toEqual(encodeLine(acts[2]!).subarray(0, -10))
    expect(await actsIn(path)).toHaveLength(3)
  })

  test('cut at every byte of its last two lines is always writable again', { timeout: 30_000 }, async () => {
    const acts = notes(3)
    const bytes = written(acts)
    const path = await place()
    await nodeFiles.makeFolder(join(path, '..'))
    for (let cut = written(acts.slice(0, 1)).length; cut <= bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut))
      const { journal, there } = await opened(path)
      const { act } = await journal.append(note(cut))
      await journal.close()
      expect(act.seq).toBe(there.length + 1)
      const now = await opened(path)
      expect(now.there).toEqual([...there, act])
      expect(now.journal.problems).toEqual([])
      await now.journal.close()
    }
  })

  test('that is damaged in the middle puts the line aside, keeps all others and their numbers, and is sound from then on', async () => {
    const path = await place()
    const acts = notes(5)
    const bytes = written(acts)
    const second = written(acts.slice(0, 1)).length
    const damaged = Buffer.from(bytes)
    damaged[second + 15]! ^= 1
    await nodeFiles.makeFolder(join(path, '..'))
    await writeFile(path, damaged)
    const { journal, there } = await opened(path)
    expect(there.map(act => act.seq)).toEqual([1, 3, 4, 5])
    expect(journal.problems.map(problem => problem.code)).toEqual(['journal-damaged', 'journal-missing'])
    expect((await journal.append(note(9))).act.seq).toBe(6)
    await journal.close()
    const again = await opened(path)
    expect(again.journal.problems).toEqual([])
    expect(again.there.map(act => act.seq)).toEqual([1, 3, 4, 5, 6])
  })

  test('with any bytes changed keeps every whole line, tells of every other, and is sound when opened again', {
    timeout: 30_000,
  }, async () => {
    const acts = notes(6)
    const bytes = written(acts)
    const path = await place()
    await nodeFiles.makeFolder(join(path, '..'))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
        async changes => {
          const changed = Buffer.from(bytes)
          for (const [at, byte] of changes) changed[at] = byte
          await writeFile(path, changed)
          // A newline that is changed joins two lines: neither is whole then.
          const lines = new Set(changed.toString('latin1').split('\n'))
          const whole = acts.filter(act => lines.has(encodeLine(act).toString('latin1').trimEnd()))
          const first = await opened(path)
          expect(first.there.length).toBeGreaterThanOrEqual(whole.length)
          for (const act of first.there) expect(act).toEqual(acts[act.seq - 1])
          expect(first.journal.problems.length > 0).toBe(first.there.length < acts.length)
          const { act } = await first.journal.append(note(1))
          await first.journal.close()
          const again = await opened(path)
          expect(again.there).toEqual([...first.there, act])
          expect(again.journal.problems).toEqual([])
          await again.journal.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of 100,000 acts gives them all back', { timeout: 30_000 }, async () => {
    const path = await place()
    await nodeFiles.makeFolder(join(path, '..'))
    await writeFile(path, written(notes(100_000)))
    let count = 0
    const { journal } = await opened(path, { visit: () => count++ })
    expect([count, journal.lastSeq]).toEqual([100_000, 100_000])
  })
})

describe('a process killed while it appends', () => {
  test('has written every act it confirmed, once and in order', { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'journal.jsonl')
    const program = ['run-typescript.mjs', 'append-for-ever.ts'].map(name =>
      join(import.meta.dirname, name === 'append-for-ever.ts' ? '.' : '../workspace', name),
    )
    let next = 1
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [...program, path, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let said = ''
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString()
        if (said.split('\n').length > 40 + round * 37) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const confirmed = said.split('\n').slice(0, -1)
      const acts = await actsIn(path)
      const ops = acts.map(act => act.op)
      expect(new Set(ops).size).toBe(ops.length)
      expect(acts.map(act => act.seq)).toEqual(acts.map((_, i) => i + 1))
      const places = confirmed.map(op => ops.indexOf(op))
      expect(places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!))).toBe(true)
      next += 1_000_000
    }
  })
})
