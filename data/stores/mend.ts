import { existsSync, readdirSync } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeFileAtomically } from '../workspace/files.ts'
import { acquireLocks } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { scanCases } from './cases-file.ts'
import { openFileStore } from './file-store.ts'
import { LineFile } from './line-file.ts'
import type { Check } from './soundness.ts'

/**
 * Mends what can be mended, and says what it did: a torn or damaged journal (as opening does), a snapshot that is
 * missing or no good, cases that a stopped run left half written, half cycles, locks of dead processes. Nothing is
 * thrown away that somebody may want: what is taken out is put aside first.
 * @returns a line for each thing done; none where all was sound.
 * @throws LesionloopError `lock-held` where somebody is at work.
 */
export async function mendWorkspace(workspace: Workspace, now: Date = new Date()): Promise<Check[]> {
  const done: Check[] = []
  const tell = (name: string, message: string) => done.push({ name, ok: true, message })
  const locksBefore = lockFiles(workspace)
  // All areas at once: nobody else is at work while this goes on.
  const locks = await acquireLocks(
    workspace,
    ['documents', 'cycles', 'features'],
    'lesionloop doctor --repair',
  )
  try {
    const stamp = now.toISOString().replace(/[:.]/g, '-')
    await putCasesAside(workspace, stamp, tell)
    const hadSnapshot = await isSnapshotRead(workspace)
    const store = await openFileStore(workspace, {
      write: ['labels', 'cases'],
      now: () => now,
      onProblem: ({ code, message }) => tell(code.split('-')[0]!, message),
    })
    await store.close()
    if (hadSnapshot === 'damaged')
      tell('snapshot', 'labels/snapshot.json: not readable; made anew from cases and journal')
    await putHalfCyclesAside(workspace, stamp, tell)
    const gone = locksBefore.filter(name => !existsSync(join(workspace.paths.locks, name)))
    if (gone.length > 0) tell('locks', `${gone.length} left by processes that are dead; removed`)
  } finally {
    for (const lock of locks) await lock.release()
  }
  return done
}

type Tell = (name: string, message: string) => void

const lockFiles = ({ paths }: Workspace) =>
  existsSync(paths.locks) ? readdirSync(paths.locks).filter(name => name.endsWith('.lock')) : []

async function isSnapshotRead({ paths, files }: Workspace): Promise<'sound' | 'damaged' | 'missing'> {
  const text = await readFile(paths.snapshot, 'utf8').catch(() => undefined)
  if (text === undefined) return 'missing'
  try {
    JSON.parse(text)
    return 'sound'
  } catch {
    await files.remove(paths.snapshot)
    return 'damaged'
  }
}

/** A last document that was not written to its end would be cut off by the store: its bytes are kept beside it. */
async function putCasesAside({ paths, files }: Workspace, stamp: string, tell: Tell): Promise<void> {
  const reader = new LineFile(paths.cases)
  const { end } = await scanCases(reader, 0, () => undefined)
  reader.close()
  const file = await open(paths.cases, 'r').catch(() => undefined)
  if (!file) return
  try {
    const { size } = await file.stat()
    if (size <= end) return
    const { buffer } = await file.read(Buffer.alloc(size - end), 0, size - end, end)
    const aside = `damaged-${stamp}.jsonl`
    await writeFileAtomically(files, join(dirname(paths.cases), aside), buffer)
    tell(
      'cases',
      `cases.jsonl: its end (from byte ${end}) was not written whole; put aside in cases/${aside}, cut off`,
    )
  } finally {
    await file.close()
  }
}

async function putHalfCyclesAside({ paths, files }: Workspace, stamp: string, tell: Tell): Promise<void> {
  for (const name of (await readdir(paths.cycles).catch(() => [])).sort()) {
    if (!/^\d+(\.half)?$/.test(name) || existsSync(join(paths.cycles, name, 'cycle.json'))) continue
    const aside = join('put-aside', `cycle-${name}-${stamp}`)
    await files.makeFolder(join(paths.root, 'put-aside'))
    await files.rename(join(paths.cycles, name), join(paths.root, aside))
    tell(
      'cycles',
      `${name}: not sealed, left by a run that was stopped; put aside in ${aside}: run lesionloop cycle again`,
    )
  }
}
