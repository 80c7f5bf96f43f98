import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import type { Workspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'

/** Features of the real images take half a minute on two cores; they are kept between runs of the suite. */
const kept = packagePath('node_modules', '.cache', 'lesionloop', 'features')

/** Puts features of earlier runs into a workspace, where there are some. Damaged or foreign ones are computed anew. */
export async function restoreFeatures({ paths }: Workspace): Promise<void> {
  if (existsSync(kept)) await cp(kept, paths.features, { recursive: true })
}

export async function keepFeatures({ paths }: Workspace): Promise<void> {
  await cp(paths.features, kept, { recursive: true })
}
