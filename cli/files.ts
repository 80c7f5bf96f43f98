import { type ArgsDef, defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { SharedFiles } from '../data/files/shared-files.ts'
import type { RunOptions } from '../data/records/job.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

const args = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} satisfies ArgsDef

/** The storage, without opening the workspace: of one that is moved here there is only a folder yet, or none. */
async function opened(workspace: string): Promise<SharedFiles> {
  const [{ workspacePaths }, { readJsonIfThere }, { filesOf }, { openObjects }, { SharedFiles: Shared }] =
    await Promise.all([
      import('../data/workspace/paths.ts'),
      import('../data/workspace/files.ts'),
      import('../data/files/files-address.ts'),
      import('../data/files/open-objects.ts'),
      import('../data/files/shared-files.ts'),
    ])
  const paths = workspacePaths(workspace)
  const file = await readJsonIfThere<{ settings?: { files?: string } }>(paths.workspaceFile)
  const address = filesOf({ settings: file?.settings ?? {} })
  if (!address)
    throw new LesionloopError(
      'files-none',
      'files: no storage is named; give --files s3://BUCKET/PREFIX or file:///FOLDER, or set LESIONLOOP_FILES',
    )
  return new Shared(paths, await openObjects(address))
}

function withFiles(
  given: { workspace: string; json?: boolean | undefined },
  work: (shared: SharedFiles, run: RunOptions, terminal: Terminal) => Promise<boolean | undefined>,
): Promise<void> {
  const terminal = openTerminal({ json: given.json ?? false })
  return runVerb(terminal, async () => {
    const shared = await opened(given.workspace)
    try {
      return await work(shared, { signal: terminal.signal, onProgress: terminal.progress }, terminal)
    } finally {
      shared.close()
    }
  })
}

const push = defineCommand({
  meta: { name: 'push', description: 'Put what this folder has on the storage; again where it was stopped' },
  args,
  run: ({ args: given }) =>
    withFiles(given, async (shared, run, terminal) => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      // There must be one: a mistyped folder has nothing to put anywhere.
      await openWorkspace(given.workspace, { shared: false })
      const { pushFolder } = await import('../data/files/move-up.ts')
      const result = await pushFolder(shared, run)
      terminal.result(result)
      if (!terminal.json)
        terminal.print(
          `${result.moved} files put on ${shared.shown}, ${result.same} were there, ${result.failed.length} failed`,
        )
      return result.failed.length === 0
    }),
})

const pull = defineCommand({
  meta: { name: 'pull', description: 'Bring everything here that the storage has' },
  args,
  run: ({ args: given }) =>
    withFiles(given, async (shared, run, terminal) => {
      const { pullFolder } = await import('../data/files/move-up.ts')
      const result = await pullFolder(shared, run)
      terminal.result(result)
      if (!terminal.json) {
        for (const line of result.failed) terminal.print(line)
        terminal.print(
          `${result.moved} files came from ${shared.shown}, ${result.same} were here, ${result.failed.length} failed`,
        )
      }
      return result.failed.length === 0
    }),
})

const verify = defineCommand({
  meta: { name: 'verify', description: 'Read every object and compare it with its hash' },
  args,
  run: ({ args: given }) =>
    withFiles(given, async (shared, run, terminal) => {
      const { verifyObjects } = await import('../data/files/move-up.ts')
      const result = await verifyObjects(shared, run)
      terminal.result(result)
      if (!terminal.json) {
        for (const line of result.faults) terminal.print(line)
        terminal.print(
          `${shared.shown}: ${result.sound} objects are what was put there, ${result.faults.length} not`,
        )
      }
      return result.faults.length === 0
    }),
})

export default defineCommand({
  meta: { name: 'files', description: 'Pictures, documents and cycles on storage that all machines share' },
  subCommands: { push, pull, verify },
})
