import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packagePath } from '../data/workspace/package-root.ts'

/** The folder of real data beside the project; never copied into it. */
export const realData = packagePath('..', 'shared', 'data')

/**
 * Whether the real data (or one part of it) is there. Where it is not, says so in one line, so that the tests that
 * need it can be skipped; in CI that is a failure.
 */
export function hasRealData(...parts: string[]): boolean {
  const path = join(realData, ...parts)
  if (existsSync(path)) return true
  const line = `real data: ${path}: not there; put the shared data beside the project to run the tests that read it`
  if (process.env['CI'] === 'true') throw new Error(line)
  console.warn(`${line} (skipped)`)
  return false
}
