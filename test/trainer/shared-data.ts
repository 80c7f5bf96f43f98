import { existsSync } from 'node:fs'
import { packagePath } from '../../data/workspace/package-root.ts'

const folder = packagePath('..', 'shared', 'data')

/** Whether the real data is there; without it tests that need it are skipped with one line, and fail under CI=true. */
export function hasSharedData(what: string): boolean {
  if (existsSync(folder)) return true
  if (process.env['CI'] === 'true') throw new Error(`../shared/data is not there; ${what} need it`)
  console.log(`skipped: ../shared/data is not there; ${what} need it`)
  return false
}

export const sharedData = (...parts: string[]) => packagePath('..', 'shared', 'data', ...parts)
