import type { Program } from '../../data/jobs/child.ts'
import type { JobRunner } from '../../data/jobs/runner.ts'
import { isUnderWay } from '../../data/records/job.ts'
import { Passwords } from '../../data/stores/passwords.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'
import { AgreementBook } from './agreement-book.ts'
import { Amender } from './amender.ts'
import { Comparisons } from './comparisons.ts'
import type { Desk, MetricsKey } from './context.ts'
import { Cycles } from './cycles.ts'
import { DisputeBook } from './dispute-book.ts'
import { DocumentIndex } from './document-index.ts'
import { DoubleBook } from './double-book.ts'
import { follow } from './follow.ts'
import { followFiles } from './follow-files.ts'
import { LiveChannel } from './live-channel.ts'
import { LiveModel } from './live-model.ts'
import { LoginLimit } from './login-limit.ts'
import { People } from './people.ts'
import { CurrentQueue } from './queue-view.ts'
import { ReadingBook } from './reading-book.ts'
import { RejectionList } from './rejections.ts'
import { Sessions } from './sessions.ts'
import { openTally } from './tally.ts'
import type { TrustedProxy } from './trusted-proxy.ts'
import { UndoBook } from './undo-book.ts'
import { UPLOAD_LIMITS, type UploadLimits, Uploads } from './uploads.ts'
import { Condition } from './watch/condition.ts'
import { openLog, type ServerLog } from './watch/log.ts'
import { openMetrics } from './watch/metrics.ts'
import { tryDisk } from './watch/try-disk.ts'

const REFRESH_MS = 500

export interface DeskParts {
  workspace: Workspace
  store: Store
  jobs: JobRunner
  /** Names beside localhost and addresses that the server answers to. */
  hosts?: Iterable<string>
  uploadLimits?: UploadLimits
  /** The proxy that says who its people are. */
  proxy?: TrustedProxy
  /** What the kept trainer process runs; the built command line where nothing else is said. */
  program?: Program
  now?: () => number
  /** Where the server's log goes; quiet where nothing is said. */
  log?: ServerLog
  metricsKey?: MetricsKey
}

/**
 * Puts together what the routes work with. `at` is told the address when the server listens; `warm` reads
 * queue, predictions and captions before the first page asks for them; `stop` ends open streams.
 */
export async function openDesk(
  parts: DeskParts,
): Promise<{ desk: Desk; at(address: string): void; warm(): Promise<void>; stop(): void }> {
  const { workspace, store, jobs } = parts
  const now = parts.now ?? Date.now
  const stopping = new AbortController()
  const cycles = new Cycles(workspace)
  const queue = new CurrentQueue(store, cycles)
  const live = new LiveChannel()
  const readUpTo = await store.acts.lastSeq()
  const undoBook = await UndoBook.read(store.acts)
  const readings = new ReadingBook(store.acts, undoBook)
  let address = ''
  let refreshedAt = 0
  let refreshing: Promise<void> | null = null

  const metrics = openMetrics(
    {
      queueOpen: async () => (await queue.view()).open,
      jobs: () => jobs.list(),
      listeners: () => live.count,
    },
    { process: parts.metricsKey !== undefined },
  )
  const desk: Desk = {
    workspace,
    store,
    jobs,
    cycles,
    queue,
    people: new People(store.accounts, now),
    live,
    sessions: await Sessions.open(store.sessions, now),
    uploads: await Uploads.open(workspace, parts.uploadLimits ?? UPLOAD_LIMITS),
    undoBook,
    readings,
    agreement: new AgreementBook(store, readings),
    disputes: new DisputeBook(store),
    loginLimit: new LoginLimit(now),
    passwords: new Passwords(store.passwords, now),
    proxy: parts.proxy ?? null,
    tally: openTally(workspace, store, cycles),
    documents: new DocumentIndex(workspace),
    doubles: new DoubleBook(workspace, store),
    rejections: new RejectionList(workspace),
    amender: new Amender(jobs),
    model: new LiveModel(workspace, parts.program ? { program: parts.program } : {}),
    comparisons: new Comparisons(workspace, parts.program),
    log: parts.log ?? openLog('quiet'),
    metrics,
    metricsKey: parts.metricsKey ?? null,
    condition: new Condition(() => tryDisk(workspace)),
    version: packageVersion(),
    hosts: new Set(parts.hosts ?? []),
    stopping: stopping.signal,
    address: () => address,
    fresh: async () => {
      if (Date.now() - refreshedAt < REFRESH_MS) return
      refreshing ??= store.refresh().finally(() => {
        refreshedAt = Date.now()
        refreshing = null
      })
      await refreshing
    },
  }
  // Corrections whose mining the last stop broke off.
  const lastAmended = (await jobs.list()).find(job => job.kind === 'amend')
  if (lastAmended?.state === 'interrupted') desk.amender.want()
  const unlisten = jobs.listen(job => {
    live.tell({ type: 'job', job })
    if (isUnderWay(job)) return
    desk.log.info({ job: job.id, kind: job.kind, state: job.state, code: job.error?.code }, 'job ended')
    desk.amender.ended(job)
    if (job.kind === 'pages') return
    if (job.kind === 'mine' && job.state === 'done')
      void desk.uploads.removeMined(job.args).catch(() => undefined)
    // What the job wrote is taken in before the next list is asked for.
    refreshedAt = 0
    queue.forget()
    desk.disputes.forget()
    desk.documents.forget()
    desk.people.forget()
    // A correction changes one figure, which whoever looks at it reads again by itself.
    if (job.kind !== 'amend') live.tell({ type: 'workspace' })
  })
  const unfollow = follow(desk, readUpTo)
  const unfollowFiles = followFiles(desk)
  return {
    desk,
    at: value => {
      address = value
    },
    warm: async () => {
      await queue.view()
      await cycles.opinions()
      // The first search is the one that reads all captions, where no index has them.
      if (!store.cases.sums) await store.cases.count({ search: 'ct' })
      desk.condition.isWarm = true
      // What the pages of numbers ask for: long walks, made at leisure before anybody looks.
      await desk.documents.list()
      await desk.tally.counts({ gently: true })
      await desk.disputes.ids()
      await desk.agreement.reply()
    },
    stop: () => {
      unlisten()
      unfollow()
      unfollowFiles()
      stopping.abort()
    },
  }
}
