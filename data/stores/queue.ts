import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { QueueEntry } from '../records/cycle.ts'
import type { Workspace } from '../workspace/open.ts'
import type { CaseTable } from './read-cases.ts'
import type { QueueStore } from './store.ts'

export interface QueueOrder {
  /** Ids of the current queue's cases, first asked first; the same array until the queue changes. */
  order(): Promise<{ cycle: string | null; cases: readonly string[] }>
}

/** The queue of the newest sealed cycle: a cycle is sealed when its cycle.json is there, and never changes then. */
export function queueStore(workspace: Workspace, table: CaseTable): QueueStore & QueueOrder {
  let known: { cycle: string | null; entries: QueueEntry[]; cases: string[] } = {
    cycle: null,
    entries: [],
    cases: [],
  }

  async function current() {
    const cycle = newestSealed(workspace)
    if (cycle !== known.cycle) {
      const path = cycle === null ? undefined : join(workspace.paths.cycle(cycle), 'queue.jsonl')
      const entries = path !== undefined && existsSync(path) ? await readQueue(path) : []
      known = { cycle, entries, cases: entries.map(entry => entry.case) }
    }
    return known
  }

  return {
    order: current,
    async read({ all = false } = {}) {
      const { cycle, entries } = await current()
      const open = (entry: QueueEntry) => {
        const found = table.index.cases.get(entry.case)
        return found?.isCt === true && found.labelledBy.length === 0
      }
      return { cycle, entries: all ? entries : entries.filter(open) }
    },
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

async function readQueue(path: string): Promise<QueueEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line) as QueueEntry).sort((a, b) => a.rank - b.rank)
}
