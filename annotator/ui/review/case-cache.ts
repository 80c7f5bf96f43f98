import type { CaseState } from '../../../data/records/case.ts'
import type { CaseReply } from '../../server/replies.ts'

/** Cases fetched ahead and kept a while. The server's answer is the truth; what changed there is dropped here. */
export class CaseCache {
  readonly #fetch: (id: string) => Promise<CaseReply>
  readonly #size: number
  #entries = new Map<string, { promise: Promise<CaseReply>; reply?: CaseReply }>()

  constructor(fetch: (id: string) => Promise<CaseReply>, size = 64) {
    this.#fetch = fetch
    this.#size = size
  }

  /** The case where it is here already, without waiting. */
  peek(id: string): CaseReply | undefined {
    return this.#entries.get(id)?.reply
  }

  get(id: string): Promise<CaseReply> {
    const known = this.#entries.get(id)
    if (known) {
      this.#entries.delete(id)
      this.#entries.set(id, known)
      return known.promise
    }
    const entry: { promise: Promise<CaseReply>; reply?: CaseReply } = { promise: this.#fetch(id) }
    this.#keep(id, entry)
    entry.promise.then(
      reply => {
        entry.reply = reply
      },
      () => {
        if (this.#entries.get(id) === entry) this.#entries.delete(id)
      },
    )
    return entry.promise
  }

  /** Takes in a case that came with another answer. */
  put(reply: CaseReply): void {
    this.#keep(reply.case.id, { promise: Promise.resolve(reply), reply })
  }

  #keep(id: string, entry: { promise: Promise<CaseReply>; reply?: CaseReply }): void {
    this.#entries.set(id, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#size) break
      this.#entries.delete(oldest)
    }
  }

  /** Lays a newer state over a case that is here; older ones are ignored. */
  update(state: CaseState): CaseReply | undefined {
    const entry = this.#entries.get(state.id)
    if (!entry?.reply) {
      this.#entries.delete(state.id)
      return undefined
    }
    if (state.version >= entry.reply.case.version) {
      entry.reply = { ...entry.reply, case: state }
      entry.promise = Promise.resolve(entry.reply)
    }
    return entry.reply
  }

  /** Forgets a case, so that the next look fetches it afresh. */
  drop(id: string): void {
    this.#entries.delete(id)
  }

  /** Forgets every case of a figure: an act on the caption they share has changed them all. */
  dropFigure(document: string | null, figure: string | null): void {
    if (document === null || figure === null) return
    for (const [id, { reply }] of this.#entries)
      if (!reply || (reply.case.document === document && reply.case.figure === figure))
        this.#entries.delete(id)
  }

  clear(): void {
    this.#entries.clear()
  }
}
