import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CaseState } from '../../data/records/case.ts'
import type { Store } from '../../data/stores/store.ts'
import { awaitsVerdict } from './adjudication.ts'

const PAGE = 100

/**
 * Ids of the cases that wait for a verdict, in the order in which they came to wait: found once among the labelled
 * ones, and kept up by what each act changed.
 */
export class DisputeBook {
  readonly #store: Store
  #waiting: Set<string> | null = null
  #finding: Promise<Set<string>> | null = null
  /** Cases that acts changed while the others were being found: found as they were, they are looked at once more. */
  #meanwhile = new Set<string>()

  constructor(store: Store) {
    this.#store = store
  }

  async ids(): Promise<ReadonlySet<string>> {
    if (this.#waiting) return this.#waiting
    this.#finding ??= this.#find().finally(() => {
      this.#finding = null
    })
    return await this.#finding
  }

  /** Takes in a case as it stands after an act. */
  take(state: CaseState): void {
    if (this.#finding) this.#meanwhile.add(state.id)
    else if (this.#waiting) put(this.#waiting, state)
  }

  /** Other processes changed the cases. */
  forget(): void {
    this.#waiting = null
  }

  async #find(): Promise<Set<string>> {
    const found = new Set<string>()
    this.#meanwhile = new Set()
    for (let offset = 0; ; offset += PAGE) {
      // Open ones are most of a large workspace, and none of them waits.
      const { rows } = await this.#store.cases.list({
        state: 'labelled',
        disagreement: true,
        sort: 'document',
        offset,
        limit: PAGE,
      })
      for (const state of rows) put(found, state)
      if (rows.length < PAGE) break
      await nextTurn()
    }
    for (const id of this.#meanwhile) {
      const state = await this.#store.cases.get(id)
      if (state) put(found, state)
    }
    this.#waiting = found
    return found
  }
}

function put(waiting: Set<string>, state: CaseState): void {
  if (awaitsVerdict(state)) waiting.add(state.id)
  else waiting.delete(state.id)
}
