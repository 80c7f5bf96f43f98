import { setTimeout as later, setImmediate as nextTurn } from 'node:timers/promises'

/** How long a walk goes on before other requests get their turn, in milliseconds. */
const SLICE_MS = 4

/** The same while nobody waits for it, and how long it then rests. */
const GENTLE_MS = 2
const PAUSE_MS = 6

/** A long walk through all cases that lets others go first; at leisure while nobody waits for it. */
export class Pace {
  hurried = false
  private since = performance.now()

  /** To be called at each step; says whether there is a rest to wait for. */
  get isDue(): boolean {
    return performance.now() - this.since >= (this.hurried ? SLICE_MS : GENTLE_MS)
  }

  async rest(): Promise<void> {
    if (this.hurried) await nextTurn()
    else await later(PAUSE_MS, undefined, { ref: false })
    this.since = performance.now()
  }
}
