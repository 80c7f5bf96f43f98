import type { Act, ActDraft } from '../records/act.ts'
import type { CaseState, MinedCase } from '../records/case.ts'
import type { QueueEntry, QueueName } from '../records/cycle.ts'
import type { Job } from '../records/job.ts'
import type { Account, LoginLink, Session } from '../records/people.ts'
import type { Assertion, Lesion, Role } from '../records/vocabulary.ts'
import type { CaseShare } from './case-share.ts'

/**
 * Where acts, cases, queue, accounts and jobs are kept. Everything is asynchronous, so that a database may stand
 * behind it; test/data/stores holds the one conformance suite that every implementation passes.
 */
export interface Store {
  readonly acts: ActStore
  readonly cases: CaseStore
  readonly queue: QueueStore
  readonly accounts: AccountStore
  readonly jobs: JobStore
  readonly sessions: SessionStore
  readonly passwords: PasswordStore
  /** Takes in what other processes wrote since (new cases, a new queue). Cheap where nothing changed. */
  refresh(): Promise<void>
  /**
   * Told of what other processes wrote, acts in order: at once over a database, in `refresh` over files.
   * @param afterSeq the last act that is known already; where nothing is said, the last one there is now.
   * @returns stops listening.
   */
  listen(listener: (change: StoreChange) => void, afterSeq?: number): () => void
  /** Writes what is pending and gives back the locks. */
  close(): Promise<void>
}

/** What another process wrote: an act; cases that were put; a new queue. */
export type StoreChange = { type: 'act'; act: Act } | { type: 'cases' } | { type: 'queue' }

export interface ActStore {
  /**
   * Writes one act; resolves after it is on the disk. A repeated `op` resolves to the act first written.
   * @throws LesionloopError `act-conflict` where `base` is not the case's version (details: `state`, `acts` since),
   *   `case-unknown`, `act-invalid`.
   */
  append(who: string, draft: ActDraft): Promise<{ act: Act; state: CaseState }>
  /** All acts from a sequence number on, in order. */
  read(fromSeq?: number): AsyncIterable<Act>
  ofCase(id: string): Promise<Act[]>
  /** The last sequence number; 0 where there is none. */
  lastSeq(): Promise<number>
}

export interface CaseFilter {
  lesion?: Lesion
  finding?: Assertion | 'none'
  document?: string
  /** labelled: has any expert label; open: none. `by` narrows it to one person. */
  state?: 'labelled' | 'open'
  by?: string
  /** Experts contradict each other or what was mined or published, and nobody has adjudicated. */
  disagreement?: boolean
  discuss?: boolean
  /** An expert said `uncertain` of the flag or a lesion. */
  uncertain?: boolean
  assignedTo?: string
  /** Who asks: on a case that others read and this person has not, what they said answers no filter. */
  reader?: string
  /** Words of the caption, id or file, case-insensitive. */
  search?: string
  /** `ct` is the default: what a person marked as no CT is out of lists and queue. */
  kind?: 'ct' | 'all'
}

export interface CaseQuery extends CaseFilter {
  /** `queue`: the current queue's order, then the rest; `document`: by document, figure, panel. */
  sort?: 'queue' | 'document'
  offset?: number
  limit?: number
}

export interface CaseStore {
  get(id: string): Promise<CaseState | undefined>
  list(query?: CaseQuery): Promise<{ rows: CaseState[]; total: number }>
  /** All cases as they stand, in a stable order; without those that panels drawn by hand leave out. */
  all(): AsyncIterable<CaseState>
  /** The other cases of its figure and itself, in reading order; those that panels drawn by hand leave out too. */
  siblings(id: string): Promise<CaseState[]>
  count(filter?: CaseFilter): Promise<number>
  /** The documents asked for as they were put last, before any act. */
  mined(isWanted: (document: string) => boolean): Promise<Map<string, MinedDocument>>
  /** Another text whenever cases were put, and the same until then. */
  stamp(): Promise<string>
  /** Puts one document's cases in the place of what was mined for it before; labels stay. Needs the `cases` lock. */
  put(document: string, cases: MinedCase[]): Promise<void>
  /** What all cases come to, where the store keeps that up itself: nobody need walk through them. */
  readonly sums?: CaseSums
  /** Cases by their pictures, where the store finds them by an index. */
  readonly pictures?: CasePictures
}

