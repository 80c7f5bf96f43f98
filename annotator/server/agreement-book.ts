import { setTimeout as later, setImmediate as nextTurn } from 'node:timers/promises'
import type { CaseState } from '../../data/records/case.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import type { Store } from '../../data/stores/store.ts'
import { type Agreement, agreement, type ReadCase } from './agreement.ts'
import type { ReadingBook } from './reading-book.ts'
import type { AgreementReply } from './replies.ts'

/** How long an answer waits for what is being counted before it gives what was counted last. */
const PATIENCE_MS = 50
/** Cases read before other requests get their turn. */
const TOGETHER = 50

/**
 * Agreement as it was counted last. Its intervals cost a bootstrap for each pair and head: who asks after a new label
 * waits a moment for it, and is else given the last count, marked as stale, while the new one is made.
 */
export class AgreementBook {
  readonly #store: Store
  readonly #readings: ReadingBook
  #last: { key: string; found: Agreement } | null = null
  #counting: Promise<void> | null = null

  constructor(store: Store, readings: ReadingBook) {
    this.#store = store
    this.#readings = readings
  }

  async reply(): Promise<AgreementReply> {
    for (let waited = false; ; waited = true) {
      const key = await this.#key()
      if (this.#last?.key === key) return { ...this.#last.found, stale: false }
      if (waited && this.#last) return { ...this.#last.found, stale: true }
      this.#counting ??= this.#count().finally(() => {
        this.#counting = null
      })
      // The first one has nothing to be given meanwhile.
      if (this.#last) await Promise.race([this.#counting, later(PATIENCE_MS)])
      else await this.#counting
    }
  }

  async #key(): Promise<string> {
    return String(await this.#store.acts.lastSeq())
  }

  async #count(): Promise<void> {
    const key = await this.#key()
    const readings = await this.#readings.all()
    const cases = new Map<string, ReadCase>()
    for (const id of new Set(readings.map(each => each.case))) {
      const state = await this.#store.cases.get(id)
      if (state) cases.set(id, { group: state.patient, text: textOf(state) })
      if (cases.size % TOGETHER === 0) await nextTurn()
    }
    this.#last = { key, found: await agreement(readings, id => cases.get(id)) }
  }
}

function textOf(state: CaseState): (string | null)[] {
  return HEADS.map(head => {
    if (head === 'flag') return ['positive', 'negative'].includes(state.mined.flag) ? state.mined.flag : null
    const finding = state.mined.findings[head]
    if (finding === 'present') return 'present'
    return finding === 'absent' || finding === 'resolved' ? 'absent' : null
  })
}
