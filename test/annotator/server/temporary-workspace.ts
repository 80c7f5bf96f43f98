import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'

/** An empty folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-server-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A new workspace in a folder of its own. */
export async function temporaryWorkspace(): Promise<Workspace> {
  return await openWorkspace(join(await temporaryFolder(), 'workspace'), { create: true })
}
