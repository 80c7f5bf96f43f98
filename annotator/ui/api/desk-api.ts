import { hc } from 'hono/client'
import type { ActDraft } from '../../../data/records/act.ts'
import type { Comparison } from '../../../data/records/comparison.ts'
import type { QueueName } from '../../../data/records/cycle.ts'
import type { Job } from '../../../data/records/job.ts'
import type { HeatMapAnswer } from '../../../data/records/live.ts'
import type { Account } from '../../../data/records/people.ts'
import type { Head, Role } from '../../../data/records/vocabulary.ts'
import type { AppType } from '../../server/app.ts'
import type {
  ActReply,
  AdjudicationReply,
  AgreementReply,
  AssignmentsReply,
  CaseList,
  CaseReply,
  CycleReply,
  CycleRow,
  DocumentList,
  DocumentReply,
  HistoryEntry,
  LabelAuditReply,
  LabelChangesReply,
  LinkReply,
  MeReply,
  NextReply,
  PromotionReply,
  QueueReply,
  SettingsReply,
  StatsReply,
  StopSignalsReply,
  UploadBatch,
  UploadedFile,
} from '../../server/replies.ts'
import type { DiagnosisReply } from '../../server/routes/diagnose.ts'
import { getDoubleCases } from './doubles-api.ts'
import { answer } from './refusal.ts'

/** The server's routes, typed from the server itself. */
const { api } = hc<AppType>('/')

type CaseQuery = NonNullable<Parameters<typeof api.cases.$get>[0]>['query']
/** What the list shows: the store's filters, by the names the server takes. */
export interface ListQuery {
  /** One of the cycle's queues alone; other filters don't go with it. */
  queue?: QueueName
  sort?: NonNullable<CaseQuery['sort']>
  search?: string
  lesion?: NonNullable<CaseQuery['lesion']>
  finding?: NonNullable<CaseQuery['finding']>
  document?: string
  state?: NonNullable<CaseQuery['state']>
  by?: string
  disagreement?: boolean
  discuss?: boolean
  assignedTo?: string
  uncertain?: boolean
  /** Cases that show the slice of another; other filters don't go with it. */
  doubles?: boolean
}

export const getMe = () => answer<MeReply>(api.me.$get())
export const lookAtLink = (token: string) => answer<LinkReply>(api.login.link.$post({ json: { token } }))
export const signIn = (json: { token: string; account?: string; name?: string }) =>
  answer<MeReply>(api.login.$post({ json }))
export const signInByPassword = (json: { name: string; password: string }) =>
  answer<MeReply>(api.login.password.$post({ json }))
export const changePassword = (json: { current?: string; password: string }) =>
  answer<MeReply>(api.me.password.$post({ json }))
export const signOut = () => answer<MeReply>(api.logout.$post())

export function getCases(query: ListQuery, offset: number, limit: number): Promise<CaseList> {
  const { disagreement, discuss, uncertain, queue, doubles, ...words } = query
  if (queue) return getQueueCases(queue, offset, limit)
  if (doubles) return getDoubleCases(offset, limit)
  const ticks = Object.fromEntries(
    Object.entries({ disagreement, discuss, uncertain }).flatMap(([name, on]) =>
      on ? [[name, 'true']] : [],
    ),
  )
  return answer<CaseList>(
    api.cases.$get({
      query: { sort: 'queue', ...words, ...ticks, offset: String(offset), limit: String(limit) },
    }),
  )
}
export const getCase = (id: string) => answer<CaseReply>(api.case.$get({ query: { id } }))
export const getHeatMap = (id: string, head: Head) =>
  answer<HeatMapAnswer>(api.case['heat-map'].$get({ query: { id, head } }))
