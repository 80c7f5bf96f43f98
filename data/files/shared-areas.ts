import { relative, sep } from 'node:path'
import type { WorkspacePaths } from '../workspace/paths.ts'

/**
 * How a file of the workspace is shared between machines:
 * `content` is written once and fetched when it is needed; `record` is small, changes, and is on every machine; `log`
 * grows by lines from any of them; `sealed` is a file of a folder that comes whole and never changes.
 */
export type Sharing = 'content' | 'record' | 'log' | 'sealed'

export interface SharedPlace {
  sharing: Sharing
  /** Key on the storage. */
  key: string
}

const RECORDS = ['workspace.json', 'promoted.json', 'splits.json', 'duplicates.json']
const LOGS = ['screening.jsonl', 'rejected/rejected.jsonl']

/** Keys that begin so are those of the small records: they are listed apart from the large ones, and in one go. */
export const RECORD_PREFIX = 'records/'
export const LOG_PREFIX = 'logs/'
export const CYCLES_PREFIX = 'cycles/'
/** What says of a sealed folder that all else of it is there. */
export const SEALS = { cycles: 'cycle.json', datasets: 'manifest.json' } as const

/** A dataset's manifest comes last and is on every machine; its rows and pictures when they are asked for. */
const RECORD = /^(documents\/[^/]+\/document|datasets\/[^/]+\/manifest)\.json$/
const SEALED = /^(cycles\/\d+|datasets\/[^/.][^/]*)\/.+/
const CONTENT =
  /^(images\/[^/]+|documents\/[^/]+\/.+|rejected\/[^/]+|staging\/.+|features\/[^/]+\/parts\/[^/]+\.rows)$/

/** Where a path of the workspace is on the storage; undefined for what stays on this machine. */
export function sharedPlace(paths: Pick<WorkspacePaths, 'root'>, path: string): SharedPlace | undefined {
  const name = relative(paths.root, path).split(sep).join('/')
  const parts = name.split('/')
  // Names with a dot first are files in the making.
  if (parts.some(part => part === '' || part.startsWith('.') || part.endsWith('.part'))) return undefined
  if (RECORDS.includes(name) || RECORD.test(name)) return { sharing: 'record', key: RECORD_PREFIX + name }
  if (LOGS.includes(name)) return { sharing: 'log', key: `${LOG_PREFIX}${name}/` }
  if (SEALED.test(name)) return { sharing: 'sealed', key: name }
  if (CONTENT.test(name)) return { sharing: 'content', key: name }
  return undefined
}

/** The sealed folder that a path is: `cycles/0001`, `datasets/first`. */
export function sealedFolder(paths: Pick<WorkspacePaths, 'root'>, path: string): string | undefined {
  const name = relative(paths.root, path).split(sep).join('/')
  return /^(cycles\/\d+|datasets\/[^/.][^/]*)$/.test(name) ? name : undefined
}

/** The name of the file that seals a folder. */
export const sealOf = (folder: string): string => SEALS[folder.split('/')[0] as keyof typeof SEALS]
