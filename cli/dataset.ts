import { defineCommand } from 'citty'
import { type ChosenCases, printLeftOut, withChosenCases } from './chosen-cases.ts'
import { CHOICE_ARGUMENTS, PUBLICATION_ARGUMENTS, publicationGiven } from './export-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

const WORKSPACE = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const
const NAME = { type: 'positional', description: 'name of the version', required: true } as const

const freeze = defineCommand({
  meta: { name: 'freeze', description: 'Make a version under datasets/NAME that never changes' },
  args: {
    name: NAME,
    ...CHOICE_ARGUMENTS,
    ...PUBLICATION_ARGUMENTS,
    check: {
      type: 'boolean',
      default: true,
      description: 'judge the cases first and put what is found into the card (--no-check: not)',
    },
    by: { type: 'string', description: 'who freezes it, for the manifest', valueHint: 'NAME' },
    ...WORKSPACE,
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { freezeDataset, refuseTaken } = await import('../data/datasets/freeze.ts')
      const freeze = async ({ workspace, cases, options }: ChosenCases) => {
        const frozen = await freezeDataset(workspace, args.name, cases, {
          ...options,
          ...(args.by === undefined ? {} : { by: args.by }),
        })
        // Without its files: a job's record holds what is printed here.
        const { files: _files, ...row } = frozen
        terminal.result(row)
        if (terminal.json) return undefined
        terminal.print(
          `${frozen.name}: ${frozen.cases} cases and ${frozen.images} pictures frozen in ${workspace.paths.dataset(args.name)}, sha256 ${frozen.sha256}`,
        )
        printLeftOut(terminal, frozen.leftOut, options.publication)
        return undefined
      }
      return withChosenCases(terminal, args, freeze, workspace => refuseTaken(workspace, args.name))
    })
  },
})

const describe = defineCommand({
  meta: {
    name: 'describe',
    description: 'Say once what card and Croissant file tell of the dataset as a whole',
  },
  args: { ...PUBLICATION_ARGUMENTS, ...WORKSPACE },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { describeDataset, PUBLICATION_FLAGS, publicationOf } = await import(
        '../data/datasets/publication.ts'
      )
      const workspace = await openWorkspace(args.workspace)
      const given = publicationGiven(args)
      const said =
        Object.keys(given).length > 0 ? await describeDataset(workspace, given) : publicationOf(workspace)
      terminal.result(said)
      if (terminal.json) return undefined
      for (const field of Object.keys(PUBLICATION_FLAGS) as (keyof typeof PUBLICATION_FLAGS)[])
        terminal.print(`${field}: ${said[field] ?? `not said; --${PUBLICATION_FLAGS[field]}`}`)
      return undefined
    })
  },
})

const list = defineCommand({
  meta: { name: 'list', description: 'The frozen versions' },
  args: WORKSPACE,
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { listDatasets } = await import('../data/datasets/freeze.ts')
      const all = await listDatasets(await openWorkspace(args.workspace))
      terminal.result(all.map(({ files: _files, ...rest }) => rest))
      if (!terminal.json) {
        for (const { name, cases, images, frozenAt, sha256 } of all)
          terminal.print(
            `${name}  ${cases} cases, ${images} pictures, ${frozenAt.slice(0, 10)}, ${sha256.slice(0, 12)}`,
          )
        if (all.length === 0)
          terminal.print('no version is frozen yet; `lesionloop dataset freeze NAME` makes one')
      }
      return undefined
    })
  },
})

const diff = defineCommand({
  meta: { name: 'diff', description: 'What changed between two frozen versions' },
  args: {
    before: { type: 'positional', description: 'the earlier version', required: true },
    after: { type: 'positional', description: 'the later version', required: true },
    ...WORKSPACE,
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { diffDatasets } = await import('../data/datasets/diff.ts')
      const found = await diffDatasets(await openWorkspace(args.workspace), args.before, args.after)
      terminal.result(found)
      if (terminal.json) return undefined
      terminal.print(
        `${found.before} → ${found.after}: ${found.added.length} added, ${found.removed.length} removed, ${found.relabelled.length} relabelled, ${found.moved.length} moved between sides, ${found.superseded.length} by a newer version, ${found.unchanged} unchanged`,
      )
      for (const id of found.added) terminal.print(`+ ${id}`)
      for (const id of found.removed) terminal.print(`- ${id}`)
      for (const { case: id, changes } of found.relabelled)
        terminal.print(
          `~ ${id}: ${changes.map(({ head, from, to }) => `${head} ${from ?? 'masked'} → ${to ?? 'masked'}`).join(', ')}`,
        )
      for (const { case: id, from, to } of found.moved)
        terminal.print(`> ${id}: ${from ?? 'no side'} → ${to ?? 'no side'}`)
      for (const { case: id, before } of found.superseded)
        terminal.print(`^ ${id}: took the place of ${before}`)
      for (const id of found.repictured) terminal.print(`# ${id}: another picture`)
      return undefined
    })
  },
})

const verify = defineCommand({
  meta: { name: 'verify', description: 'Whether every file of a version is as it was frozen' },
  args: { name: NAME, ...WORKSPACE },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { verifyDataset } = await import('../data/datasets/freeze.ts')
      const found = await verifyDataset(await openWorkspace(args.workspace), args.name)
      terminal.result(found)
      const { changed, missing, extra } = found
      const sound = changed.length + missing.length + extra.length === 0
      if (!terminal.json) {
        for (const path of changed) terminal.print(`changed: ${path}`)
        for (const path of missing) terminal.print(`missing: ${path}`)
        for (const path of extra) terminal.print(`not of it: ${path}`)
        terminal.print(
          sound
            ? `${found.name}: all ${found.files} files are as they were frozen`
            : `${found.name}: not as it was frozen; put back a copy of the files above`,
        )
      }
      return sound
    })
  },
})

export default defineCommand({
  meta: { name: 'dataset', description: 'Versions of the dataset that never change' },
  subCommands: { describe, freeze, list, diff, verify },
})
