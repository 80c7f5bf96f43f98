import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { DUPLICATES_ARG, printSides, sidesAfter } from './sides.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'import', description: 'Take in a labelled dataset: pictures, labels, captions, split' },
  args: {
    format: {
      type: 'positional',
      description: 'covid-ct, jsonl, csv, label-studio or folder',
      required: true,
    },
    path: { type: 'positional', description: 'folder (covid-ct, folder) or file', required: true },
    workspace: {
      type: 'string',
      default: './workspace',
      description: 'folder of the workspace; made where it is missing',
    },
    with: {
      type: 'string',
      description:
        'of a folder by class: what its folders stand for, such as pneumonia=negative,ggo=positive+GGO',
      valueHint: 'CLASSES',
    },
    ...DUPLICATES_ARG,
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { importFormat } = await import('../data/formats/registry.ts')
      const format = importFormat(args.format)
      const classes =
        args.with === undefined
          ? undefined
          : (await import('../data/formats/folder-import.ts')).classesOf(args.with)
      // Asked first, so that a mistyped path makes no workspace.
      if (!existsSync(args.path))
        throw new LesionloopError('file-missing', `import: ${args.path}: not found; check the path`, {
          path: args.path,
        })
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { createMiner } = await import('../extractor/text/miner.ts')
      const { packageVersion } = await import('../data/workspace/package-root.ts')
      const workspace = await openWorkspace(args.workspace, { create: true })
      const store = await openStore(workspace, {
        write: ['cases'],
        onProblem: problem => terminal.progress({ step: 'opening', done: 0, total: null, problem }),
      })
      try {
        const miner = createMiner()
        const result = await format.run(workspace, args.path, {
          cases: store.cases,
          mineText: texts => texts.map(text => miner.mine(text)),
          ...(classes ? { classes } : {}),
          miner: `text miner ${packageVersion()}`,
          signal: terminal.signal,
          onProgress: terminal.progress,
        })
        const { amendNow } = await import('./amend.ts')
        await amendNow(workspace, store, terminal)
        const sides = await sidesAfter(workspace, store, terminal, args.duplicates)
        terminal.result({ ...result, ...sides })
        if (!terminal.json) {
          terminal.print(
            `${result.imported} cases of ${result.documents} documents taken in from ${args.path}`,
          )
          printSides(sides, terminal)
          for (const warning of result.warnings) terminal.print(`note: ${warning.message}`)
          if (result.rejected.length > 0)
            terminal.print(
              `${result.rejected.length} left out; listed above and in ${workspace.paths.rejectedList}`,
            )
        }
        return result.rejected.length === 0
      } finally {
        await store.close()
      }
    })
  },
})
