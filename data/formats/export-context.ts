import { publicationOf } from '../datasets/publication.ts'
import { readSplit } from '../splits/keep.ts'
import { listDocuments } from '../workspace/documents.ts'
import type { Workspace } from '../workspace/open.ts'
import { newestPredictions } from './cycle-predictions.ts'
import type { ExportContext } from './export-row.ts'

/** What stands beside the cases in a workspace: documents (without their texts and figures), split, predictions. */
export async function readExportContext(workspace: Workspace): Promise<ExportContext> {
  const documents = new Map<string, NonNullable<ReturnType<NonNullable<ExportContext['document']>>>>()
  for await (const { id, doi, version, licence, versionDate, date, withdrawn } of listDocuments(workspace))
    documents.set(id, {
      ...(doi === undefined ? {} : { doi }),
      ...(version === undefined ? {} : { version }),
      ...(licence === undefined ? {} : { licence }),
      ...(versionDate === undefined ? {} : { versionDate }),
      ...(date === undefined ? {} : { date }),
      ...(withdrawn === undefined ? {} : { withdrawn }),
    })
  const [split, predictions] = await Promise.all([readSplit(workspace), newestPredictions(workspace)])
  return {
    document: id => documents.get(id),
    publication: publicationOf(workspace),
    ...(split ? { split: split.cases } : {}),
    ...(predictions ? { predictions } : {}),
  }
}
