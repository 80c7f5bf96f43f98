import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run of the tests, for what several files need and one of them makes. */
    runFolder: string
  }
}

/** Made before the first test, gone after the last. */
export default async function runFolder({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-run-'))
  provide('runFolder', folder)
  return () => rm(folder, { recursive: true, force: true })
}
