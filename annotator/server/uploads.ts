import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, extname, join, relative, sep } from 'node:path'
import { isDicom } from '../../data/dicom/signature.ts'
import { LesionloopError } from '../../data/errors.ts'
import { writeAll } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { UploadBatch, UploadedFile } from './replies.ts'
import { imageType } from './routes/images.ts'
import { safeRelativePath } from './safe-file-name.ts'

export const UPLOAD_LIMITS = { fileBytes: 200 * 2 ** 20, files: 5000, batchBytes: 4 * 2 ** 30 }
export type UploadLimits = typeof UPLOAD_LIMITS

const BATCH_ID = /^[0-9a-f]{24}$/
const KEEP_MS = 7 * 86_400_000
/** Bytes looked at to tell what a file is. */
const HEAD_BYTES = 1024
const TEXT_FORMATS: Record<string, UploadedFile['format']> = {
  '.jsonl': 'jsonl',
  '.csv': 'csv',
  '.txt': 'text',
  '.xml': 'jats',
  '.nxml': 'jats',
}

/** Pictures that rows of a table name. */
const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp', '.dcm'])

/** What names the pictures beside it. */
const NAMING: ReadonlySet<UploadedFile['format']> = new Set(['jsonl', 'csv', 'text'])

interface Batch {
  id: string
  createdAt: string
  /** By name, in the order they came. */
  files: Map<string, UploadedFile>
  bytes: number
  /** Names being written now. */
  open: Set<string>
}

/**
 * Files that wait in staging/<batch>/ to be mined. A body is written as it comes, never held in memory; a file is
 * there under its name only when it is whole.
 */
export class Uploads {
  private readonly workspace: Workspace
  private readonly limits: UploadLimits
  private readonly batches = new Map<string, Batch>()

  private constructor(workspace: Workspace, limits: UploadLimits) {
    this.workspace = workspace
    this.limits = limits
  }

  /** Takes up the batches that are there, and removes what nobody mined for a week. */
  static async open(workspace: Workspace, limits: UploadLimits = UPLOAD_LIMITS): Promise<Uploads> {
    const uploads = new Uploads(workspace, limits)
    const names = await readdir(workspace.paths.staging).catch(() => [] as string[])
    for (const id of names.filter(name => BATCH_ID.test(name))) {
      const folder = uploads.folder(id)
      const { mtimeMs } = await stat(folder)
      if (Date.now() - mtimeMs > KEEP_MS) await workspace.files.remove(folder)
      else await uploads.take(id, mtimeMs)
    }
    return uploads
  }

  folder(id: string): string {
    return join(this.workspace.paths.staging, id)
  }

  async begin(): Promise<UploadBatch> {
    const batch: Batch = {
      id: randomBytes(12).toString('hex'),
      createdAt: new Date().toISOString(),
      files: new Map(),
      bytes: 0,
      open: new Set(),
    }
    await this.workspace.files.makeFolder(this.folder(batch.id))
    this.batches.set(batch.id, batch)
    return this.shown(batch)
  }

  get(id: string): UploadBatch {
    return this.shown(this.batch(id))
  }

  /**
   * Writes one file of a batch. The same name again gets a number, so that nothing is overwritten.
   * @throws LesionloopError `upload-unknown`, `upload-too-many`, `upload-too-large`, `upload-type`, `upload-empty`.
   */
  async add(id: string, givenName: string, body: AsyncIterable<Uint8Array>): Promise<UploadedFile> {
    const batch = this.batch(id)
    if (batch.files.size + batch.open.size >= this.limits.files)
      throw new LesionloopError(
        'upload-too-many',
        `upload: ${givenName}: more than ${this.limits.files} files in one batch; mine these first, then send the rest`,
      )
    const name = freeName(
      safeRelativePath(givenName),
      taken => batch.files.has(taken) || batch.open.has(taken),
    )
    batch.open.add(name)
    const part = join(this.folder(id), `.${randomBytes(6).toString('hex')}.part`)
    try {
      const { bytes, format } = await this.write(batch, part, name, body)
      const path = join(this.folder(id), name)
      if (name.includes('/')) await this.workspace.files.makeFolder(dirname(path))
      await this.workspace.files.rename(part, path)
      await this.workspace.files.syncFolder(dirname(path))
      const file: UploadedFile = { name, bytes, format }
      batch.files.set(name, file)
      batch.bytes += bytes
      return file
    } catch (error) {
      await this.workspace.files.remove(part)
      throw error
    } finally {
      batch.open.delete(name)
    }
  }

  /**
   * Paths of a batch's documents, for the job that mines them. Pictures are read by the tables and texts that name them;
   * DICOM slices that none came with are cases by themselves.
   */
  paths(id: string): string[] {
    const files = [...this.batch(id).files.values()]
    const areNamed = files.some(({ format }) => NAMING.has(format))
    const isSlice = (name: string) => extname(name).toLowerCase() === '.dcm'
    return files
      .filter(({ name, format }) => format !== 'image' || (isSlice(name) && !areNamed))
      .map(({ name }) => join(this.folder(id), name))
  }

  /** Removes a batch with its files. */
  async remove(id: string): Promise<void> {
    this.batch(id)
    this.batches.delete(id)
    await this.workspace.files.remove(this.folder(id))
  }