export interface CaseSums {
  /** How many cases have which share, those that are in no list too. */
  shares(): Promise<readonly { share: CaseShare; cases: number }[]>
  /** Of some documents, how many cases stand and how many of them are labelled. */
  documents(ids: readonly string[]): Promise<Map<string, { cases: number; labelled: number }>>
  /** The first case of a table that came without documents. */
  firstOfTable(name: string): Promise<string | undefined>
  /** Every case with its share, in some order. */
  walk(): AsyncIterable<{ id: string; share: CaseShare }>
}

export interface CasePictures {
  /** Ids of the cases of each of these pictures, in order; a picture of none is left out. */
  casesOf(images: readonly string[]): Promise<Map<string, string[]>>
  /** Pictures that several cases show. */
  shared(): Promise<string[]>
}

/** What was mined of a document, and what was ever cut there along lines drawn by hand, the newest first. */
export interface MinedDocument {
  cases: MinedCase[]
  cut: MinedCase[]
}

/** Which case stands at which place of a cycle's queue. */
export interface QueueOrder {
  readonly cycle: string | null
  /** Ids of its cases, first asked first; the same array until the queue is another. */
  readonly cases: readonly string[]
  /** The entry at a place. */
  entry(at: number): QueueEntry
  /** Which queue the entry at a place stands in, without reading it. */
  queueOf(at: number): QueueName
}

export interface QueueStore {
  /** The current queue without its entries, which a long queue need not hold. */
  order(): Promise<QueueOrder>
  /** Of each case, whether it is there to be decided: a CT without an expert's label. */
  areOpen(ids: readonly string[]): Promise<boolean[]>
  /** The current queue, of the newest sealed cycle, without what was decided since unless asked for. */
  read(options?: { all?: boolean }): Promise<{ cycle: string | null; entries: QueueEntry[] }>
  /**
   * Lends a person the next open case of the audit and the review (the audit first), so that nobody else is given it
   * until the lease ends or is given back. The person's own leases stand in nobody's way but others'.
   * @returns undefined where all that is open is lent to others, or nothing is open.
   */
  lease(who: string, of: { after?: string; seconds: number }): Promise<QueueEntry | undefined>
  /** Gives a case back, or all that a person has. */
  release(who: string, caseId?: string): Promise<void>
}

export interface AccountStore {
  list(): Promise<Account[]>
  get(id: string): Promise<Account | undefined>
  /** @throws LesionloopError `account-exists` where the name is taken (names are compared without case). */
  add(name: string, role: Role): Promise<Account>
  update(id: string, change: AccountChange): Promise<Account>
}

/** What may change of an account; `disabledAt: undefined` lets a person in again. */
export type AccountChange = Partial<Pick<Account, 'name' | 'role' | 'disabledAt'>>

export interface JobStore {
  list(): Promise<Job[]>
  get(id: string): Promise<Job | undefined>
  put(job: Job): Promise<void>
}

/** Ways in: sessions and one-time links, by the SHA-256 of their tokens. What has expired is as good as gone. */
export interface SessionStore {
  session(hash: string): Promise<Session | undefined>
  begin(hash: string, session: Session): Promise<void>
  /** @returns whether there was one. */
  end(hash: string): Promise<boolean>
  link(hash: string): Promise<LoginLink | undefined>
  makeLink(hash: string, link: LoginLink): Promise<void>
  /** Uses a link up: of two who ask at once only one gets it. */
  takeLink(hash: string): Promise<LoginLink | undefined>
  /** Ends a person's own sessions and links; those that an owner opened stay. */
  endAllOf(account: string): Promise<void>
  /** The owner's links of an earlier start are void: each start prints its own. */
  voidOwnerLinks(): Promise<void>
}

/** Hashes of passwords by account id, with the time of their last change. */
export type KeptPasswords = Record<string, { hash: string; changedAt: string }>

export interface PasswordStore {
  all(): Promise<KeptPasswords>
  /** @throws LesionloopError `lock-held` over files. */
  put(account: string, kept: { hash: string; changedAt: string }): Promise<void>
}
