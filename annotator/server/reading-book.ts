import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Act } from '../../data/records/act.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
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

/**
 * Every label that was given, in order, also those a person changed later: agreement is measured of first readings,
 * which nobody else's could have touched. The journal is read when somebody first asks; `take` keeps it up.
 */
export class ReadingBook {
  readonly #acts: ActStore
  readonly #undoBook: UndoBook
  readonly #bySeq = new Map<number, Reading>()
  readonly #byWho = new Map<string, Reading[]>()
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
    return [...this.#bySeq.values()]
      .filter(each => this.#undoBook.stands(each.seq))
      .sort((a, b) => a.seq - b.seq)
  }

  /**
   * Cases that a person has read and is to read once more: a share drawn by case and person, after a number of other
   * decisions of theirs. The longest waiting first.
   */
  async due(who: string, { share, after }: { share: number; after: number }): Promise<string[]> {
    if (share <= 0) return []
    await this.#ready()
    const own = (this.#byWho.get(who) ?? []).filter(each => this.#undoBook.stands(each.seq))
    const again = new Set(own.filter(each => each.repeat).map(each => each.case))
    const due = new Set<string>()
    for (const [at, reading] of own.entries()) {
      if (at + after >= own.length) break
      if (!again.has(reading.case) && isDrawn(`repeat ${who} ${reading.case}`, share)) due.add(reading.case)
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

  #put({ act, seq, at, who, case: id }: Act): void {
    if (act.kind !== 'label' || this.#bySeq.has(seq)) return
    const said = HEADS.map((head: Head) => {
      const word = head === 'flag' ? act.flag : act.lesions[head]
      return word === 'not-assessed' || act.notAssessable !== undefined ? null : word
    })
    const reading = { seq, at, who, case: id, said, blind: act.blind === true, repeat: act.repeat === true }
    this.#bySeq.set(seq, reading)
    const own = this.#byWho.get(who)
    if (!own) this.#byWho.set(who, [reading])
    else {
      let place = own.length
      while (place > 0 && own[place - 1]!.seq > seq) place--
      own.splice(place, 0, reading)
    }
  }
}
