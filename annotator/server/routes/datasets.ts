import { Hono } from 'hono'
import { z } from 'zod'
import { type DatasetDiff, diffDatasets } from '../../../data/datasets/diff.ts'
import { listDatasets, type Manifest, refuseTaken } from '../../../data/datasets/freeze.ts'
import { readExportContext } from '../../../data/formats/export-context.ts'
import { type ExportPreview, previewExport } from '../../../data/formats/export-preview.ts'
import { EXPORTS } from '../../../data/formats/registry.ts'
import { type Env, person } from '../context.ts'
import { choiceArguments, choiceFields, choiceOf } from '../export-query.ts'
import { valid } from '../validate.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, dots and dashes are expected')
const formats = Object.keys(EXPORTS) as [string, ...string[]]

export type { DatasetDiff, ExportPreview }

/** A frozen version as the page lists it: without its files. */
export type DatasetRow = Omit<Manifest, 'files'>

/** What an export would hold, and the versions that never change. */
export const datasets = new Hono<Env>()
  .get('/export/preview', valid('query', z.object({ format: z.enum(formats), ...choiceFields })), async c => {
    const { desk } = c.var
    const { format, ...query } = c.req.valid('query')
    await desk.fresh()
    return c.json({
      preview: await previewExport(
        format,
        desk.store.cases.all(),
        await readExportContext(desk.workspace),
        choiceOf(query),
      ),
    })
  })

  .get('/datasets', async c => {
    const rows = (await listDatasets(c.var.desk.workspace)).map(rowOf)
    return c.json({ rows })
  })

  .get('/datasets/diff', valid('query', z.object({ before: name, after: name })), async c => {
    const { before, after } = c.req.valid('query')
    return c.json({ diff: await diffDatasets(c.var.desk.workspace, before, after) })
  })

  .post('/datasets', valid('json', z.strictObject({ name, ...choiceFields })), async c => {
    const { desk } = c.var
    const { name, ...query } = c.req.valid('json')
    refuseTaken(desk.workspace, name)
    // A job: the pictures of a large set are copied and judged for minutes.
    const by = person(c).id
    const args = ['dataset', 'freeze', name, `--by=${by}`, ...choiceArguments(choiceOf(query))]
    return c.json({ job: await desk.jobs.start('freeze', args, by) }, 202)
  })

const rowOf = ({ files: _files, ...row }: Manifest): DatasetRow => row
