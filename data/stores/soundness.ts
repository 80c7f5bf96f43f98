import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf } from '../errors.ts'
import { replay } from '../journal/replay.ts'
import type { CycleRecord } from '../records/cycle.ts'
import { lockHolders } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { databaseOf } from './database-address.ts'
import { openStore } from './open.ts'

/** One answer of the doctor. A `no` says what to do about it. */
export interface Check {
  name: string
  ok: boolean
  message: string
}

/**
 * Looks a workspace over without writing to it: the journal line by line, every case's picture, every sealed cycle's
 * hashes, half folders left behind by killed runs, and who is writing now.
 */
export async function checkWorkspace(workspace: Workspace): Promise<Check[]> {
  return [
    databaseOf(workspace) ? await databaseCheck(workspace) : await journalCheck(workspace),
    await casesCheck(workspace),
    ...(await cycleChecks(workspace)),
    await locksCheck(workspace),
  ]
}

/** Over a database the journal is its table of acts: their numbers go up to the last one without a gap. */
async function databaseCheck(workspace: Workspace): Promise<Check> {
  const name = 'database'
  const { shown } = databaseOf(workspace)!
  try {
    const store = await openStore(workspace)
    try {
      let acts = 0
      for await (const _ of store.acts.read()) acts++
      const missing = (await store.acts.lastSeq()) - acts
      if (missing === 0) return { name, ok: true, message: `${shown}: ${acts} acts` }
      return {
        name,
        ok: false,
        message: `${shown}: ${missing} of ${acts + missing} acts are not there: lost by an earlier journal, or deleted by hand; compare with a backup`,
      }
    } finally {
      await store.close()
    }
  } catch (error) {
    return { name, ok: false, message: messageOf(error) }
  }
}

async function journalCheck({ paths }: Workspace): Promise<Check> {
  const name = 'journal'
  if (!existsSync(paths.journal)) return { name, ok: true, message: 'no act yet' }
  let acts = 0
  const found = replay(await readFile(paths.journal), () => acts++)
  const faults = found.damaged.length + found.missing.length + (found.torn ? 1 : 0)
  if (faults === 0)
    return { name, ok: true, message: `${acts} ${acts === 1 ? 'act' : 'acts'}, every line's checksum holds` }
  const first = found.damaged[0] ?? found.torn
  return {
    name,
    ok: false,
    message: `${faults} ${faults === 1 ? 'fault' : 'faults'}${first ? `, the first at byte ${first.offset}: ${first.reason}` : ''}; start lesionloop serve, which puts bad lines aside and keeps the rest`,
  }
}

async function casesCheck(workspace: Workspace): Promise<Check> {
  const name = 'cases'
  const problems: string[] = []
  try {
    const store = await openStore(workspace, { onProblem: problem => problems.push(problem.message) })
    try {
      const onStorage = new Set<string>()
      if (workspace.shared)
        for await (const { key } of workspace.shared.objects.list('images/')) onStorage.add(key)
      let cases = 0
      const missing: string[] = []
      for await (const state of store.cases.all()) {
        cases++
        for (const file of [state.imageFile, ...(state.hounsfield ? [state.hounsfield.file] : [])]) {
          const picture = await stat(workspace.paths.image(file)).catch(() => undefined)
          if (!picture?.size && !onStorage.has(`images/${file}`) && missing.at(-1) !== state.id)
            missing.push(state.id)
        }
      }
      if (missing.length > 0)
        return {
          name,
          ok: false,
          message: `${missing.length} of ${cases} have no picture under images/ (first: ${missing[0]}); mine or import their documents again: labels are kept`,
        }
      if (problems.length > 0)
        return { name, ok: false, message: `${problems[0]}; mine or import the documents again` }
      return { name, ok: true, message: `${cases}, each with its picture` }
    } finally {
      await store.close()
    }
  } catch (error) {
    return { name, ok: false, message: messageOf(error) }
  }
}

async function cycleChecks(workspace: Workspace): Promise<Check[]> {
  const name = 'cycles'
  const { paths } = workspace
  const names = existsSync(paths.cycles) ? readdirSync(paths.cycles).sort() : []
  const checks: Check[] = []
  let sealed = 0
  for (const id of names) {
    const folder = join(paths.cycles, id)
    const record = join(folder, 'cycle.json')
    if (!existsSync(record)) {
      checks.push({
        name,
        ok: false,
        message: `${id}: not sealed, left by a run that was stopped; run lesionloop cycle again, which goes on from it or clears it`,
      })
      continue
    }
    sealed++
    const faults = await unsoundFiles(workspace, JSON.parse(await readFile(record, 'utf8')) as CycleRecord)
    for (const fault of faults)
      checks.push({
        name,
        ok: false,
        message: `${id}: ${fault}; don't trust this cycle: put the file back from a backup, or run a new one`,
      })
  }
  if (checks.length > 0) return checks
  return [{ name, ok: true, message: sealed ? `${sealed} sealed, every file's hash holds` : 'none yet' }]
}

async function locksCheck(workspace: Workspace): Promise<Check> {
  const holders = await lockHolders(workspace)
  const who = holders.map(
    ({ area, command, pid, since }) => `${area} by \`${command}\` (pid ${pid}) since ${since}`,
  )
  return { name: 'being written', ok: true, message: who.length ? who.join('; ') : 'nothing' }
}

/** Files of a sealed cycle that are missing or were changed since, named; none where it is sound. */
export async function unsoundFiles(workspace: Workspace, record: CycleRecord): Promise<string[]> {
  const faults: string[] = []
  for (const [name, expected] of Object.entries(record.files)) {
    try {
      const bytes = await readFile(join(workspace.paths.cycle(record.id), basename(name)))
      if (createHash('sha256').update(bytes).digest('hex') !== expected) faults.push(`${name}: changed since`)
    } catch (error) {
      faults.push(`${name}: ${messageOf(error)}`)
    }
  }
  return faults
}
