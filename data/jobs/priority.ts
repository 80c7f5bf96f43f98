import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** How many steps a job stands behind the server: at 10 it gets about a tenth of a processor that both want. */
const STEPS = 10

/**
 * Lets a job's process run when nobody else wants the processor, so that a save never waits for a training. On Linux
 * each thread has a priority of its own: the first is lowered first, since those it starts from then on take after it,
 * then those that are there. The system's order of reading and writing goes by the same number. A process that is gone,
 * or a system that refuses, changes nothing.
 * @param pid of a process that was just started.
 */
export function stepBack(pid: number): void {
  try {
    const lowered = Math.min(constants.priority.PRIORITY_LOW, getPriority(0) + STEPS)
    setPriority(pid, lowered)
    if (process.platform !== 'linux') return
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), lowered)
  } catch {
    // It runs at the server's own priority then, as it did before there was this.
  }
}
