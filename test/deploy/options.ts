import { runCli } from '../cli/run-cli.ts'

const helps = new Map<string, Promise<string>>()

/** What a verb's --help says, by the built command line. */
function help(verb: string): Promise<string> {
  let known = helps.get(verb)
  if (!known) {
    known = runCli([...verb.split(' '), '--help']).then(({ status, out, err }) => {
      if (status !== 0) throw new Error(`lesionloop ${verb} --help: ${err}`)
      return out
    })
    helps.set(verb, known)
  }
  return known
}

/**
 * Whether a command line could run: its verb is known and has each of its options.
 * @returns what is wrong, in words; empty where nothing is.
 */
export async function faultsOf(command: readonly string[]): Promise<string[]> {
  const end = command.findIndex(word => word.startsWith('-'))
  const words = end < 0 ? command : command.slice(0, end)
  // Verbs with several commands (`user add`) are named by two words.
  const verb = ['user', 'backend', 'dataset', 'jobs', 'files'].includes(words[0] ?? '')
    ? words.slice(0, 2).join(' ')
    : (words[0] ?? '')
  const known = await help(verb)
  return command
    .filter(word => word.startsWith('--'))
    .map(word => word.split('=')[0]!)
    .filter(option => !new RegExp(`${option.replace(/^--no-/, '--(no-)?')}\\b`).test(known))
    .map(option => `lesionloop ${verb}: ${option}: no such option`)
}
