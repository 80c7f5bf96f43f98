import { hc } from 'hono/client'
import type { Job } from '../../../data/records/job.ts'
import type { AppType } from '../../server/app.ts'
import type { DatasetDiff, DatasetRow, ExportPreview } from '../../server/routes/datasets.ts'
import { answer } from './refusal.ts'

const { api } = hc<AppType>('/')

/** What the page has chosen; empty: no filter. */
export interface ExportQuery {
  format: string
  split?: string
  licence?: string
  minAgreement?: string
  onlyExpert?: boolean
  withRetracted?: boolean
  withGiven?: boolean
}

/** The filters as the server takes them, those that choose nothing left away. */
function filters({ split, licence, minAgreement, onlyExpert, withRetracted, withGiven }: ExportQuery) {
  return {
    ...(split ? { split } : {}),
    ...(licence ? { licence } : {}),
    ...(minAgreement ? { minAgreement } : {}),
    ...(onlyExpert ? { onlyExpert: 'true' as const } : {}),
    ...(withRetracted ? { withRetracted: 'true' as const } : {}),
    ...(withGiven ? { withGiven: 'true' as const } : {}),
  }
}

export const getPreview = async (query: ExportQuery): Promise<ExportPreview> =>
  (
    await answer<{ preview: ExportPreview }>(
      api.export.preview.$get({ query: { format: query.format, ...filters(query) } }),
    )
  ).preview

/** Where the browser downloads the export from. */
export const exportAddress = (query: ExportQuery) =>
  `/api/export?${new URLSearchParams({ format: query.format, ...filters(query) })}`

export const getVersions = () => answer<{ rows: DatasetRow[] }>(api.datasets.$get())
/** Starts the job that freezes what is chosen. */
export const freezeVersion = (name: string, query: ExportQuery) =>
  answer<{ job: Job }>(api.datasets.$post({ json: { name, ...filters(query) } }))
export const getDifference = async (query: { before: string; after: string }): Promise<DatasetDiff> =>
  (await answer<{ diff: DatasetDiff }>(api.datasets.diff.$get({ query }))).diff
