import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Act } from '../../data/records/act.ts'
import { FLAG_LABELS, HEADS, LESION_LABELS } from '../../data/records/vocabulary.ts'
import { NumberColumn } from '../../data/stores/number-column.ts'
import type { ActStore } from '../../data/stores/store.ts'
import { isDrawn } from './drawn-share.ts'
import type { UndoBook } from './undo-book.ts'

/** How many other decisions lie between a reading and its repeat, unless a curator says otherwise. */
export const REPEAT_AFTER = 30

/** One person's label of a case at one time: what agreement is measured of. */
export interface Reading {
  seq: number
  at: string
  who: string
  case: string
  /** What was said of each head, null where it was not assessed; in the order of HEADS. */
  said: readonly (string | null)[]
  /** Given without seeing what the text says and the model thinks. */
  blind: boolean
  /** A second reading, blind to the first. */
  repeat: boolean
}

const LATER = 2000

/** What can be said of a head, as digits; 0: nothing. */
const SAYINGS: (string | null)[] = [
  null,
  ...new Set([...FLAG_LABELS, ...LESION_LABELS].filter(word => word !== 'not-assessed')),
]
const BLIND = SAYINGS.length ** HEADS.length
const REPEAT = 2 * BLIND
const KNOWN = 4 * BLIND

/**
 * Every label that was given, in order, also those a person changed later: agreement is measured of first readings,
 * which nobody else's could have touched. The journal is read when somebody first asks; `take` keeps it up. A reading is
 * one number and its time, by its sequence number; whose and of which case it is, the book of undos knows.
 */
export class ReadingBook {
  readonly #acts: ActStore
  readonly #undoBook: UndoBook
  readonly #readings = new NumberColumn(Uint32Array)
  readonly #times = new NumberColumn(Float64Array)
  #last = 0
  #read: Promise<void> | null = null

  constructor(acts: ActStore, undoBook: UndoBook) {
    this.#acts = acts
    this.#undoBook = undoBook
  }

  /** Takes in an act that was written; the same one again changes nothing. */
  take(act: Act): void {
    if (this.#read) this.#put(act)
  }

  /** All readings that stand, in the order in which they were given. */
  async all(): Promise<Reading[]> {
    await this.#ready()
    const found: Reading[] = []
    for (let seq = 1; seq <= this.#last; seq++) if (this.#stands(seq)) found.push(this.#reading(seq))
    return found
  }

  /**
   * Cases that a person has read and is to read once more: a share drawn by case and person, after a number of other
   * decisions of theirs. The longest waiting first.
   */
  async due(who: string, { share, after }: { share: number; after: number }): Promise<string[]> {
    if (share <= 0) return []
    await this.#ready()
    const own = this.#undoBook.actsOf(who).filter(seq => this.#stands(seq))
    const caseOf = (seq: number) => this.#undoBook.entry(seq)!.case
    const again = new Set(own.filter(seq => this.#has(seq, REPEAT)).map(caseOf))
    const due = new Set<string>()
    for (const seq of own.slice(0, Math.max(0, own.length - after))) {
      const id = caseOf(seq)
      if (!again.has(id) && isDrawn(`repeat ${who} ${id}`, share)) due.add(id)
    }
    return [...due]
  }

  #ready(): Promise<void> {
    this.#read ??= this.#readAll().catch((error: unknown) => {
      this.#read = null
      throw error
    })
    return this.#read
  }

  async #readAll(): Promise<void> {
    let count = 0
    for await (const act of this.#acts.read()) {
      this.#put(act)
      if (++count % LATER === 0) await nextTurn()
    }
  }

  #put({ act, seq, at }: Act): void {
    if (act.kind !== 'label') return
    let packed = KNOWN + (act.blind === true ? BLIND : 0) + (act.repeat === true ? REPEAT : 0)
    for (const [place, head] of HEADS.entries()) {
      const word = head === 'flag' ? act.flag : act.lesions[head]
      if (act.notAssessable === undefined)
        packed += Math.max(0, SAYINGS.indexOf(word)) * SAYINGS.length ** place
    }
    this.#readings.put(seq, packed)
    this.#times.put(seq, Date.parse(at))
    this.#last = Math.max(this.#last, seq)
  }

  #stands(seq: number): boolean {
    return this.#readings.get(seq) !== 0 && this.#undoBook.stands(seq)
  }

  #has(seq: number, what: number): boolean {
    return Math.floor(this.#readings.get(seq) / what) % 2 === 1
  }

  #reading(seq: number): Reading {
    const packed = this.#readings.get(seq)
    return {
      ...this.#undoBook.entry(seq)!,
      at: new Date(this.#times.get(seq)).toISOString(),
      said: HEADS.map((_, place) => SAYINGS[Math.floor(packed / SAYINGS.length ** place) % SAYINGS.length]!),
      blind: this.#has(seq, BLIND),
      repeat: this.#has(seq, REPEAT),
    }
  }
}
