import { describe, expect, test } from 'vitest'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { draft, labelAct, samplePanels, temporaryFolder } from '../data/stores/sample.ts'
import { type Fault, faultyFiles, systemError } from '../data/workspace/faulty-files.ts'
import { isLong, measured } from '../long.ts'

const ACTS = 6
const CASES = samplePanels('AB')

/** What a faulty disk makes of the n-th step, and of those behind it. */
type Disk = (step: number, at: number, bytes: number | undefined) => unknown
const DISKS: Record<string, Disk> = {
  'an error at one step': (step, at) => {
    if (step === at) throw systemError('EIO')
  },
  'a full disk from one step on': (step, at, bytes) => {
    if (step >= at && bytes !== undefined) throw systemError('ENOSPC')
  },
  'errors from one step on': (step, at) => {
    if (step >= at) throw systemError('EIO')
  },
  'half of the bytes taken at one step': (step, at, bytes) =>
    step === at && bytes !== undefined ? Math.max(1, bytes >> 1) : undefined,
  'half of the bytes taken, then an error': (step, at, bytes) => {
    if (step === at + 1) throw systemError('EIO')
    return step === at && bytes !== undefined ? Math.max(1, bytes >> 1) : undefined
  },
}

/** Labels, one act after the other, with a snapshot between and at the end; the disk fails as told. */
async function work(
  dir: string,
  disk: (step: number, bytes: number | undefined) => unknown,
): Promise<{ acknowledged: string[]; steps: number }> {
  let steps = 0
  const fault: Fault = (operation, path, bytes) => {
    if (operation === 'remove' || !/[\\/]labels[\\/]?/.test(path)) return
    return disk(++steps, operation === 'write' ? bytes : undefined)
  }
  const workspace = await openWorkspace(dir, { files: faultyFiles(fault) })
  const acknowledged: string[] = []
  const store = await openStore(workspace, { write: ['labels'], snapshotAfter: 0 }).catch(() => undefined)
  for (let number = 0; store && number < ACTS; number++) {
    const id = CASES[number % 2]!.id
    const version = (await store.cases.get(id))!.version
    const act = draft(id, version, labelAct())
    const answer = await store.acts.append('ann', act).catch(() => undefined)
    if (answer) acknowledged.push(act.op)
    // Room for the snapshot that the act asked for.
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  await store?.close().catch(() => undefined)
  return { acknowledged, steps }
}

async function prepared(): Promise<string> {
  const dir = await temporaryFolder()
  const workspace = await openWorkspace(dir, { create: true })
  const store = await openStore(workspace, { write: ['cases'] })
  await store.cases.put('doc-1', CASES)
  await store.close()
  return dir
}

describe('at every step that journal and snapshot make on the disk', () => {
  test.each(Object.entries(DISKS))(
    '%s loses no acknowledged act, doubles none, and leaves no half one',
    async (name, disk) => {
      const { steps: all } = await work(await prepared(), () => undefined)
      expect(all).toBeGreaterThan(3 * ACTS)
      const stride = isLong ? 1 : 16
      let tried = 0
      let refused = 0
      for (let at = 1; at <= all; at += stride) {
        const dir = await prepared()
        const { acknowledged } = await work(dir, (step, bytes) => disk(step, at, bytes))
        tried++
        refused += ACTS - acknowledged.length
        // The disk is well again: the next server opens what the last one left.
        const problems: string[] = []
        const store = await openStore(await openWorkspace(dir, { files: nodeFiles }), {
          write: ['labels'],
          onProblem: ({ code }) => problems.push(code),
        })
        const written: string[] = []
        for await (const act of store.acts.read()) written.push(act.op)
        expect([at, written.filter(op => acknowledged.includes(op))]).toEqual([at, acknowledged])
        expect(new Set(written).size).toBe(written.length)
        for (const { id } of CASES) {
          const state = (await store.cases.get(id))!
          expect(state.version).toBe((await store.acts.ofCase(id)).length)
        }
        expect(problems.filter(code => code !== 'journal-torn')).toEqual([])
        const { act } = await store.acts.append(
          'ann',
          draft(CASES[0]!.id, (await store.cases.get(CASES[0]!.id))!.version, labelAct()),
        )
        expect(act.seq).toBe(written.length + 1)
        await store.close()
      }
      measured(`${name}: ${tried} places of ${all}, ${refused} acts refused, none lost`)
    },
  )
})
