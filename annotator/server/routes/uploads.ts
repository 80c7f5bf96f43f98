import { Hono } from 'hono'
import { z } from 'zod'
import { codeOf, LesionloopError } from '../../../data/errors.ts'
import type { Env } from '../context.ts'
import { valid } from '../validate.ts'

/**
 * Files to be mined: begin a batch, PUT each file's bytes as the request's body (`?name=paper.pdf`), then start the
 * job with the batch's id. A file that is refused leaves the others as they are.
 */
export const uploads = new Hono<Env>()
  .post('/uploads', async c => c.json(await c.var.desk.uploads.begin(), 201))

  .get('/uploads/:id', c => c.json(c.var.desk.uploads.get(c.req.param('id'))))

  .put('/uploads/:id/file', valid('query', z.object({ name: z.string().min(1).max(1000) })), async c => {
    const body = c.req.raw.body
    const { name } = c.req.valid('query')
    if (!body)
      throw new LesionloopError('upload-empty', `upload: ${name}: 0 bytes; send the whole file again`)
    const { uploads, metrics } = c.var.desk
    try {
      const bytes = body as unknown as AsyncIterable<Uint8Array>
      const file = await uploads.add(c.req.param('id'), name, bytes)
      metrics.upload('taken', file.bytes)
      return c.json({ file }, 201)
    } catch (error) {
      metrics.upload(codeOf(error), 0)
      throw error
    }
  })

  .delete('/uploads/:id', async c => {
    await c.var.desk.uploads.remove(c.req.param('id'))
    return c.json({ removed: true })
  })
