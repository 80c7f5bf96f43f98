import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty'
import { databaseOption, takeDatabase, takesDatabase } from './database-option.ts'
import { filesOptions, takeFiles } from './files-option.ts'

/** Flags a verb does not know are refused rather than ignored: a mistyped --only-expert would train on the wrong labels. */
function unknownFlag(rawArgs: string[], args: ArgsDef): string | undefined {
  const known = new Set<string>()
  for (const [name, arg] of Object.entries(args)) {
    const aliases = 'alias' in arg && arg.alias ? [arg.alias].flat() : []
    for (const spelling of [name, ...aliases]) {
      const dashed = spelling.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
      for (const form of [spelling, dashed]) known.add(form).add(`no-${form}`)
    }
  }
  for (const raw of rawArgs) {
    if (raw === '--') return undefined
    if (!raw.startsWith('-') || raw === '-' || /^-\d/.test(raw)) continue
    const name = raw.replace(/^--?/, '').split('=')[0] ?? ''
    if (!known.has(name)) return raw.split('=')[0]
  }
  return undefined
}

/** The command that will run: a verb's own, or of a verb with several (`dataset freeze`) the one that is named. */
async function innermost(name: string, command: CommandDef, rawArgs: string[]): Promise<Inner> {
  const under = await value(command.subCommands)
  const at = rawArgs.findIndex(raw => !raw.startsWith('-'))
  const chosen = under && at >= 0 && Object.hasOwn(under, rawArgs[at]!) ? under[rawArgs[at]!] : undefined
  if (!chosen) return { name, command, rawArgs, isChoice: under !== undefined }
  return innermost(`${name} ${rawArgs[at]}`, (await value(chosen)) as CommandDef, rawArgs.toSpliced(at, 1))
}

interface Inner {
  name: string
  command: CommandDef
  rawArgs: string[]
  /** It only leads to others, and none of them was named. */
  isChoice: boolean
}

/** What citty lets be given as it is, as a promise, or by a function. */
async function value<T>(given: T | (() => T) | undefined): Promise<Awaited<T> | undefined> {
  return await (typeof given === 'function' ? (given as () => T)() : given)
}

/**
 * Runs one verb. Wrong usage (an unknown flag, a missing argument) ends with status 2 and the verb's usage;
 * what the work itself makes of the status stands in `runVerb`.
 */
export async function runCommandLine(verb: string, command: CommandDef, given: string[]): Promise<void> {
  const found = await innermost(`lesionloop ${verb}`, command, given)
  const { name } = found
  const ownArgs = (await value(found.command.args)) ?? {}
  if (given.includes('--help') || given.includes('-h')) {
    const args = takesDatabase(ownArgs) ? { ...ownArgs, ...databaseOption, ...filesOptions } : ownArgs
    const meta = { ...((await value(found.command.meta)) ?? {}), name }
    console.log(await renderUsage({ ...found.command, args, meta }))
    return
  }
  const database = takesDatabase(ownArgs) ? takeDatabase(given) : { rest: given }
  if ('wrong' in database) {
    console.error(`${name}: ${database.wrong}`)
    process.exitCode = 2
    return
  }
  // What takes the one takes the other: both say where the workspace is.
  const files = takesDatabase(ownArgs) ? takeFiles(database.rest) : { rest: database.rest }
  if ('wrong' in files) {
    console.error(`${name}: ${files.wrong}`)
    process.exitCode = 2
    return
  }
  const rawArgs = files.rest
  const inner = await innermost(`lesionloop ${verb}`, command, rawArgs)
  const unknown = inner.isChoice ? undefined : unknownFlag(inner.rawArgs, ownArgs)
  if (unknown) {
    console.error(`${name}: ${unknown}: no such option; see ${name} --help`)
    process.exitCode = 2
    return
  }
  try {
    await runCommand(command, { rawArgs })
  } catch (error) {
    if ((error as { name?: string }).name !== 'CLIError') throw error
    console.error(`${name}: ${(error as Error).message}; see ${name} --help`)
    process.exitCode = 2
  }
}
