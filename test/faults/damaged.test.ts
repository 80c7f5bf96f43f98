import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openJournal } from '../../data/journal/append.ts'
import { encodeLine } from '../../data/journal/line.ts'
import type { Act } from '../../data/records/act.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { numbered } from '../data/journal/sample-acts.ts'
import { draft, labelAct, newWorkspace, samplePanels, temporaryFolder } from '../data/stores/sample.ts'
import { isLong, measured, times } from '../long.ts'

const acts = numbered(
  Array.from({ length: 40 }, (_, i) => ({ act: { kind: 'note' as const, text: `Note ${i}: ü \u{1f4be}` } })),
)
const lines = acts.map(encodeLine)
const whole = Buffer.concat(lines)

/** Opens a journal of these bytes as the server does; what it holds then, what it said, what it put aside. */
async function reopened(bytes: Buffer) {
  const labels = join(await temporaryFolder(), 'labels')
  await mkdir(labels)
  const path = join(labels, 'journal.jsonl')
  await writeFile(path, bytes)
  const there: Act[] = []
  const journal = await openJournal(path, { files: nodeFiles, visit: act => there.push(act) })
  const { problems } = journal
  await journal.append({
    op: 'operation-new',
    who: 'ann',
    case: 'c',
    base: 0,
    act: { kind: 'note', text: 'new' },
  })
  await journal.close()
  const again: Act[] = []
  const second = await openJournal(path, { files: nodeFiles, visit: act => again.push(act) })
  await second.close()
  const aside: Buffer[] = []
  for (const name of await readdir(labels))
    if (name.startsWith('damaged-'))
      for (const row of (await readFile(join(labels, name), 'utf8')).trim().split('\n'))
        aside.push(Buffer.from((JSON.parse(row) as { base64: string }).base64, 'base64'))
  return { there, again, problems, second: second.problems, aside }
}

describe('a journal', () => {
  test('cut at any byte of its last 4 KB keeps every whole line; a torn one is dropped and reported', async () => {
    const first = Math.max(0, whole.length - 4096)
    let torn = 0
    let cuts = 0
    for (let cut = whole.length; cut >= first; cut -= isLong ? 1 : 61) {
      const { there, again, problems, second, aside } = await reopened(whole.subarray(0, cut))
      let end = 0
      let kept = 0
      while (kept < lines.length && end + lines[kept]!.length - 1 <= cut) end += lines[kept++]!.length
      expect(there).toEqual(acts.slice(0, kept))
      const rest = cut - end
      expect(problems.map(({ code }) => code)).toEqual(rest > 0 ? ['journal-torn'] : [])
      expect(Buffer.concat(aside)).toEqual(rest > 0 ? whole.subarray(end, cut) : Buffer.alloc(0))
      // It goes on behind what was kept, and is sound from then on.
      expect(again.map(act => act.op)).toEqual([...there.map(act => act.op), 'operation-new'])
      expect(second).toEqual([])
      cuts++
      if (rest > 0) torn++
    }
    measured(`${cuts} cuts, ${torn} of them in a line: every whole line kept`)
  })

  test('damaged anywhere keeps every other line; what is damaged is put aside and reported', async () => {
    const random = seededRandom('damaged')
    const rounds = times(2000, 60)
    for (let round = 0; round < rounds; round++) {
      const bytes = Buffer.from(whole)
      const hit = new Set<number>()
      for (let flips = 1 + random.integer(4); flips > 0; flips--) {
        const at = random.integer(bytes.length)
        bytes[at] = bytes[at]! ^ (1 << random.integer(8))
        let end = 0
        const line = lines.findIndex(one => {
          end += one.length
          return at < end
        })
        hit.add(line)
        // A lost newline makes one line of two.
        if (at === end - 1 && line + 1 < lines.length) hit.add(line + 1)
      }
      const { there, again, problems, second, aside } = await reopened(bytes)
      const sound = acts.filter((_, at) => !hit.has(at))
      const ops = there.map(act => act.op)
      expect(ops.filter(op => sound.some(act => act.op === op))).toEqual(sound.map(act => act.op))
      // Never a changed act taken for a true one: two flips may have undone each other, else it is gone, and told.
      for (const act of there) expect(act).toEqual(acts[act.seq - 1])
      if (there.length < acts.length) expect(problems.length).toBeGreaterThan(0)
      const lost = acts
        .filter(act => !ops.includes(act.op))
        .reduce((sum, act) => sum + lines[act.seq - 1]!.length, 0)
      const kept = aside.reduce((sum, part) => sum + part.length, 0)
      expect(kept).toBeGreaterThanOrEqual(lost - 2 * hit.size)
      expect(again).toHaveLength(there.length + 1)
      expect(second).toEqual([])
    }
    measured(
      `${rounds} journals with flipped bits: every other line kept, what was damaged put aside and reported`,
    )
  })
})

describe('a workspace', () => {
  test('whose snapshot was deleted, cut or changed shows the same cases', async () => {
    const workspace = await newWorkspace()
    const cases = samplePanels('AB')
    const first = await openStore(workspace, { write: ['labels', 'cases'] })
    await first.cases.put('doc-1', cases)
    await first.acts.append('ann', draft(cases[0]!.id, 0, labelAct()))
    const expected = await first.cases.get(cases[0]!.id)
    await first.close()
    const snapshot = await readFile(workspace.paths.snapshot)
    const random = seededRandom('snapshot')
    const spoilt: (Buffer | undefined)[] = [
      undefined,
      Buffer.alloc(0),
      Buffer.from('null'),
      Buffer.from('[]'),
    ]
    for (let i = 0; i < times(300, 20); i++)
      spoilt.push(snapshot.subarray(0, random.integer(snapshot.length)))
    for (const bytes of spoilt) {
      if (bytes) await writeFile(workspace.paths.snapshot, bytes)
      else await nodeFiles.remove(workspace.paths.snapshot)
      const store = await openStore(workspace, { write: ['labels'] })
      expect(await store.cases.get(cases[0]!.id)).toEqual(expected)
      expect(await store.cases.count()).toBe(2)
      await store.close()
    }
  })

  test('whose clock was set back keeps its acts in order, and its times never go back', async () => {
    const workspace = await newWorkspace()
    const [mined] = samplePanels('A')
    const first = await openStore(workspace, { write: ['labels', 'cases'] })
    await first.cases.put('doc-1', [mined!])
    await first.close()
    const clock = [2026, 2027, 2001, 1970, 2026, 2030]
    for (const [base, year] of clock.entries()) {
      const store = await openStore(workspace, { write: ['labels'], now: () => new Date(Date.UTC(year, 1)) })
      await store.acts.append('ann', draft(mined!.id, base, labelAct()))
      await store.close()
    }
    const store = await openStore(workspace)
    const written: Act[] = []
    for await (const act of store.acts.read()) written.push(act)
    await store.close()
    expect(written.map(act => act.seq)).toEqual(clock.map((_, at) => at + 1))
    expect(written.map(act => act.at)).toEqual(written.map(act => act.at).sort())
    expect((await readdir(workspace.paths.labels)).some(name => name.startsWith('damaged-'))).toBe(false)
  })
})
