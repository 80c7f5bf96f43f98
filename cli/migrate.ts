import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'migrate',
    description: 'Move labels, cases, people and jobs into a PostgreSQL database, or back into the folder',
  },
  args: {
    to: {
      type: 'string',
      required: true,
      description: 'postgres://USER@HOST/DB[?workspace=NAME], or: folder',
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const workspace = await openWorkspace(args.workspace)
      const run = { signal: terminal.signal, onProgress: terminal.progress }
      const result =
        args.to === 'folder'
          ? await (await import('../data/stores/migrate/to-folder.ts')).migrateToFolder(workspace, run)
          : await (await import('../data/stores/migrate/to-database.ts')).migrateToDatabase(
              workspace,
              args.to,
              run,
            )
      terminal.result(result)
      if (!terminal.json) {
        terminal.print(
          `${result.acts} acts and ${result.cases} cases are in ${result.to}; read again, both sides are the same (${result.hash.slice(0, 12)})`,
        )
        terminal.print(
          result.aside === null
            ? 'the database keeps its copy, marked as moved; workspace.json no longer names it'
            : `the folder's own files were put aside in ${result.aside}; workspace.json names the database, without a password`,
        )
      }
      return undefined
    })
  },
})
