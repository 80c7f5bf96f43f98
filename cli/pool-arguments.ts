import { LesionloopError } from '../data/errors.ts'
import type { PoolLimits } from '../data/pool/task.ts'

/** Arguments of verbs that hand many files to a pool of workers, said once; defaults stand in data/pool/limits.ts. */
export const POOL_ARGS = {
  workers: { type: 'string', description: 'files at a time, each in a process of its own (default: cores)' },
  'time-limit': { type: 'string', description: 'seconds a file may take (default 120)' },
  'memory-limit': { type: 'string', description: 'megabytes a worker may hold (default 2048)' },
} as const

type Given = Partial<Record<keyof typeof POOL_ARGS, string | undefined>>

/** Arguments as limits; what was not given is left out. @throws LesionloopError `usage`. */
export function limitsOf(verb: string, args: Given): Partial<PoolLimits> {
  const { workers, 'time-limit': time, 'memory-limit': memory } = args
  return {
    ...(workers === undefined ? {} : { workers: positive(verb, '--workers', workers, { whole: true }) }),
    ...(time === undefined ? {} : { timeLimit: positive(verb, '--time-limit', time) }),
    ...(memory === undefined ? {} : { memoryLimit: positive(verb, '--memory-limit', memory) }),
  }
}

/** Timers of Node end at 2^31 milliseconds; nobody waits as long for a file. */
const MOST = 2_000_000

function positive(verb: string, option: string, text: string, { whole = false } = {}): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0 && value <= MOST) || (whole && !Number.isInteger(value)))
    throw new LesionloopError(
      'usage',
      `${verb}: ${option} ${text}: expected a ${whole ? 'whole ' : ''}number above 0 and up to ${MOST}; give one, or leave it out`,
    )
  return value
}
