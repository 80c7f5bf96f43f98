import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { type Connection, withoutCredentials } from './connection.ts'
import type { WheelName } from './libraries.ts'

/** A file the index offers. */
export interface IndexFile {
  filename: string
  url: string
  sha256: string | null
  size: number | null
}

/** A file with the hash it must have. */
export interface CheckedFile extends IndexFile {
  sha256: string
}

/** The index's JSON (PEP 691); only what is read here. */
const projectSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()).optional(),
      size: z.number().nullish(),
    }),
  ),
})

const ACCEPT =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/**
 * Finds the wheel of a release for Linux on x86-64 in the first index that has it. Any index that pip can use will do:
 * JSON (PEP 691) or HTML (PEP 503).
 * @throws LesionloopError `index-unreachable`, `wheel-missing`, `wheel-hash` (the pinned file is there with another
 * hash, or no hash is known at all).
 */
export async function findWheel(
  wheel: WheelName,
  indexes: readonly string[],
  connection: Connection,
  signal?: AbortSignal,
): Promise<CheckedFile> {
  const seen: string[] = []
  for (const index of indexes) {
    const found = choose(await filesOf(wheel.project, index, connection, signal), wheel)
    if (found) return checkedHash(found, wheel)
    seen.push(new URL(withoutCredentials(index).url).host)
  }
  throw new LesionloopError(
    'wheel-missing',
    `index: ${seen.join(', ')}: has no wheel of ${wheel.project} ${wheel.version} for Linux on x86-64; name an index that has it with --index URL, or give a folder that holds it with --from DIR`,
    { ...wheel, indexes: seen },
  )
}

/** All files of a project; none where the index doesn't know it. */
async function filesOf(
  project: string,
  index: string,
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<IndexFile[]> {
  const address = `${index.replace(/\/+$/, '')}/${project}/`
  const response = await connection.get(address, { accept: ACCEPT }, signal)
  const { url } = withoutCredentials(address)
  if (response.status === 404) return []
  if (!response.ok)
    throw new LesionloopError(
      'index-unreachable',
      `index: ${new URL(url).host}: answered HTTP ${response.status} for ${project}; check the address and the password, or try again later`,
      { url, status: response.status },
    )
  const text = await response.text()
  // Behind a redirect the links are relative to where it led.
  const base = response.url || url
  const files = (response.headers.get('content-type') ?? '').includes('json')
    ? readJson(text, url)
    : readHtml(text)
  return files.map(file => ({ ...file, url: sameAccess(new URL(file.url, base), index).href }))
}

/** Files on the index's own host want the same name and password. */
function sameAccess(file: URL, index: string): URL {
  const { host, username, password } = new URL(index)
  if (file.host === host && username) Object.assign(file, { username, password })
  return file
}

function readJson(text: string, url: string): IndexFile[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  const read = projectSchema.safeParse(value)
  if (!read.success)
    throw new LesionloopError(
      'index-invalid',
      `index: ${new URL(url).host}: its answer is not that of a package index (PEP 691); check the address given with --index`,
      { url },
    )
  return read.data.files.map(({ filename, url: link, hashes, size }) => ({
    filename,
    url: link,
    sha256: hashes?.['sha256']?.toLowerCase() ?? null,
    size: size ?? null,
  }))
}

/** `<a href="…/name.whl#sha256=…">name.whl</a>`, the oldest form, which every mirror speaks. */
function readHtml(text: string): IndexFile[] {
  const files: IndexFile[] = []
  for (const [, attributes, name] of text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)) {
    const href = /href\s*=\s*["']([^"']+)["']/i.exec(attributes!)?.[1]?.replaceAll('&amp;', '&')
    if (!href) continue
    const [url, fragment = ''] = href.split('#') as [string, string?]
    const sha256 = /(?:^|&)sha256=([0-9a-f]{64})/i.exec(fragment)?.[1]?.toLowerCase() ?? null
    files.push({ filename: name!.trim(), url, sha256, size: null })
  }
  return files
}

/** Where several fit (one for each Python), the pinned one, then the one of the wanted tag, then any. */
function choose(files: readonly IndexFile[], wheel: WheelName): IndexFile | undefined {
  const fitting = files.filter(file => fits(file.filename, wheel))
  return (
    fitting.find(file => wheel.sha256 !== null && file.sha256 === wheel.sha256) ??
    fitting.find(file => wheel.tag !== undefined && file.filename.includes(`-${wheel.tag}-`)) ??
    fitting[0]
  )
}

/** `project-version(-build)?-python-abi-platform.whl` (PEP 427), for manylinux on x86-64. */
export function fits(filename: string, { project, version }: WheelName): boolean {
  const parts = /^(.+?)-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/.exec(filename)
  if (!parts) return false
  const normal = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, '-')
  return normal(parts[1]!) === normal(project) && parts[2] === version && /manylinux.*x86_64/.test(parts[5]!)
}

function checkedHash(file: IndexFile, wheel: WheelName): CheckedFile {
  const wanted = wheel.sha256
  if (wanted !== null && file.sha256 !== null && file.sha256 !== wanted)
    throw new LesionloopError(
      'wheel-hash',
      `wheel: ${file.filename}: the index says SHA-256 ${file.sha256.slice(0, 12)}…, ${wanted.slice(0, 12)}… was expected; this is not the file lesionloop was tried with: use another index`,
      { filename: file.filename, found: file.sha256, expected: wanted },
    )
  const sha256 = wanted ?? file.sha256
  if (sha256 === null)
    throw new LesionloopError(
      'wheel-hash',
      `wheel: ${file.filename}: the index names no SHA-256 for it; use an index that does`,
      { filename: file.filename },
    )
  return { ...file, sha256 }
}
