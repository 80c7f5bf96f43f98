import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'restore', description: 'Put a backup back as a workspace, every byte checked' },
  args: {
    dir: { type: 'positional', description: 'folder of the backups', required: true },
    workspace: {
      type: 'string',
      description: "folder of the workspace; one that isn't there yet, or is empty",
      required: true,
    },
    backup: { type: 'string', description: 'name of the backup; default: the newest' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const [{ nodeFiles }, { restoreWorkspace }] = await Promise.all([
        import('../data/workspace/files.ts'),
        import('../data/backup/restore.ts'),
      ])
      const result = await restoreWorkspace(args.dir, args.workspace, nodeFiles, {
        signal: terminal.signal,
        onProgress: terminal.progress,
        ...(args.backup === undefined ? {} : { backup: args.backup }),
      })
      terminal.result(result)
      if (!terminal.json)
        terminal.print(
          `${args.workspace}: backup ${result.backup}, ${result.files} files, up to act ${result.journalSeq}; every hash holds`,
        )
      return undefined
    })
  },
})
