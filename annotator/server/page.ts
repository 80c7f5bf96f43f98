import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress as brotliCallback, constants } from 'node:zlib'
import { Hono } from 'hono'
import { LesionloopError } from '../../data/errors.ts'
import type { Env } from './context.ts'

const brotliCompress = promisify(brotliCallback)

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
}
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.svg', '.map'])
/** Vite puts a hash of the content into the names under assets/. */
const FOR_EVER = 'public, max-age=31536000, immutable'

interface PageFile {
  stamp: string
  type: string
  bytes: Uint8Array<ArrayBuffer>
  brotli: Promise<Uint8Array<ArrayBuffer>> | null
}

/**
 * The built page. A path that is no file of it gets index.html, since the page has its own routes; a missing asset is
 * an error, so that a stale page notices.
 */
export function pageRoutes(folder: string) {
  const files = new Map<string, PageFile>()

  async function find(path: string): Promise<PageFile | null> {
    const type = TYPES[extname(path)]
    if (!type) return null
    const full = join(folder, path)
    const found = await stat(full).catch(() => null)
    if (!found?.isFile() || !(await realpath(full)).startsWith((await realpath(folder)) + sep)) return null
    const stamp = `${found.mtimeMs} ${found.size}`
    const kept = files.get(path)
    if (kept?.stamp === stamp) return kept
    const bytes = new Uint8Array(await readFile(full))
    const file: PageFile = { stamp, type, bytes, brotli: null }
    files.set(path, file)
    return file
  }

  return new Hono<Env>().get('/*', async c => {
    const path = decoded(c.req.path)
    if (/^\/(api|images)(\/|$)/.test(path))
      throw new LesionloopError('not-found', `request: GET ${path.slice(0, 200)}: no such route`)
    const isFile = extname(path) !== '' && !path.includes('..')
    const file =
      (isFile && (await find(path))) || (path.startsWith('/assets/') ? null : await find('/index.html'))
    if (!file) {
      if (path.startsWith('/assets/'))
        throw new LesionloopError(
          'not-found',
          `page: ${path.slice(0, 200)}: no such file; load the page again`,
        )
      throw new LesionloopError('page-missing', 'page: not built; run `npm run build` and start again')
    }
    c.header('Content-Type', file.type)
    c.header('Cache-Control', path.startsWith('/assets/') ? FOR_EVER : 'no-cache')
    c.header('Vary', 'Accept-Encoding')
    const etag = `"${file.stamp.replace(/[^\d]/g, '-')}"`
    c.header('ETag', etag)
    if (c.req.header('if-none-match') === etag) return c.body(null, 304)
    if (COMPRESSED.has(extname(path) || '.html') && /\bbr\b/.test(c.req.header('accept-encoding') ?? '')) {
      file.brotli ??= brotliCompress(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).then(
        bytes => new Uint8Array(bytes),
      )
      c.header('Content-Encoding', 'br')
      return c.body(await file.brotli)
    }
    return c.body(file.bytes)
  })
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '/'
  }
}
