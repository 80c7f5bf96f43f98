import type { Act, ActDraft, ActPayload } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { Draft, DraftShelf } from './drafts.ts'

/** What the server made of a draft. */
export type Answer =
  | { kind: 'saved'; act: Act; state: CaseState }
  | { kind: 'conflict'; state: CaseState; acts: Act[] }
  | { kind: 'refused'; message: string }
  | { kind: 'signed-out' }
  | { kind: 'unreachable' }

/** Decisions of one case that could not go out because somebody else decided meanwhile, or the server refused. */
export interface Held {
  case: string
  drafts: Draft[]
  /** Set for a conflict: the case as it stands now and what was done since. */
  conflict?: { state: CaseState; acts: Act[] }
  message?: string
}

export type SavingState =
  | { kind: 'saved' }
  | { kind: 'saving'; waiting: number }
  | { kind: 'waiting'; waiting: number }
  | { kind: 'failed'; waiting: number; message: string }

export interface OutboxOptions {
  person: string
  shelf: DraftShelf
  send: (draft: ActDraft) => Promise<Answer>
  onSaved: (act: Act, state: CaseState) => void
  onChange: (state: SavingState, held: Held[]) => void
  /** Waits before another try; given so that tests need not. Milliseconds by count of tries. */
  backoff?: (tries: number) => number
}

const GOES_WITH_A_LABEL: ReadonlySet<string> = new Set(['reason', 'box'])

