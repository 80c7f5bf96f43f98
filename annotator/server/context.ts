import type { Context } from 'hono'
import { LesionloopError } from '../../data/errors.ts'
import type { JobRunner } from '../../data/jobs/runner.ts'
import type { Account } from '../../data/records/people.ts'
import type { Passwords } from '../../data/stores/passwords.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { AgreementBook } from './agreement-book.ts'
import type { Amender } from './amender.ts'
import type { Comparisons } from './comparisons.ts'
import type { Cycles } from './cycles.ts'
import type { DisputeBook } from './dispute-book.ts'
import type { DocumentIndex } from './document-index.ts'
import type { DoubleBook } from './double-book.ts'
import type { LiveChannel } from './live-channel.ts'
import type { LiveModel } from './live-model.ts'
import type { LoginLimit } from './login-limit.ts'
import type { People } from './people.ts'
import type { CurrentQueue } from './queue-view.ts'
import type { ReadingBook } from './reading-book.ts'
import type { RejectionList } from './rejections.ts'
import type { Session, Sessions } from './sessions.ts'
import type { Tally } from './tally.ts'
import type { TrustedProxy } from './trusted-proxy.ts'
import type { UndoBook } from './undo-book.ts'
import type { Uploads } from './uploads.ts'
import type { Condition } from './watch/condition.ts'
import type { ServerLog } from './watch/log.ts'
import type { Metrics } from './watch/metrics.ts'

/** What the routes work with: made once when the server starts, the same for every request. */
export interface Desk {
  readonly workspace: Workspace
  readonly store: Store
  readonly sessions: Sessions
  readonly jobs: JobRunner
  readonly cycles: Cycles
  readonly queue: CurrentQueue
  readonly people: People
  readonly uploads: Uploads
  readonly undoBook: UndoBook
  readonly readings: ReadingBook
  readonly agreement: AgreementBook
  /** Cases that wait for a verdict. */
  readonly disputes: DisputeBook
  readonly live: LiveChannel
  readonly loginLimit: LoginLimit
  readonly passwords: Passwords
  /** The proxy that says who its people are; null: none does. */
  readonly proxy: TrustedProxy | null
  readonly tally: Tally
  readonly documents: DocumentIndex
  /** Cases that show the same slice. */
  readonly doubles: DoubleBook
  readonly rejections: RejectionList
  /** Starts the job that mines corrected captions and cuts panels drawn by hand. */
  readonly amender: Amender
  /** The trainer's process that the server keeps, for what must answer at once. */
  readonly model: LiveModel
  /** Two cycles side by side, by the command line. */
  readonly comparisons: Comparisons
  readonly log: ServerLog
  readonly metrics: Metrics
  /** Who may read the metrics; null: nobody, they are off. */
  readonly metricsKey: MetricsKey | null
  /** Warm, and able to save. */
  readonly condition: Condition
  readonly version: string
  /** Takes in what other processes wrote, at most twice a second. */
  fresh(): Promise<void>
  /** Address to put before the path of a link ("http://127.0.0.1:4040"). */
  address(): string
  /** Host names beside IP addresses and localhost that the server answers to. */
  readonly hosts: ReadonlySet<string>
  /** Aborted when the server stops: open event streams end. */
  readonly stopping: AbortSignal
}

/** `token` null: whoever asks from this machine itself, and not through a proxy. */
export interface MetricsKey {
  token: string | null
}

export interface Env {
  Variables: {
    desk: Desk
    requestId: string
    session: Session | null
    account: Account | null
  }
}

/** The person asking. The guard has let nobody in without one; a route open to anyone must not call this. */
export function person(c: Context<Env>): Account {
  const account = c.var.account
  if (!account)
    throw new LesionloopError(
      'login-needed',
      'login: no session; open the link that `lesionloop serve` printed, or log in with your password',
    )
  return account
}
