import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Hono } from 'hono'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { DocumentRecord } from '../../../data/records/document.ts'
import { isUnderWay } from '../../../data/records/job.ts'
import type { Account } from '../../../data/records/people.ts'
import { pagePicture, pagePictures } from '../../../data/workspace/page-pictures.ts'
import { rowMaker } from '../case-row.ts'
import { type Desk, type Env, person } from '../context.ts'
import { figuresOf } from '../figure-states.ts'
import { count } from '../query.ts'
import { ReaderView } from '../reader-view.ts'
import type { DocumentList, DocumentReply, DocumentRow } from '../replies.ts'
import { may } from '../rules.ts'
import { valid } from '../validate.ts'

const LONGEST_PAGE = 500
/** Cases of one document shown with it. */
const LONGEST_DOCUMENT = 2000
/** Documents whose pages may be drawn at once: each takes a core. */
const MOST_DRAWING = 2
const word = z.string().regex(/^[0-9a-f]{1,64}$/)
const documentId = z.object({ id: z.string().min(1).max(1000) })

/** Documents as they came in, with their figures and cases. Ids are DOIs: they travel in the query. */
export const documents = new Hono<Env>()
  .get(
    '/documents',
    valid('query', z.object({ offset: count.optional(), limit: count.optional() })),
    async c => {
      const { desk } = c.var
      const { offset = 0, limit = 200 } = c.req.valid('query')
      await desk.fresh()
      const [all, tables, rejections] = await Promise.all([
        desk.documents.list(),
        desk.tally.tables(),
        desk.rejections.newest(),
      ])
      const page = all.slice(offset, offset + Math.min(limit, LONGEST_PAGE))
      const counts = await desk.tally.documents(page.map(({ id }) => id))
      const rows: DocumentRow[] = page.map(row => ({
        ...row,
        ...(counts.get(row.id) ?? { cases: 0, labelled: 0 }),
      }))
      return c.json({ rows, total: all.length, offset, tables, rejections } satisfies DocumentList)
    },
  )

  .get('/document', valid('query', documentId), async c => {
    const { desk } = c.var
    const { id } = c.req.valid('query')
    await desk.fresh()
    const document = await known(desk, id)
    const { rows } = await desk.store.cases.list({
      document: id,
      sort: 'document',
      kind: 'all',
      limit: LONGEST_DOCUMENT,
    })
    const row = await rowMaker(desk, person(c).id)
    const unread = await figuresUnread(desk, person(c), rows)
    const pages = pagePictures(desk.workspace, document).map(({ page, isDrawn }) => ({
      page,
      address: isDrawn ? pageAddress(document, page) : null,
    }))
    const source = (await sourceOf(desk, document))
      ? `/api/document/source?id=${encodeURIComponent(id)}`
      : null
    return c.json({
      document: unread.size === 0 ? document : withoutCaptions(document, unread),
      figures: figuresOf(document, rows).map(figure =>
        unread.has(figure.label) ? { ...figure, caption: '', minedCaption: null } : figure,
      ),
      pages,
      cases: rows.filter(state => !state.retired).map(row),
      source,
    } satisfies DocumentReply)
  })

  /** A page as a picture, where it has been drawn. */
  .get('/document/page', valid('query', documentId.extend({ page: count, of: word.optional() })), async c => {
    const { desk } = c.var
    const { id, page } = c.req.valid('query')
    const record = await known(desk, id)
    await checkUnread(desk, person(c), record)
    const path = pagePicture(desk.workspace, record, page)
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      throw new LesionloopError(
        'page-undrawn',
        `document: ${id}: page ${page}: not drawn yet; start the job that draws its pages`,
      )
    })
    c.header('Content-Type', 'image/webp')
    // Its address names the file it was drawn from: another file, another address.
    c.header('Cache-Control', 'private, max-age=86400, immutable')
    return c.body(bytes)
  })

  /** Draws the pages of a document that have no picture yet; where that runs already, its job. */
  .post('/jobs/pages', valid('json', z.strictObject({ document: documentId.shape.id })), async c => {
    const { desk } = c.var
    const { id } = await known(desk, c.req.valid('json').document)
    const running = (await desk.jobs.list()).filter(job => job.kind === 'pages' && isUnderWay(job))
    const own = running.find(job => job.args.includes(id))
    if (!own && running.length >= MOST_DRAWING)
      throw new LesionloopError(
        'job-running',
        `job: pages: those of ${running.length} documents are being drawn; wait for one of them`,
      )
    return c.json({ job: own ?? (await desk.jobs.start('pages', ['pages', id], person(c).id)) }, 202)
  })

  /** Makes cases of all pictures of a figure, also of those the miner took for something else than a CT. */
  .post(
    '/jobs/figure',
    valid('json', z.strictObject({ document: documentId.shape.id, figure: z.string().min(1).max(200) })),
    async c => {
      const { desk } = c.var
      const { document: id, figure } = c.req.valid('json')
      const document = await known(desk, id)
      if (!document.figures.some(each => each.label === figure))
        throw new LesionloopError(
          'figure-unknown',
          `figure: ${figure}: not in ${id}; load the document again`,
        )
      const writer = (await desk.jobs.list()).find(
        job => isUnderWay(job) && ['amend', 'mine', 'import'].includes(job.kind),
      )
      if (writer)
        throw new LesionloopError(
          'job-running',
          `job: ${writer.kind}: is writing cases since ${writer.startedAt}; try again when it has ended`,
          { job: writer.id },
        )
      return c.json(
        { job: await desk.jobs.start('amend', ['amend', `--figure=${id}#${figure}`], person(c).id) },
        202,
      )
    },
  )

  /** The source file: a PDF is shown by the browser (`#page=3`), anything else is only handed out. */
  .get('/document/source', valid('query', documentId), async c => {
    const { desk } = c.var
    const document = await known(desk, c.req.valid('query').id)
    await checkUnread(desk, person(c), document)
    const path = await sourceOf(desk, document)
    if (!path)
      throw new LesionloopError(
        'file-missing',
        `document: ${document.id}: its source file is not in the workspace`,
      )
    const { size } = await stat(path)
    const pdf = await beginsAsPdf(path)
    const name = encodeURIComponent(document.file.name).replace(
      /['()*]/g,
      char => `%${char.charCodeAt(0).toString(16)}`,
    )
    c.header('Content-Type', pdf ? 'application/pdf' : 'application/octet-stream')
    c.header('Content-Disposition', `${pdf ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`)
    c.header('Content-Length', String(size))
    c.header('Cache-Control', 'private, max-age=3600')
    return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream)
  })