  /** Removes the batch whose files a job has mined: the workspace has its own copies now. */
  async removeMined(jobArguments: readonly string[]): Promise<void> {
    const ids = new Set(
      jobArguments.map(each => relative(this.workspace.paths.staging, each).split(sep)[0] ?? ''),
    )
    for (const id of ids) if (this.batches.has(id)) await this.remove(id)
  }

  /**
   * A refused body is still read to its end, up to as much again as a file may have: a client that is cut off while it
   * sends sees a broken connection and never the reason.
   */
  private async write(
    batch: Batch,
    part: string,
    name: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ bytes: number; format: UploadedFile['format'] }> {
    const file = await this.workspace.files.open(part, 'wx')
    const check = new BodyCheck(name, this.limits, batch)
    let refusal: unknown
    let discarded = 0
    try {
      for await (const chunk of body) {
        if (refusal === undefined) {
          try {
            check.take(chunk)
            await writeAll(file, chunk)
          } catch (error) {
            refusal = error
          }
        } else {
          discarded += chunk.length
          if (discarded > this.limits.fileBytes) break
        }
      }
      if (refusal !== undefined) throw refusal
      const checked = check.end()
      await file.sync()
      return checked
    } finally {
      await file.close()
    }
  }

  private async take(id: string, mtimeMs: number): Promise<void> {
    const batch: Batch = {
      id,
      createdAt: new Date(mtimeMs).toISOString(),
      files: new Map(),
      bytes: 0,
      open: new Set(),
    }
    const entries = await readdir(this.folder(id), { recursive: true, withFileTypes: true })
    const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    for (const path of paths.sort()) {
      const name = relative(this.folder(id), path).split(sep).join('/')
      if (name.startsWith('.')) await this.workspace.files.remove(path)
      else {
        const { size } = await stat(path)
        batch.files.set(name, {
          name,
          bytes: size,
          format:
            TEXT_FORMATS[extname(name).toLowerCase()] ??
            (PICTURES.has(extname(name).toLowerCase()) ? 'image' : 'pdf'),
        })
        batch.bytes += size
      }
    }
    this.batches.set(id, batch)
  }

  private batch(id: string): Batch {
    const batch = BATCH_ID.test(id) ? this.batches.get(id) : undefined
    if (batch && existsSync(this.folder(id))) return batch
    throw new LesionloopError('upload-unknown', `upload: ${id.slice(0, 40)}: no such batch; begin a new one`)
  }

  private shown(batch: Batch): UploadBatch {
    return { id: batch.id, createdAt: batch.createdAt, files: [...batch.files.values()], limits: this.limits }
  }
}

/** Looks at a body as it comes: how large it grows, and by its beginning what it is. */
class BodyCheck {
  private readonly name: string
  private readonly limits: UploadLimits
  private readonly batch: Batch
  private head: Uint8Array = new Uint8Array(0)
  private format: UploadedFile['format'] | null = null
  private bytes = 0

  constructor(name: string, limits: UploadLimits, batch: Batch) {
    this.name = name
    this.limits = limits
    this.batch = batch
  }

  take(chunk: Uint8Array): void {
    this.bytes += chunk.length
    if (this.bytes > this.limits.fileBytes) throw tooLarge(this.name, this.limits.fileBytes, 'file')
    if (this.batch.bytes + this.bytes > this.limits.batchBytes)
      throw tooLarge(this.name, this.limits.batchBytes, 'batch')
    if (this.format !== null) return
    this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)])
    if (this.head.length >= HEAD_BYTES) this.format = formatOf(this.name, this.head)
  }

  end(): { bytes: number; format: UploadedFile['format'] } {
    if (this.bytes === 0)
      throw new LesionloopError('upload-empty', `upload: ${this.name}: 0 bytes; send the whole file again`)
    return { bytes: this.bytes, format: this.format ?? formatOf(this.name, this.head) }
  }
}

/** What a file is, by its first bytes; the name only tells texts apart. */
export function formatOf(name: string, head: Uint8Array): UploadedFile['format'] {
  const bytes = Buffer.from(head)
  const extension = extname(name).toLowerCase()
  const isPdf = bytes.subarray(0, HEAD_BYTES).includes('%PDF-')
  if (isPdf && (extension === '.pdf' || TEXT_FORMATS[extension] === undefined)) return 'pdf'
  if (PICTURES.has(extension) && (imageType(bytes) !== null || isDicom(bytes))) return 'image'
  const text = TEXT_FORMATS[extension]
  if (text && !isPdf && !bytes.includes(0)) return text
  const expected =
    extension === '.pdf' ? 'its content is not a PDF' : 'neither PDF, JSONL, CSV, TXT, XML nor a picture'
  throw new LesionloopError('upload-type', `upload: ${name}: ${expected}; send the document itself`)
}

function tooLarge(name: string, limit: number, what: 'file' | 'batch'): LesionloopError {
  const size = limit >= 2 ** 20 ? `${Math.round(limit / 2 ** 20)} MB` : `${limit} bytes`
  return new LesionloopError(
    'upload-too-large',
    what === 'file'
      ? `upload: ${name}: larger than ${size}; split it, or mine it on the command line`
      : `upload: ${name}: the batch grows over ${size}; mine what is there first, then send the rest`,
  )
}

function freeName(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  for (let number = 2; ; number++) {
    const next = `${stem} (${number})${extension}`
    if (!taken(next)) return next
  }
}
