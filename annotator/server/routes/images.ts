import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { LesionloopError } from '../../../data/errors.ts'
import { pictureAt } from '../../../data/workspace/picture-at.ts'
import type { Env } from '../context.ts'

const FILE_NAME = /^[0-9a-z][0-9a-z_-]{0,99}(\.hu\.png|\.(png|jpe?g|webp))$/
/** An image's name is the hash of its pixels: what was fetched once is right for ever. */
const FOR_EVER = 'private, max-age=31536000, immutable'

/** Pictures of cases and figures, by their file name in the workspace. */
export const images = new Hono<Env>().get('/images/:file', async c => {
  const file = c.req.param('file')
  if (!FILE_NAME.test(file)) throw unknown(file)
  const etag = `"${file}"`
  c.header('ETag', etag)
  c.header('Cache-Control', FOR_EVER)
  if (c.req.header('if-none-match') === etag) return c.body(null, 304)
  const bytes = await pictureAt(c.var.desk.workspace, file)
    .then(path => readFile(path))
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw unknown(file)
      throw error
    })
  const type = imageType(bytes)
  if (!type) {
    throw new LesionloopError(
      'image-type',
      `image: ${file}: neither PNG, JPEG nor WebP; mine its document again`,
    )
  }
  c.header('Content-Type', type)
  return c.body(bytes)
})

/** What a picture is, by its first bytes; SVG and all else is never shown. */
export function imageType(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 12))
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])))
    return 'image/png'
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg'
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP'
  return isWebp ? 'image/webp' : null
}

function unknown(file: string): LesionloopError {
  return new LesionloopError(
    'image-unknown',
    `image: ${file.slice(0, 120)}: not in this workspace; load the case again`,
  )
}
