import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty'

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

/**
 * Runs one verb. Wrong usage (an unknown flag, a missing argument) ends with status 2 and the verb's usage;
 * what the work itself makes of the status stands in `runVerb`.
 */
export async function runCommandLine(verb: string, command: CommandDef, rawArgs: string[]): Promise<void> {
  const named = { ...command, meta: { ...(command.meta as object), name: `lesionloop ${verb}` } }
  if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
    console.log(await renderUsage(named))
    return
  }
  const args = (typeof command.args === 'function' ? await command.args() : await command.args) ?? {}
  const unknown = command.subCommands ? undefined : unknownFlag(rawArgs, args)
  if (unknown) {
    console.error(`lesionloop ${verb}: ${unknown}: no such option; see lesionloop ${verb} --help`)
    process.exitCode = 2
    return
  }
  try {
    await runCommand(command, { rawArgs })
  } catch (error) {
    if ((error as { name?: string }).name !== 'CLIError') throw error
    console.error(`lesionloop ${verb}: ${(error as Error).message}; see lesionloop ${verb} --help`)
    process.exitCode = 2
  }
}
