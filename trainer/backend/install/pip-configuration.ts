import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** How pip reaches its package index on this machine. Whoever sits behind a mirror has told pip already. */
export interface PipConfiguration {
  indexes: string[]
  proxy: string | null
  /** A file of certificates (PEM) that the index's is checked against, beside those Node knows. */
  certificates: string | null
}

/** The public index; taken where nobody names another. */
export const PUBLIC_INDEX = 'https://pypi.org/simple/'

/**
 * pip's own settings, in pip's own order: environment, then the site's, the user's and the machine's file, the nearest
 * winning (pip user guide, "Configuration"). PIP_CONFIG_FILE set to the null device means no files.
 */
export function readPipConfiguration(
  environment: NodeJS.ProcessEnv = process.env,
  files = configurationFiles(environment),
): PipConfiguration {
  const settings: Record<string, string> = {}
  for (const file of files)
    if (existsSync(file)) Object.assign(settings, parseIni(readFileSync(file, 'utf8')))
  const read = (key: string) =>
    environment[`PIP_${key.toUpperCase().replaceAll('-', '_')}`]?.trim() || settings[key] || null
  const indexes = [read('index-url'), ...(read('extra-index-url')?.split(/\s+/) ?? [])].filter(isFilled)
  return { indexes, proxy: read('proxy'), certificates: read('cert') }
}

const isFilled = (value: string | null): value is string => value !== null && value !== ''

/** From the farthest to the nearest. */
function configurationFiles(environment: NodeJS.ProcessEnv): string[] {
  const named = environment['PIP_CONFIG_FILE']
  if (named === '/dev/null') return []
  const home = environment['HOME'] || homedir()
  const site = environment['VIRTUAL_ENV']
  return [
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip', 'pip.conf'),
    ...(site ? [join(site, 'pip.conf')] : []),
    ...(named ? [named] : []),
  ]
}

/** The keys of [global], [download] and [install]; a value may go on in indented lines. */
function parseIni(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  let section = ''
  let last: string | null = null
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;].*)?$/.test(line)) continue
    const heading = /^\[(.+)\]\s*$/.exec(line)
    const entry = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line)
    if (heading) {
      section = heading[1]!.trim().toLowerCase()
      last = null
    } else if (!['global', 'download', 'install'].includes(section)) last = null
    else if (/^\s/.test(line) && last !== null) found[last] = `${found[last]} ${line.trim()}`.trim()
    else if (entry) {
      last = entry[1]!.toLowerCase().replaceAll('_', '-')
      found[last] = entry[2]!.trim()
    }
  }
  return found
}
