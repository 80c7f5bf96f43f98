import { stat } from 'node:fs/promises'
import { LesionloopError, messageOf } from '../errors.ts'
import type { CaseState, MinedCase } from '../records/case.ts'
import type { Workspace } from '../workspace/open.ts'
import type { CaseEntry } from './case-entry.ts'
import { appendPut, compactCases } from './cases-file.ts'
import { minedDocuments } from './mined-documents.ts'
import type { CaseTable } from './read-cases.ts'
import { Selections } from './selection.ts'
import type { CaseFilter, CaseQuery, CaseStore, QueueStore } from './store.ts'

/** Dead bytes that are let stand; above it, and above what lives, the file is compacted. */
const WASTE = 8 << 20

export function caseStore(of: {
  workspace: Workspace
  table: CaseTable
  queue: Pick<QueueStore, 'order'>
  canWrite: boolean
  /** Gets what went wrong without failing anything. */
  tell: (code: string, message: string) => void
}): CaseStore {
  const { workspace, table, queue } = of
  const selections = new Selections()
  async function select(query: CaseQuery): Promise<readonly CaseEntry[]> {
    if (query.search?.trim()) await table.searchable()
    const queued = query.sort === 'queue' ? await queue.order() : undefined
    const base = table.index.inOrder()
    return selections.select(table.index, queued ? queueFirst(queued.cases, base) : base, query)
  }

  let ordered:
    | { ranks: readonly string[]; base: readonly CaseEntry[]; entries: readonly CaseEntry[] }
    | undefined
  function queueFirst(ranks: readonly string[], base: readonly CaseEntry[]): readonly CaseEntry[] {
    if (ordered?.ranks === ranks && ordered.base === base) return ordered.entries
    const first = ranks.flatMap(id => table.index.cases.get(id) ?? [])
    const isFirst = new Set(first)
    const entries = [...isFirst, ...base.filter(entry => !isFirst.has(entry))]
    ordered = { ranks, base, entries }
    return entries
  }

  // One put after the other.
  let turn: Promise<void> = Promise.resolve()
  async function putNow(document: string, cases: readonly MinedCase[]): Promise<void> {
    await appendPut(workspace.files, workspace.paths.cases, document, cases)
    await table.scan(table.index.end)
    const { index } = table
    if (index.end - index.livingBytes <= Math.max(WASTE, index.livingBytes)) return
    const puts = [...index.puts].map(([name, put]) => ({ document: name, lines: put.cases }))
    try {
      await compactCases(workspace.files, workspace.paths.cases, puts)
    } catch (error) {
      // The cases are written; only the file stays larger than it need be.
      of.tell(
        'cases-compact',
        `cases: cases.jsonl: could not be made smaller (${messageOf(error)}); free space on the disk`,
      )
      return
    }
    await table.reload()
  }

  return {
    async get(id) {
      const entry = table.index.cases.get(id)
      return entry && table.state(entry)
    },
    async list(query: CaseQuery = {}) {
      const entries = await select(query)
      const from = query.offset ?? 0
      const page = entries.slice(from, from + (query.limit ?? 100))
      // Pages scroll by: what is kept of them would only push out the cases that are worked on.
      return { rows: page.map(entry => table.state(entry, false)), total: entries.length }
    },
    all: () => walk(table),
    async siblings(id) {
      const entry = table.index.cases.get(id)
      return entry ? entry.figure.cases.map(one => table.state(one)) : []
    },
    async count(filter: CaseFilter = {}) {
      return (await select(filter)).length
    },
    mined: isWanted => minedDocuments(workspace.paths.cases, isWanted),
    stamp: async () => {
      const file = await stat(workspace.paths.cases).catch(() => undefined)
      return file ? `${file.ino} ${file.size} ${file.mtimeMs}` : 'none'
    },
    async put(document: string, cases: MinedCase[]) {
      if (!of.canWrite)
        throw new LesionloopError(
          'store-read-only',
          'cases: this store was opened without the lock of the cases; open it with { write: ["cases"] }',
        )
      const ids = new Set(cases.map(mined => mined.id))
      if (ids.size !== cases.length)
        throw new LesionloopError('case-repeated', `cases: ${document}: two of its cases have the same id`, {
          document,
        })
      const next = turn.then(() => putNow(document, cases))
      turn = next.catch(() => undefined)
      return next
    },
  }
}

/**
 * All cases one after the other. Written without a generator: that would cost three promises a case, most of which the
 * collector moves to where they lie for long.
 */
function walk(table: CaseTable): AsyncIterableIterator<CaseState> {
  const ids = table.index.inOrder().map(({ id }) => id)
  let at = 0
  function next(): IteratorResult<CaseState> {
    while (at < ids.length) {
      // Looked up again: it may have been put anew since.
      const entry = table.index.cases.get(ids[at++]!)
      const state = entry && table.state(entry, false)
      if (state && !state.retired) return { value: state, done: false }
    }
    return { value: undefined, done: true }
  }
  const walker: AsyncIterableIterator<CaseState> = {
    next: async () => next(),
    return: async () => {
      at = ids.length
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => walker,
  }
  return walker
}
