import { join } from 'node:path'

/** A module of the build; `npm run scenario` builds first. */
export const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
export const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js')
