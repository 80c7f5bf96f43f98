#!/usr/bin/env node
import { VERBS, verbList } from './cli/verbs.ts'
import { packageVersion } from './data/workspace/package-root.ts'

function help(): string {
  return [
    `lesionloop ${packageVersion()}: chest-CT labels from the literature, in a loop`,
    '',
    'lesionloop VERB [--workspace DIR] [--json]   (each verb explains itself with --help)',
    '',
    ...verbList(),
    'Exit status: 0 all well, 1 the work had failures (listed), 2 wrong usage.',
  ].join('\n')
}

const [verb, ...rest] = process.argv.slice(2)
if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
  console.log(help())
  process.exitCode = verb === undefined ? 2 : 0
} else if (verb === '--version' || verb === '-v') {
  console.log(packageVersion())
} else if (!Object.hasOwn(VERBS, verb)) {
  console.error(`lesionloop: ${verb}: no such verb; known: ${Object.keys(VERBS).join(', ')}`)
  process.exitCode = 2
} else {
  const [{ default: command }, { runCommandLine }] = await Promise.all([
    VERBS[verb]![1](),
    import('./cli/command-line.ts'),
  ])
  await runCommandLine(verb, command, rest)
}