/**
 * Sends decisions one by one, in order, each exactly once (the server knows a repeated `op`). With the server gone
 * they wait, on the shelf as well as here; a conflict holds that case's drafts until the person chooses.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #queue: Draft[] = []
  #held = new Map<string, Held>()
  #inFlight: Draft | null = null
  #tries = 0
  #signedOut = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #next = 1
  #idle: (() => void)[] = []

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Takes up what an earlier visit left behind. */
  async restore(): Promise<number> {
    const drafts = (await this.#options.shelf.all()).filter(draft => draft.by === this.#options.person)
    this.#queue.push(...drafts)
    this.#next = Math.max(this.#next, ...drafts.map(draft => draft.n + 1))
    this.#report()
    void this.#pump()
    return drafts.length
  }

  /** Queues an act based on a version of its case; the given `op`s go out in the order of the calls. */
  add(caseId: string, base: number, act: ActPayload): Draft {
    const forerunner = this.#queue.findLast(draft => draft.case === caseId)
    const draft: Draft = {
      n: this.#next++,
      op: crypto.randomUUID(),
      by: this.#options.person,
      case: caseId,
      base,
      ...(forerunner ? { after: forerunner.op } : {}),
      act,
    }
    this.#queue.push(draft)
    void this.#options.shelf.put(draft)
    this.#report()
    void this.#pump()
    return draft
  }

  /**
   * Takes back the last decision where none of it has gone out yet: a label together with the causes and boxes given with it.
   * @returns what was taken back, in order; null where it is on its way, gone, or nothing waits.
   */
  withdrawLast(): Draft[] | null {
    const last = this.#queue.at(-1)
    if (!last) return null
    let from = this.#queue.length - 1
    while (
      GOES_WITH_A_LABEL.has(this.#queue[from]?.act.kind ?? '') &&
      this.#queue[from - 1]?.case === last.case
    )
      from--
    const drafts = this.#queue.slice(from)
    if (this.#inFlight && drafts.includes(this.#inFlight)) return null
    for (const draft of drafts) this.#drop(draft)
    if (this.#held.has(last.case) && this.pendingOf(last.case).length === 0) this.#held.delete(last.case)
    this.#report()
    return drafts
  }

  /** Ends a hold: send this person's drafts on top of what stands now, or drop them. */
  settle(caseId: string, choice: 'mine' | 'theirs'): void {
    const held = this.#held.get(caseId)
    if (!held) return
    this.#held.delete(caseId)
    const drafts = this.#queue.filter(draft => draft.case === caseId)
    if (choice === 'theirs') for (const draft of drafts) this.#drop(draft)
    else if (held.conflict && drafts[0]) {
      drafts[0].base = held.conflict.state.version
      delete drafts[0].after
      void this.#options.shelf.put(drafts[0])
    }
    this.#report()
    void this.#pump()
  }

  /** Tries at once: the network is back, or the person asks. */
  retry(): void {
    this.#tries = 0
    this.#signedOut = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    void this.#pump()
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Drafts of a case that are not on the disk yet, in order. */
  pendingOf(caseId: string): readonly Draft[] {
    return this.#queue.filter(draft => draft.case === caseId)
  }

  /** Resolves when nothing that can go out is left. */
  drained(): Promise<void> {
    if (!this.#sendable()) return Promise.resolve()
    return new Promise(resolve => this.#idle.push(resolve))
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #sendable(): Draft | undefined {
    return this.#queue.find(draft => !this.#held.has(draft.case))
  }

  #drop(draft: Draft): void {
    this.#queue = this.#queue.filter(entry => entry !== draft)
    void this.#options.shelf.remove(draft.op)
  }

  async #pump(): Promise<void> {
    if (this.#inFlight || this.#timer !== undefined || this.#signedOut) return
    for (let draft = this.#sendable(); draft; draft = this.#sendable()) {
      this.#inFlight = draft
      this.#report()
      const { op, case: caseId, base, act } = draft
      const answer = await this.#options
        .send({ op, case: caseId, base, act })
        .catch((): Answer => ({ kind: 'unreachable' }))
      this.#inFlight = null
      if (!this.#take(draft, answer)) return
    }
    this.#report()
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Deals with an answer; false where sending stops for now. */
  #take(draft: Draft, answer: Answer): boolean {
    switch (answer.kind) {
      case 'saved':
        this.#tries = 0
        this.#drop(draft)
        for (const follower of this.#queue)
          if (follower.after === draft.op) {
            follower.base = answer.act.base + 1
            delete follower.after
            void this.#options.shelf.put(follower)
          }
        this.#options.onSaved(answer.act, answer.state)
        return true
      case 'conflict':
        // What only this person did meanwhile (another tab, a clause re-paired on a sibling) is no conflict.
        if (answer.state.version > draft.base && answer.acts.every(act => act.who === draft.by)) {
          draft.base = answer.state.version
          void this.#options.shelf.put(draft)
          return true
        }
        this.#hold(draft, { conflict: { state: answer.state, acts: answer.acts } })
        return true
      case 'refused':
        this.#hold(draft, { message: answer.message })
        return true
      case 'signed-out':
        this.#signedOut = true
        this.#report()
        return false
      case 'unreachable': {
        this.#tries++
        const wait = (this.#options.backoff ?? defaultBackoff)(this.#tries)
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          void this.#pump()
        }, wait)
        this.#report()
        return false
      }
    }
  }

  #hold(draft: Draft, why: Pick<Held, 'conflict' | 'message'>): void {
    this.#held.set(draft.case, {
      case: draft.case,
      drafts: this.#queue.filter(entry => entry.case === draft.case),
      ...why,
    })
    this.#report()
  }

  #report(): void {
    this.#options.onChange(this.#state(), [...this.#held.values()])
  }

  #state(): SavingState {
    const waiting = this.#queue.length
    if (waiting === 0) return { kind: 'saved' }
    if (this.#signedOut)
      return {
        kind: 'failed',
        waiting,
        message: 'you are signed out; open a new sign-in link in this browser',
      }
    const refused = [...this.#held.values()].find(held => held.message)
    if (refused) return { kind: 'failed', waiting, message: refused.message as string }
    if (this.#held.size > 0) return { kind: 'failed', waiting, message: 'somebody else decided meanwhile' }
    return this.#tries > 0 ? { kind: 'waiting', waiting } : { kind: 'saving', waiting }
  }
}

/** Half a second, then twice as long each time, at most ten seconds. */
function defaultBackoff(tries: number): number {
  return Math.min(10_000, 250 * 2 ** tries)
}
