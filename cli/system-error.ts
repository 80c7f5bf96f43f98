/** What the system's refusals mean, and what to do about them. */
const MEANINGS: Record<string, string> = {
  EACCES: 'permission denied; choose another place, or change its permissions',
  EEXIST: 'something else is there already; choose another name',
  EISDIR: 'a folder is there where a file was expected; choose another name',
  EMFILE: 'too many open files; close other programs, or raise the limit (ulimit -n)',
  ENOENT: 'not found; check the path',
  ENOSPC: 'the disk is full; free space and run the same command again: what was finished is kept',
  ENOTDIR: 'a file is there where a folder was expected; choose another name',
  EPERM: 'not permitted; choose another place, or change its permissions',
  EROFS: 'the disk can only be read; choose another place',
  EADDRINUSE: 'another program uses this address; choose another --port',
  EADDRNOTAVAIL: 'this machine has no such address; choose another --host',
  EIO: 'the disk reported an error; check it before you go on',
}

/**
 * A refusal of the operating system in one line for people (`file: /data/out: permission denied (EACCES); …`);
 * undefined for anything else, which is a fault of ours and keeps its stack.
 */
export function systemErrorLine(error: unknown): string | undefined {
  const { code, path, address, port } = (error ?? {}) as Record<string, unknown>
  const meaning = typeof code === 'string' && Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (meaning === undefined) return undefined
  const [what, then] = meaning.split('; ')
  const where = path ?? (address === undefined ? undefined : `${address}:${port}`)
  const noun = path === undefined && address !== undefined ? 'address' : 'file'
  return `${noun}: ${where === undefined ? '' : `${where}: `}${what} (${code}); ${then}`
}
