import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Workspace } from '../workspace/open.ts'
import { Leases } from './leases.ts'
import { QueueFile } from './queue-file.ts'
import type { CaseTable } from './read-cases.ts'
import type { QueueStore } from './store.ts'

/** Cases that are looked up before others get their turn: some two milliseconds of a long queue. */
const TOGETHER = 5000

/** The queue of the newest sealed cycle: a cycle is sealed when its cycle.json is there, and never changes then. */
export function queueStore(workspace: Workspace, table: CaseTable): QueueStore & { close(): void } {
  let known = QueueFile.none()
  let reading: { cycle: string; done: Promise<QueueFile> } | undefined

  async function order(): Promise<QueueFile> {
    const cycle = newestSealed(workspace)
    if (cycle === known.cycle) return known
    if (cycle === null) {
      known.close()
      known = QueueFile.none()
      return known
    }
    // Everybody who asks meanwhile waits for the one reading.
    if (reading?.cycle !== cycle) {
      const path = join(workspace.paths.cycle(cycle), 'queue.jsonl')
      const done = QueueFile.read(cycle, path, id => table.index.cases.get(id)?.id ?? id)
      reading = { cycle, done }
    }
    const mine = reading
    try {
      const read = await mine.done
      if (known !== read) known.close()
      known = read
    } finally {
      if (reading === mine) reading = undefined
    }
    return known
  }

  const leases = new Leases()
  const isOpen = (id: string) => {
    const found = table.index.cases.get(id)
    return found?.isCt === true && found.labelledBy.length === 0
  }

  return {
    order,
    async areOpen(ids) {
      const open: boolean[] = []
      for (const id of ids) {
        open.push(isOpen(id))
        if (open.length % TOGETHER === 0) await nextTurn()
      }
      return open
    },
    async read({ all = false } = {}) {
      const queue = await order()
      const entries = queue.cases.flatMap((id, at) => (all || isOpen(id) ? [queue.entry(at)] : []))
      return { cycle: queue.cycle, entries }
    },
    async lease(who, of) {
      const at = leases.next(await order(), who, { ...of, isOpen })
      return at === undefined ? undefined : known.entry(at)
    },
    release: async (who, caseId) => leases.release(who, caseId),
    close: () => known.close(),
  }
}

/** The newest sealed cycle's id ("0002"); null where there is none. */
export function newestSealed(workspace: Workspace): string | null {
  const { cycles } = workspace.paths
  if (!existsSync(cycles)) return null
  const ids = readdirSync(cycles).filter(name => /^\d+$/.test(name))
  ids.sort((a, b) => Number(b) - Number(a))
  return ids.find(id => existsSync(join(cycles, id, 'cycle.json'))) ?? null
}
