import type { NextReply } from '../../server/replies.ts'

interface Lent {
  id: string
  /** When somebody else may be given it, by this machine's clock in milliseconds. */
  until: number
  wasShown: boolean
}

/** A lease that ends within this time is as good as ended: the case could be another's before it is decided. */
const TOO_SHORT_MS = 60_000
/** Cases of this person that the server may still name, since their decisions are on their way. */
const MOST_PASSED = 20

/**
 * The cases the server lent to this person: the one looked at, one ahead, and those passed over without a decision,
 * which come again when nothing else is left. Where several servers share a database nobody else is given them meanwhile.
 */
export class LentCases {
  readonly #ask: (after: string | undefined) => Promise<NextReply>
  readonly #now: () => number
  #held: Lent[] = []
  #decided = new Set<string>()
  #last: string | undefined
  #asking: Promise<string | null> | null = null
  #left = 0

  constructor(ask: (after: string | undefined) => Promise<NextReply>, now: () => number = Date.now) {
    this.#ask = ask
    this.#now = now
  }

  /** How many cases waited in the queue, for whomever, when the server was last asked. */
  get left(): number {
    return this.#left
  }

  /**
   * The case to look at now: the one ahead, else the next the server lends, else one that was passed over.
   * @returns its id; null where there is none.
   */
  async next(): Promise<string | null> {
    const found = this.#fresh() ?? (await this.ahead()) ?? this.#passedOver()
    const lent = this.#held.find(each => each.id === found)
    if (lent) lent.wasShown = true
    return found
  }

  /** Sees to it that one case is here ahead of the one looked at; null where nothing more is lent. */
  async ahead(): Promise<string | null> {
    const here = this.#fresh()
    if (here) return here
    this.#asking ??= this.#borrow().finally(() => {
      this.#asking = null
    })
    return await this.#asking
  }

  /** The person has decided it, or it is no case to decide: it comes no more. */
  decided(id: string): void {
    this.#decided.add(id)
    this.#held = this.#held.filter(each => each.id !== id)
  }

  /** A decision was taken back. */
  undecided(id: string): void {
    this.#decided.delete(id)
  }

  isDecided(id: string): boolean {
    return this.#decided.has(id)
  }

  /** Forgets all of them. @returns those to be given back. */
  drop(): string[] {
    const ids = this.#held.map(each => each.id)
    this.#held = []
    this.#last = undefined
    return ids
  }

  #sound(): Lent[] {
    this.#held = this.#held.filter(each => each.until - this.#now() > TOO_SHORT_MS)
    return this.#held
  }

  #fresh(): string | null {
    return this.#sound().find(each => !each.wasShown)?.id ?? null
  }

  #passedOver(): string | null {
    return this.#sound()[0]?.id ?? null
  }

  async #borrow(): Promise<string | null> {
    let after = this.#last
    for (let tries = 0; tries <= MOST_PASSED; tries++) {
      const { next, left, seconds } = await this.#ask(after)
      this.#left = left
      if (!next) return null
      const { id } = next.case
      after = id
      if (this.#decided.has(id)) continue
      const known = this.#held.find(each => each.id === id)
      const until = this.#now() + seconds * 1000
      // Round the whole queue and back at one that was passed over: nothing else is free.
      if (known) {
        known.until = until
        return null
      }
      this.#last = id
      this.#held.push({ id, until, wasShown: false })
      return id
    }
    return null
  }
}
