import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Hono } from 'hono'
import { LesionloopError } from '../../../data/errors.ts'
import type { CycleMetrics, CycleRecord, Measure } from '../../../data/records/cycle.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { type Desk, type Env, person } from '../context.ts'
import { need } from '../guard.ts'
import type { CycleReply, CycleRow, ShortMeasure } from '../replies.ts'

/** Files of a cycle that are handed out, with their types; the report and what it may lie beside. */
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.safetensors': 'application/octet-stream',
}
/** A report is a document without script: nothing in it runs, whatever text got into it. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups"

/** The sealed cycles: what each learned from, what came out. */
export const cycles = new Hono<Env>()
  .get('/cycles', async c => {
    const { desk } = c.var
    const promoted = await promotedId(desk)
    const rows: CycleRow[] = []
    for (const id of (await desk.cycles.ids()).toReversed()) {
      const record = await desk.cycles.record(id)
      if (!record) continue
      rows.push({
        ...cycleRow(record, await desk.cycles.metrics(id), id === promoted),
        faults: await desk.cycles.faults(record),
      })
    }
    const speaking = await desk.cycles.speaking()
    return c.json({ rows, speaking: speaking?.id ?? null })
  })

  .get('/cycles/:id', async c => {
    const { desk } = c.var
    const id = c.req.param('id')
    const record = await known(desk, id)
    return c.json({
      record,
      metrics: await desk.cycles.metrics(id),
      promoted: id === (await promotedId(desk)),
      report: Object.hasOwn(record.files, 'report.html') ? `/cycles/${id}/report.html` : null,
    } satisfies CycleReply)
  })

/** What a cycle says of each case, row by row: it would tell a reader of the case before the own decision. */
const OF_EACH_CASE: ReadonlySet<string> = new Set(['predictions.jsonl', 'queue.jsonl', 'report.json'])

export const cycleFiles = new Hono<Env>().get('/cycles/:id/:file', async c => {
  const { desk } = c.var
  const { id, file } = c.req.param()
  if (OF_EACH_CASE.has(file)) need(person(c).role, 'export')
  const record = await known(desk, id)
  const type = TYPES[extname(file)]
  // Only what the cycle itself lists: no path can be made of it.
  if (!type || !(Object.hasOwn(record.files, file) || file === 'cycle.json'))
    throw new LesionloopError(
      'not-found',
      `cycle: ${id}: has no file ${file.slice(0, 100)}; see the cycle's page`,
    )
  const bytes = await readFile(join(desk.workspace.paths.cycle(id), file)).catch(() => {
    throw new LesionloopError(
      'file-missing',
      `cycle: ${id}: file ${file} is missing; run \`lesionloop doctor\``,
    )
  })
  const shown = type.startsWith('text/html') || type.startsWith('image/')
  c.header('Content-Type', type)
  c.header('Content-Security-Policy', REPORT_POLICY)
  c.header('X-Frame-Options', 'SAMEORIGIN')
  c.header('Cache-Control', 'private, max-age=3600')
  if (!shown) c.header('Content-Disposition', `attachment; filename="cycle-${id}-${file}"`)
  return c.body(bytes)
})

function cycleRow(
  record: CycleRecord,
  metrics: CycleMetrics | null,
  promoted: boolean,
): Omit<CycleRow, 'faults'> {
  return {
    id: record.id,
    startedAt: record.startedAt,
    sealedAt: record.sealedAt,
    by: record.by,
    backbone: record.backbone.name,
    backend: record.backend.name,
    seed: record.seed,
    unmentioned: record.config['unmentioned'] === 'absent' ? 'absent' : 'masked',
    cases: record.learnedFrom.cases,
    sources: record.learnedFrom.sources,
    auc: short(metrics?.flag.test?.['auc']),
    aps: perLesion(lesion => short(metrics?.lesions.test?.[lesion]?.['ap'])),
    promoted,
    warnings: metrics?.warnings.length ?? 0,
  }
}

/** A measure without its counts; null where it was not taken or is n/a. */
function short(measure: Measure | undefined): ShortMeasure | null {
  if (!measure) return null
  const { value, low, high, na } = measure
  return { value, low, high, ...(na === undefined ? {} : { na }) }
}

async function promotedId(desk: Desk): Promise<string | null> {
  const speaking = await desk.cycles.speaking()
  return speaking?.promoted ? speaking.id : null
}

async function known(desk: Desk, id: string): Promise<CycleRecord> {
  const record = await desk.cycles.record(id)
  if (record) return record
  throw new LesionloopError(
    'cycle-unknown',
    `cycle: ${id.slice(0, 40)}: no sealed cycle of this number; see the list of cycles`,
  )
}