/**
 * Labels of the figures whose captions are hidden from a reader, since a case of theirs is to be read blind first.
 * Curators see them all the same: captions are their work.
 */
async function figuresUnread(
  desk: Desk,
  me: Account,
  states: readonly CaseState[],
): Promise<ReadonlySet<string>> {
  if (may(me.role, 'curate')) return new Set()
  const view = await ReaderView.of(desk, me.id)
  return new Set(
    states.filter(state => !state.retired && view.hidesText(state)).map(state => state.figure ?? state.id),
  )
}

function withoutCaptions(document: DocumentRecord, unread: ReadonlySet<string>): DocumentRecord {
  return {
    ...document,
    figures: document.figures.map(figure => {
      if (!unread.has(figure.label)) return figure
      const { text: _text, ...bare } = figure
      return { ...bare, caption: '' }
    }),
  }
}

/** @throws LesionloopError `text-hidden` where the document's pages would show a caption that is still hidden. */
async function checkUnread(desk: Desk, me: Account, { id }: DocumentRecord): Promise<void> {
  if (may(me.role, 'curate')) return
  const { rows } = await desk.store.cases.list({ document: id, sort: 'document', limit: LONGEST_DOCUMENT })
  const unread = await figuresUnread(desk, me, rows)
  if (unread.size > 0)
    throw new LesionloopError(
      'text-hidden',
      `document: ${id}: ${[...unread].slice(0, 3).join(', ')}: read blind; its pages are shown after your decision`,
    )
}

const pageAddress = (document: DocumentRecord, page: number) =>
  `/api/document/page?id=${encodeURIComponent(document.id)}&page=${page}&of=${document.file.sha256.slice(0, 8)}`

async function known(desk: Desk, id: string): Promise<DocumentRecord> {
  const record = await desk.documents.record(id)
  if (record) return record
  throw new LesionloopError('document-unknown', `document: ${id}: not in this workspace; load the list again`)
}

async function sourceOf(desk: Desk, document: DocumentRecord): Promise<string | null> {
  const { stored } = document.file
  if (stored === undefined || !/^[\w.-]+$/.test(stored) || stored.startsWith('.')) return null
  const path = join(desk.workspace.paths.document(document.id), stored)
  await desk.workspace.shared?.fetch(path)
  return await stat(path).then(
    found => (found.isFile() ? path : null),
    () => null,
  )
}

async function beginsAsPdf(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    return buffer.subarray(0, bytesRead).includes('%PDF-')
  } finally {
    await file.close()
  }
}
