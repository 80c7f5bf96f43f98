import { join, sep } from 'node:path'

/** A path in the workspace's folder on another machine (`from`), as it is in this machine's folder. */
export const asHere = (dir: string, from: string | undefined, path: string): string =>
  from !== undefined && path.startsWith(from + sep) ? join(dir, path.slice(from.length)) : path