export const diagnosePicture = (file: File) =>
  answer<DiagnosisReply>(
    fetch(`/api/diagnose?name=${encodeURIComponent(file.name.slice(0, 200))}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: file,
    }),
  )
export const getHistory = (id: string) =>
  answer<{ history: HistoryEntry[] }>(api.case.history.$get({ query: { id } }))

export const postAct = (json: ActDraft) => answer<ActReply>(api.acts.$post({ json }))
export const undoLast = (op: string) => answer<ActReply>(api.undo.$post({ json: { op } }))
export const redoLast = (op: string) => answer<ActReply>(api.redo.$post({ json: { op } }))

export const getDocuments = () => answer<DocumentList>(api.documents.$get({ query: { limit: '500' } }))
export const getDocument = (id: string) => answer<DocumentReply>(api.document.$get({ query: { id } }))

/** Draws the pages of a document's figures that have no picture yet. */
export const drawPages = (document: string) =>
  answer<{ job: Job }>(api.jobs.pages.$post({ json: { document } }))
/** Makes cases of all pictures of a figure, whatever the miner took them for. */
export const makeCases = (document: string, figure: string) =>
  answer<{ job: Job }>(api.jobs.figure.$post({ json: { document, figure } }))

export const getCycles = () => answer<{ rows: CycleRow[]; speaking: string | null }>(api.cycles.$get())
export const getCycle = (id: string) => answer<CycleReply>(api.cycles[':id'].$get({ param: { id } }))

export const getComparison = (before: string, after: string) =>
  answer<{ comparison: Comparison }>(api.comparison.$get({ query: { before, after } }))
export const getPromotion = () => answer<PromotionReply>(api.promotion.$get())
export const promote = (json: Parameters<typeof api.promotion.$post>[0]['json']) =>
  answer<PromotionReply>(api.promotion.$post({ json }))
export const rollBack = () => answer<PromotionReply>(api.promotion.rollback.$post({ json: {} }))

export const getQueueCounts = () => answer<QueueReply>(api.queue.$get({ query: { limit: '0' } }))
export const getQueueCases = (queue: QueueName, offset: number, limit: number) =>
  answer<CaseList>(api.queue.cases.$get({ query: { queue, offset: String(offset), limit: String(limit) } }))
export const getNextCase = (query: { after?: string; queue?: 'audit' | 'review' }) =>
  answer<NextReply>(api.queue.next.$get({ query }))
/** Also on the way out of the page. */
export const releaseCases = (cases: string[]) =>
  answer<{ released: number }>(api.queue.release.$post({ json: { cases } }, { init: { keepalive: true } }))
export const getLabelAudit = () => answer<LabelAuditReply>(api['label-audit'].$get())
export const getStopSignals = () => answer<StopSignalsReply>(api['stop-signals'].$get())

export type CycleOptions = Parameters<typeof api.jobs.cycle.$post>[0]['json']
export const getJobs = () => answer<{ jobs: Job[] }>(api.jobs.$get())
export const startCycle = (json: CycleOptions) => answer<{ job: Job }>(api.jobs.cycle.$post({ json }))
export const startMining = (upload: string) => answer<{ job: Job }>(api.jobs.mine.$post({ json: { upload } }))
export const startImport = (format: 'covid-ct' | 'jsonl' | 'csv', path: string) =>
  answer<{ job: Job }>(api.jobs.import.$post({ json: { format, path } }))
export const cancelJob = (id: string) => answer<{ job: Job }>(api.jobs[':id'].cancel.$post({ param: { id } }))
export const resumeJob = (id: string) => answer<{ job: Job }>(api.jobs[':id'].resume.$post({ param: { id } }))

export const getSettings = () => answer<SettingsReply>(api.settings.$get())
export const putSettings = (json: Parameters<typeof api.settings.$put>[0]['json']) =>
  answer<SettingsReply>(api.settings.$put({ json }))

export const getAssignments = () => answer<AssignmentsReply>(api.assignments.$get())
export const handOut = (json: Parameters<typeof api.assignments.$post>[0]['json']) =>
  answer<{ assigned: number; shared: number; changedMeanwhile: number }>(api.assignments.$post({ json }))
export const getRepeats = () => answer<{ cases: string[] }>(api.repeats.$get())
export const getAdjudication = (after?: string) =>
  answer<AdjudicationReply>(api.adjudication.$get({ query: after === undefined ? {} : { after } }))
export const getAgreement = () => answer<AgreementReply>(api.agreement.$get())
export const getLabelChanges = () => answer<LabelChangesReply>(api['label-changes'].$get())

export const getStats = () => answer<StatsReply>(api.stats.$get())
export const getPeople = () => answer<{ people: Account[] }>(api.people.$get())
export const addPerson = (name: string, role: Role) =>
  answer<{ person: Account }>(api.people.$post({ json: { name, role } }))
export const changePerson = (json: { account: string; role?: Role; disabled?: boolean }) =>
  answer<{ person: Account }>(api.people.update.$post({ json }))
export const invite = (account: string) =>
  answer<{ person: Account; link: string }>(api.people.link.$post({ json: { account } }))

export const beginUpload = () => answer<UploadBatch>(api.uploads.$post())

/** Sends one file of a batch, telling how much has gone. XMLHttpRequest, since fetch tells nothing of uploads. */
export function sendFile(
  batch: string,
  { file, path }: { file: File; path: string },
  onProgress: (share: number) => void,
): Promise<{ file: UploadedFile }> {
  const request = new XMLHttpRequest()
  const done = new Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>((resolve, reject) => {
    request.onload = () =>
      resolve({
        ok: request.status >= 200 && request.status < 300,
        status: request.status,
        json: async () => JSON.parse(request.responseText) as unknown,
      })
    request.onerror = () => reject(new Error('network'))
  })
  request.upload.onprogress = event => onProgress(event.total > 0 ? event.loaded / event.total : 0)
  request.open('PUT', `/api/uploads/${batch}/file?name=${encodeURIComponent(path)}`)
  request.setRequestHeader('Content-Type', 'application/octet-stream')
  request.send(file)
  return answer<{ file: UploadedFile }>(done)
}
