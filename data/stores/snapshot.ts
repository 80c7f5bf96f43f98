import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Low } from 'lowdb'
import { crc32 } from '../journal/crc32.ts'
import { readJsonIfThere, writeAll } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import type { FigureEntry } from './case-entry.ts'
import type { CaseTable } from './read-cases.ts'
import { columnsOf, fillIndex, type IndexColumns } from './snapshot-columns.ts'

/**
 * labels/snapshot.json: the index as it stood after act `seq`, so that opening needs not read every case. It is only
 * ever a shortcut: missing, damaged, of other cases or of a longer journal, it is left aside and made anew.
 */
interface SnapshotFile extends IndexColumns {
  format: 3
  seq: number
  /** The operation of that act: another journal has another. */
  op: string
  /** The cases file it was made from: bytes read, and a checksum of the last 64 kB before that. */
  cases: { end: number; tail: string; living: number }
}

const FORMAT = 3
const TAIL = 64 << 10
/** Values turned into text between two turns of the event loop: some milliseconds' work. */
const SLICE = 4000

export interface Snapshot {
  /**
   * Fills the empty index from the snapshot where it fits, and brings it up to the journal.
   * @param isTrusted false where the journal lost acts that the snapshot may still hold.
   * @returns whether it was as new as the journal, so that there is no need to write it.
   */
  load(isTrusted: boolean): Promise<boolean>
  /** Something changed: writes after a while of quiet, and at the latest after ten times that. */
  changed(): void
  /** Writes what is pending. */
  close(): Promise<void>
}

export function openSnapshot(
  workspace: Workspace,
  of: { table: CaseTable; canWrite: boolean; after: number },
): Snapshot {
  const { table, canWrite, after } = of
  const path = workspace.paths.snapshot
  const db = new Low<SnapshotFile | null>(
    {
      read: async () => (await readJsonIfThere<SnapshotFile>(path).catch(() => undefined)) ?? null,
      write: data => (data ? writeSliced(workspace, path, data) : Promise.resolve()),
    },
    null,
  )
  let timer: NodeJS.Timeout | undefined
  let since = 0
  let dirty = false
  let writing: Promise<void> = Promise.resolve()

  function changed(): void {
    if (!canWrite) return
    dirty = true
    const now = Date.now()
    since ||= now
    if (timer && now - since > after * 10) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      writing = writing.then(write)
    }, after).unref()
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (!dirty) return
    dirty = false
    since = 0
    const content = await snapshotOf(table, workspace.paths.cases)
    if (!content) return changed()
    db.data = content
    // The next opening rebuilds it: a snapshot that can't be written is no loss, and must not stop the desk.
    await db.write().catch(() => undefined)
    db.data = null
  }

  return {
    async load(isTrusted) {
      if (isTrusted) await db.read()
      const file = db.data
      db.data = null
      const taken = file !== null && (await restore(file, table, workspace.paths.cases).catch(() => false))
      if (!taken) table.forget()
      return taken && file.seq === table.acts.lastSeq
    },
    changed,
    async close() {
      if (canWrite) writing = writing.then(write)
      clearTimeout(timer)
      await writing
      // One that was put off to later: the next opening makes it anew.
      clearTimeout(timer)
    },
  }
}

async function snapshotOf(table: CaseTable, casesPath: string): Promise<SnapshotFile | undefined> {
  const { index, acts } = table
  const seq = acts.lastSeq
  const cases = { end: index.end, tail: await tailOf(casesPath, index.end), living: index.livingBytes }
  const op = acts.get(seq)?.op ?? ''
  const { end } = index
  const columns = await columnsOf(index, () => table.index === index && index.end === end)
  return columns && { format: FORMAT, seq, op, cases, ...columns }
}

/** @returns whether the snapshot fits the files; only then the index holds anything. */
async function restore(file: SnapshotFile, table: CaseTable, casesPath: string): Promise<boolean> {
  const { index, acts } = table
  if (file.format !== FORMAT || file.op !== (acts.get(file.seq)?.op ?? '')) return false
  if (file.cases.tail !== (await tailOf(casesPath, file.cases.end))) return false
  fillIndex(index, file)
  index.livingBytes = file.cases.living
  index.end = file.cases.end
  index.generation++
  table.open()
  // Places that point elsewhere would show one case under another's name.
  const first = index.cases.values().next().value
  if (first && table.mined(first).id !== first.id) return false
  const behind = new Set<FigureEntry>()
  for (let seq = file.seq + 1; seq <= acts.lastSeq; seq++) {
    const id = acts.get(seq)?.case ?? ''
    for (const figure of [index.cases.get(id)?.figure, index.heirs.get(id)]) if (figure) behind.add(figure)
  }
  for (const figure of behind) table.renew(figure)
  return true
}

async function tailOf(path: string, end: number): Promise<string> {
  if (end === 0 || !existsSync(path)) return end === 0 ? '' : 'missing'
  const file = await open(path, 'r')
  try {
    const start = Math.max(0, end - TAIL)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
    return bytesRead === end - start ? crc32(buffer) : 'shorter'
  } finally {
    await file.close()
  }
}

/** Writes the file in slices and by way of a temporary one, so that requests are answered in between. */
async function writeSliced(workspace: Workspace, path: string, data: SnapshotFile): Promise<void> {
  const { files } = workspace
  await files.makeFolder(dirname(path))
  const temporary = join(dirname(path), `.${basename(path)}.tmp`)
  await files.remove(temporary)
  try {
    const file = await files.open(temporary, 'wx')
    try {
      for (const text of jsonInSlices(data)) {
        await writeAll(file, Buffer.from(text))
        await new Promise(resolve => setImmediate(resolve))
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
    await files.syncFolder(dirname(path))
  } catch (error) {
    await files.remove(temporary).catch(() => undefined)
    throw error
  }
}

/** The JSON of an object of long lists, or of objects of them: a part of a list at a time. */
function* jsonInSlices(data: object): Generator<string> {
  let comma = '{\n'
  for (const [name, value] of Object.entries(data)) {
    yield `${comma}"${name}":`
    comma = ',\n'
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length || at === 0; at += SLICE) {
        const part = JSON.stringify(value.slice(at, at + SLICE)).slice(1, -1)
        yield `${at ? ',' : '['}${part}${at + SLICE < value.length ? '' : ']'}`
      }
    } else if (typeof value === 'object' && value !== null) yield* jsonInSlices(value)
    else yield JSON.stringify(value)
  }
  yield comma === '{\n' ? '{}' : '}\n'
}
