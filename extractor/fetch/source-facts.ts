import { codeOf, messageOf } from '../../data/errors.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { listDocuments, writeDocument } from '../../data/workspace/documents.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { screened } from '../../data/workspace/screening.ts'
import { type FetchedDetails, factsOf, SERVERS, type ServerName } from './details.ts'
import type { PoliteClient } from './polite-client.ts'
import { type Addresses, detailsPage } from './servers.ts'

/** Marks all versions of a paper that was taken back; its cases are marked by what settles versions. @returns documents marked */
export async function markDocuments(workspace: Workspace, details: FetchedDetails): Promise<number> {
  const { withdrawn, checkedAt } = factsOf(details)
  if (!withdrawn) return 0
  let marked = 0
  for await (const record of listDocuments(workspace)) {
    if (record.doi !== details.doi) continue
    marked++
    if (JSON.stringify(record.withdrawn) !== JSON.stringify(withdrawn))
      await writeDocument(workspace, { ...record, withdrawn, ...(checkedAt ? { checkedAt } : {}) })
  }
  return marked
}

export interface RefreshResult {
  /** Documents whose server was asked. */
  asked: number
  /** Documents on which it says something new. */
  changed: string[]
  withdrawn: string[]
  /** Documents of which a newer version is out, and its number. */
  newer: { document: string; version: number }[]
  failed: number
}

/**
 * Asks the servers again of every preprint in the workspace: its licence, the day of the version, whether it was
 * published, withdrawn or retracted, whether a newer version is out. Needs the `documents` lock.
 */
export async function refreshDocuments(
  workspace: Workspace,
  options: RunOptions & {
    client: PoliteClient
    addressesOf: (server: ServerName) => Addresses
    now: () => Date
  },
): Promise<RefreshResult> {
  const byDoi = new Map<string, DocumentRecord[]>()
  // The prefix of Cold Spring Harbor, which runs both servers.
  for await (const record of listDocuments(workspace))
    if (record.doi?.startsWith('10.1101/') || record.server)
      byDoi.set(record.doi!, [...(byDoi.get(record.doi!) ?? []), record])
  const result: RefreshResult = { asked: 0, changed: [], withdrawn: [], newer: [], failed: 0 }
  let done = 0
  for (const [doi, records] of byDoi) {
    options.signal?.throwIfAborted()
    options.onProgress?.({ step: 'asking the server', done: done++, total: byDoi.size, detail: doi })
    try {
      await refreshPaper(workspace, doi, records, options, result)
    } catch (error) {
      options.signal?.throwIfAborted()
      result.failed++
      const problem = { item: doi, code: codeOf(error), message: messageOf(error) }
      options.onProgress?.({ step: 'asking the server', done, total: byDoi.size, problem })
    }
  }
  options.onProgress?.({ step: 'asking the server', done: byDoi.size, total: byDoi.size })
  return result
}

async function refreshPaper(
  workspace: Workspace,
  doi: string,
  records: readonly DocumentRecord[],
  { client, addressesOf, now }: Parameters<typeof refreshDocuments>[1],
  result: RefreshResult,
): Promise<void> {
  const named = SERVERS.find(server => records.some(record => record.server === server))
  const path = doi.split('/').map(encodeURIComponent).join('/')
  for (const server of named ? [named] : SERVERS) {
    const { found } = await detailsPage(client, addressesOf(server), server, path, 'na')
    const versions = found
      .filter(entry => entry.doi === doi)
      .sort((one, other) => one.version - other.version)
    const last = versions.at(-1)
    if (!last) continue
    const checkedAt = now().toISOString()
    const { withdrawn } = factsOf({ ...last, server, checkedAt })
    for (const record of records) {
      result.asked++
      const own = versions.find(entry => entry.version === (record.version ?? 1)) ?? last
      const facts = factsOf({ ...own, server, checkedAt })
      const { licence, versionDate, publishedDoi } = facts
      const learned = {
        ...(licence ? { licence } : {}),
        ...(versionDate ? { versionDate } : {}),
        ...(publishedDoi ? { publishedDoi } : {}),
        ...(withdrawn ? { withdrawn } : {}),
        server,
      }
      const isNew = Object.entries(learned).some(
        ([name, value]) => JSON.stringify(record[name as keyof DocumentRecord]) !== JSON.stringify(value),
      )
      await writeDocument(workspace, { ...record, ...learned, checkedAt })
      if (isNew) result.changed.push(record.id)
      if (withdrawn) result.withdrawn.push(record.id)
      if (
        last.version > (record.version ?? 1) &&
        !withdrawn &&
        last.version > Math.max(...records.map(each => each.version ?? 1))
      )
        result.newer.push({ document: record.id, version: last.version })
      if (withdrawn && !record.withdrawn)
        await screened(workspace, [
          { document: record.id, source: server, outcome: 'withdrawn', reason: withdrawn.reason },
        ])
    }
    return
  }
}
