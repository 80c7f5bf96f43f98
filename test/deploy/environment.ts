import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packagePath } from '../../data/workspace/package-root.ts'

/** Folders whose code reads the environment: our own, and the drivers that read settings of their own. */
const ROOMS = ['cli', 'data', 'extractor', 'trainer', 'annotator']
const DRIVERS = ['pg', 'pgpass', '@aws-sdk', '@smithy']

let sources: string | undefined
let drivers: string | undefined

/** Whether our code, or a driver of it, asks for an environment variable by this name. */
export function isReadByUs(name: string): boolean {
  sources ??= ROOMS.map(room => textsUnder(packagePath(room), /\.ts$/)).join('\n')
  if (new RegExp(`['"]${name}['"]|process\\.env\\.${name}\\b|\\b${name}:`).test(sources)) return true
  drivers ??= DRIVERS.map(driver => textsUnder(packagePath('node_modules', driver), /\.js$/)).join('\n')
  return new RegExp(`['"]${name}['"]|process\\.env\\.${name}\\b`).test(drivers)
}

/** The files of a folder as one text. */
function textsUnder(folder: string, named: RegExp): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && named.test(entry.name))
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}
