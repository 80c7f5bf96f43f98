import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, messageOf } from '../../data/errors.ts'
import { documentId } from '../../data/workspace/documents.ts'
import { writeFileAtomically, writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { fileSafe } from '../../data/workspace/paths.ts'
import { DETAILS_FILE, type FetchedDetails, type Preprint, type ServerName } from './details.ts'
import { checkArticle, checkPdf } from './file-check.ts'
import type { PoliteClient } from './polite-client.ts'
import type { Addresses } from './servers.ts'

export interface DownloadOptions {
  client: PoliteClient
  addresses: Addresses
  /** Bytes of a file, at most. */
  most: number
  now: () => Date
}

/** A file cut short on its way is asked for again so often. */
const TRIES = 3

const NO_BYTES = new Uint8Array()
export const preprintId = ({ doi, version }: Pick<Preprint, 'doi' | 'version'>) =>
  documentId({ doi, version, bytes: NO_BYTES })

/** Folder of a fetched version; it is whole when its details.json is there. */
export const folderOf = (workspace: Workspace, id: string) =>
  join(workspace.paths.fetch, 'files', fileSafe(id))

export const isFetched = (workspace: Workspace, id: string) =>
  existsSync(join(folderOf(workspace, id), DETAILS_FILE))

/**
 * Fetches one version: its PDF, and the article's XML where there is one. A fault of the XML is told and the PDF kept.
 * @returns the folder, and what went wrong without stopping it
 * @throws LesionloopError of the client, `fetch-not-pdf`, `fetch-truncated`.
 */
export async function download(
  workspace: Workspace,
  server: ServerName,
  of: Preprint,
  options: DownloadOptions,
): Promise<{ folder: string; fault?: { code: string; message: string } }> {
  const folder = folderOf(workspace, preprintId(of))
  const stem = `${fileSafe(of.doi.slice(of.doi.indexOf('/') + 1))}v${of.version}`
  const path = of.doi.split('/').map(encodeURIComponent).join('/')
  const content = options.addresses.content.replace(/\/+$/, '')
  const pdf = await whole(`${content}/content/${path}v${of.version}.full.pdf`, checkPdf, options)
  await writeFileAtomically(workspace.files, join(folder, `${stem}.pdf`), pdf)
  let fault: { code: string; message: string } | undefined
  if (of.jatsxml)
    try {
      const xml = await whole(new URL(of.jatsxml, `${content}/`).href, checkArticle, options)
      await writeFileAtomically(workspace.files, join(folder, `${stem}.xml`), xml)
    } catch (error) {
      if (codeOf(error) === 'cancelled') throw error
      fault = { code: codeOf(error), message: messageOf(error) }
    }
  const details: FetchedDetails = { ...of, server, checkedAt: options.now().toISOString() }
  await writeJson(workspace.files, join(folder, DETAILS_FILE), details)
  return fault ? { folder, fault } : { folder }
}

/** Fetches a PDF from an address of one's own; known by the address, so that it comes once. */
export async function downloadAddress(
  workspace: Workspace,
  url: string,
  options: DownloadOptions,
): Promise<{ path: string; isNew: boolean }> {
  const hash = createHash('sha256').update(url).digest('hex').slice(0, 16)
  const name = new URL(url).pathname.split('/').at(-1) || 'paper'
  const path = join(folderOf(workspace, `address-${hash}`), `${fileSafe(name.replace(/\.pdf$/i, ''))}.pdf`)
  if (existsSync(path)) return { path, isNew: false }
  await writeFileAtomically(workspace.files, path, await whole(url, checkPdf, options))
  return { path, isNew: true }
}

/** A file whose content is what it should be; one without its end is asked for again. */
async function whole(
  url: string,
  check: (bytes: Uint8Array, url: string) => void,
  { client, most }: DownloadOptions,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    const { body } = await client.get(url, most)
    try {
      check(body, url)
      return body
    } catch (error) {
      if (codeOf(error) !== 'fetch-truncated' || attempt >= TRIES) throw error
    }
  }
}
