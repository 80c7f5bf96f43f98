import type { ArgsDef } from 'citty'
import { messageOf } from '../data/errors.ts'
import { FILES_VARIABLE, filesAddress } from '../data/files/files-address.ts'
import { CACHE_VARIABLE } from '../data/workspace/share.ts'

/** How `--files` and `--cache-size` stand in the help of every verb that works on a workspace. */
export const filesOptions: ArgsDef = {
  files: {
    type: 'string',
    description: `s3://BUCKET/PREFIX[?endpoint=https://HOST] or file:///FOLDER: pictures, documents and cycles for all machines; also ${FILES_VARIABLE}`,
  },
  'cache-size': {
    type: 'string',
    description: `how much of the pictures there may be kept here (20GB); also ${CACHE_VARIABLE}`,
  },
}

const UNITS = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const

function bytesOf(given: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(KB|MB|GB|TB)$/i.exec(given) ?? []
  const bytes = Number(number) * (UNITS[unit.toUpperCase() as keyof typeof UNITS] ?? Number.NaN)
  if (!(bytes > 0)) throw new Error(`cache-size: ${given.slice(0, 40)}: expected a size like 500MB or 20GB`)
  return Math.round(bytes)
}

/**
 * Takes `--files ADDRESS` and `--cache-size SIZE` out of a command line. They are set in the environment, where the
 * workspace looks for them, also in the processes that this one starts.
 * @returns the rest, or what is wrong with them.
 */
export function takeFiles(rawArgs: readonly string[]): { rest: string[] } | { wrong: string } {
  try {
    let rest = [...rawArgs]
    rest = taken(rest, 'files', given => {
      filesAddress(given)
      process.env[FILES_VARIABLE] = given
    })
    rest = taken(rest, 'cache-size', given => {
      process.env[CACHE_VARIABLE] = String(bytesOf(given))
    })
    return { rest }
  } catch (error) {
    return { wrong: messageOf(error) }
  }
}

function taken(rawArgs: string[], name: string, take: (given: string) => void): string[] {
  const end = rawArgs.indexOf('--')
  const at = rawArgs.findIndex(raw => raw === `--${name}` || raw.startsWith(`--${name}=`))
  if (at < 0 || (end >= 0 && end < at)) return rawArgs
  const isJoined = rawArgs[at]!.startsWith(`--${name}=`)
  take(isJoined ? rawArgs[at]!.slice(name.length + 3) : (rawArgs[at + 1] ?? ''))
  return rawArgs.toSpliced(at, isJoined ? 1 : 2)
}
