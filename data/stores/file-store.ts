import { statSync } from 'node:fs'
import { LesionloopError } from '../errors.ts'
import { type Journal, openJournal } from '../journal/append.ts'
import { acquireLocks, type Lock } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { accountStore } from './accounts.ts'
import { ActLog } from './act-log.ts'
import { actStore } from './acts.ts'
import { CaseIndex } from './case-index.ts'
import { caseStore } from './cases.ts'
import { jobStore } from './jobs.ts'
import type { OpenStoreOptions } from './open.ts'
import { passwordFile } from './passwords.ts'
import { newestSealed, queueStore } from './queue.ts'
import { CaseTable } from './read-cases.ts'
import { sessionStore } from './sessions.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'
import type { Store, StoreChange } from './store.ts'

/**
 * The store in the workspace's own files: an index in memory over cases.jsonl and the journal, a snapshot of it by
 * lowdb, acts and cases read from the disk when they are asked for.
 * @throws LesionloopError `lock-held` where another process writes one of the areas.
 */
export async function openFileStore(workspace: Workspace, options: OpenStoreOptions = {}): Promise<Store> {
  const { write = [], now = () => new Date() } = options
  const tell = (code: string, message: string) => options.onProblem?.({ item: workspace.dir, code, message })
  const locks: Lock[] = await acquireLocks(workspace, write)
  const { paths } = workspace
  let journal: Journal | undefined
  let snapshot: Snapshot | undefined
  const acts = new ActLog(paths.journal)
  const table = new CaseTable(paths.cases, acts, () => new CaseIndex())
  const queue = queueStore(workspace, table)
  try {
    if (write.includes('labels')) {
      journal = await openJournal(paths.journal, {
        files: workspace.files,
        now,
        visit: (act, offset, length) => acts.add(act, offset, length),
      })
      for (const { code, message } of journal.problems) tell(code, message)
    } else followJournal()
    const problems = await openCases()
    for (const problem of problems) tell('cases-damaged', problem)
  } catch (error) {
    await closeAll()
    throw error
  }

  async function openCases(): Promise<string[]> {
    snapshot = openSnapshot(workspace, {
      canWrite: write.includes('labels'),
      after: options.snapshotAfter ?? 5000,
      table,
    })
    // What the journal lost is not in it any more, though the snapshot may still hold it.
    const isCurrent = await snapshot.load(!journal?.problems.length)
    const known = table.index.end
    const problems = await table.scan(known)
    if (!isCurrent || table.index.end > known) snapshot.changed()
    if (write.includes('cases')) await cutTornCases()
    return problems
  }

  /** A put that its writer did not finish is cut off, so that the next one starts on a line of its own. */
  async function cutTornCases(): Promise<void> {
    const size = statSync(paths.cases, { throwIfNoEntry: false })?.size ?? 0
    if (size <= table.index.end) return
    const file = await workspace.files.open(paths.cases, 'r+')
    try {
      await file.truncate(table.index.end)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  function followJournal(): Set<string> | undefined {
    const { cases, found } = acts.follow()
    for (const { offset, reason } of found?.damaged ?? [])
      tell(
        'journal-damaged',
        `journal: journal.jsonl: line at byte ${offset}: ${reason}; left out, the rest is read: start \`lesionloop serve\` once to put it aside`,
      )
    return cases
  }

  const listeners = new Set<(change: StoreChange) => void>()
  const announce = (change: StoreChange) => {
    for (const listener of listeners) listener(change)
  }
  let cycle = newestSealed(workspace)
  /** Who listens is told when all is taken in. */
  async function refreshAndTell(): Promise<void> {
    const seen = { seq: acts.lastSeq, cases: table.index, end: table.index.end, cycle }
    await doRefresh()
    if (listeners.size === 0) return
    if (!journal)
      for (let seq = seen.seq + 1; seq <= acts.lastSeq; seq++) {
        const act = acts.get(seq)
        if (act) announce({ type: 'act', act })
      }
    if (seen.cases !== table.index || seen.end !== table.index.end) announce({ type: 'cases' })
    cycle = newestSealed(workspace)
    if (seen.cycle !== cycle) announce({ type: 'queue' })
  }

  let refreshing: Promise<void> | undefined
  async function doRefresh(): Promise<void> {
    if (!journal) {
      const touched = followJournal()
      if (!touched)
        throw new LesionloopError(
          'journal-replaced',
          'journal: another file stands in its place (restored from a backup?); open the workspace again',
        )
      const figures = new Set([...touched].flatMap(id => table.index.cases.get(id)?.figure ?? []))
      for (const figure of figures) table.renew(figure)
      table.adopt()
    }
    if (write.includes('cases')) return
    const size = statSync(paths.cases, { throwIfNoEntry: false })?.size ?? 0
    const isReplaced = table.isReplaced()
    if (!isReplaced && size === table.index.end) return
    // A writer may be in the middle of a put: what isn't whole is taken the next time, and no problem yet.
    if (isReplaced) await table.reload()
    else await table.scan(table.index.end)
    snapshot?.changed()
  }

  let closed: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    await journal?.close()
    await snapshot?.close()
    acts.close()
    table.close()
    queue.close()
    for (const lock of locks) await lock.release()
  }

  return {
    acts: actStore({ acts, table, journal, changed: () => snapshot?.changed() }),
    cases: caseStore({ workspace, table, queue, canWrite: write.includes('cases'), tell }),
    queue,
    accounts: accountStore(workspace, { isLocked: write.includes('accounts'), now }),
    jobs: jobStore(workspace),
    sessions: sessionStore(workspace, now),
    passwords: passwordFile(workspace),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    refresh() {
      refreshing ??= refreshAndTell().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
    close() {
      closed ??= closeAll()
      return closed
    },
  }
}
