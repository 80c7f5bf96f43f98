import { createRequire } from 'node:module'
import { type AddonBackend, LIBRARIES } from './libraries.ts'

/** The main file of the addon as npm installed it beside lesionloop; null where it is not there. */
export function resolveAddon(name: AddonBackend): string | null {
  try {
    return createRequire(import.meta.url).resolve(LIBRARIES[name].addon)
  } catch {
    return null
  }
}
