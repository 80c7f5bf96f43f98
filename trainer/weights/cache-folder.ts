import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloads are kept for this user: LESIONLOOP_CACHE, else the system's place for caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { LESIONLOOP_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment
  if (own) return own
  if (xdg) return join(xdg, 'lesionloop')
  if (process.platform === 'win32' && local) return join(local, 'lesionloop', 'cache')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'lesionloop')
  return join(homedir(), '.cache', 'lesionloop')
}
