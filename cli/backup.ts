import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'backup',
    description: 'Copy the workspace, also while it is in use; what is there already is not copied again',
  },
  args: {
    dir: { type: 'positional', description: 'folder of the backups, on another disk', required: true },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    'folder-only': {
      type: 'boolean',
      description: 'copy the folder though labels and cases are in a database, which pg_dump copies',
    },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const [{ openWorkspace }, { backupWorkspace }, { databaseOf }] = await Promise.all([
        import('../data/workspace/open.ts'),
        import('../data/backup/backup.ts'),
        import('../data/stores/database-address.ts'),
      ])
      const workspace = await openWorkspace(args.workspace)
      if (workspace.shared)
        throw new LesionloopError(
          'backup-files',
          `backup: ${args.workspace}: its files are on ${workspace.shared.shown}, of which this folder holds a part; copy the bucket (or let it keep versions), and dump the database with pg_dump`,
        )
      const database = databaseOf(workspace)
      if (database && !args['folder-only'])
        throw new LesionloopError(
          'backup-database',
          `backup: ${args.workspace}: its labels and cases are in ${database.shown}, which a copy of the folder does not hold; dump the database with pg_dump, then copy the folder with --folder-only`,
        )
      const { dir, files } = workspace
      const result = await backupWorkspace(dir, args.dir, files, {
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      terminal.result(result)
      if (!terminal.json)
        terminal.print(
          `backup ${result.name}: ${result.files} files, ${megabytes(result.bytes)} (${megabytes(result.written)} new), up to act ${result.journalSeq}`,
        )
      return undefined
    })
  },
})

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
