import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder of lesionloop's own package.json, found upwards from this file, so that lexicon, demo corpus and
 * weights are read from the same place by the sources (tests) and by the build.
 */
function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'lesionloop')
      return folder
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`package.json of lesionloop: not found above ${import.meta.url}`)
    folder = parent
  }
}

export const packageRoot = findPackageRoot()

/** A path inside the package: `packagePath('extractor', 'lexicon', 'terms.json')`. */
export function packagePath(...parts: string[]): string {
  return join(packageRoot, ...parts)
}

/** Version in package.json. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).version as string
}
