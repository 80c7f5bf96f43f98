import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import type { Workspace } from '../../data/workspace/open.ts'
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

/** Features of the real images take half a minute on two cores; they are kept between runs of the suite. */
const kept = packagePath('node_modules', '.cache', 'lesionloop', 'features')

/** Puts features of earlier runs into a workspace, where there are some. Damaged or foreign ones are computed anew. */
export async function restoreFeatures({ paths }: Workspace): Promise<void> {
  if (existsSync(kept)) await cp(kept, paths.features, { recursive: true })
}

export async function keepFeatures({ paths }: Workspace): Promise<void> {
  await cp(paths.features, kept, { recursive: true })
}
