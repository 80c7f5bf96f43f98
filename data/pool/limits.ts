import { availableParallelism } from 'node:os'
import { LesionloopError } from '../errors.ts'
import type { PoolLimits } from './task.ts'

/** A preprint takes about a second; two minutes are for the book and the hostile file. */
export const TIME_LIMIT_S = 120
/** A figure of 100 million pixels takes about 1 GB while it is decoded and drawn. */
export const MEMORY_LIMIT_MB = 2048
const MOST_WORKERS = 256

/** Limits as given, else a worker a core, 120 s and 2,048 MB a file. */
export function poolLimits(given: Partial<PoolLimits> = {}): PoolLimits {
  return {
    workers: Math.min(MOST_WORKERS, given.workers ?? availableParallelism()),
    timeLimit: given.timeLimit ?? TIME_LIMIT_S,
    memoryLimit: given.memoryLimit ?? MEMORY_LIMIT_MB,
  }
}

export function timeError(noun: string, name: string, { timeLimit, advice }: PoolLimits): LesionloopError {
  return new LesionloopError(
    'file-time-limit',
    `${noun}: ${name}: took longer than ${timeLimit} s; ${advice ?? 'give it more with --time-limit, or leave it out'}`,
    { seconds: timeLimit },
  )
}

export function memoryError(
  noun: string,
  name: string,
  { memoryLimit, advice }: PoolLimits,
): LesionloopError {
  return new LesionloopError(
    'file-memory-limit',
    `${noun}: ${name}: needed more than ${memoryLimit} MB of memory; ${advice ?? 'give it more with --memory-limit, or leave it out'}`,
    { megabytes: memoryLimit },
  )
}

export function crashError(noun: string, name: string, how: string): LesionloopError {
  return new LesionloopError(
    'file-crashed',
    `${noun}: ${name}: its worker ended (${how}); leave this file out, or open it in a viewer and save it anew`,
  )
}

export function stuckError(noun: string, name: string, last: string): LesionloopError {
  return new LesionloopError(
    'file-stuck',
    `${noun}: ${name}: reading came to a standstill${last ? ` (${last})` : ''}: the file is damaged; open it in a viewer and save it anew, or leave it out`,
  )
}
