import { createHash } from 'node:crypto'
import { LesionloopError } from '../../data/errors.ts'

/** Shard `at` (from 1) of `of` equal slices of all images there may ever be. */
export interface Shard {
  at: number
  of: number
}

/** Pictures of a shard where nothing else is said: minutes of work, and seconds for a process to begin. */
export const PICTURES_OF_A_SHARD = 2000

/** Digits of the id that place it among the others. */
const DIGITS = 8
const PLACES = 16 ** DIGITS

/**
 * Where an image stands among all there may be, 0 ≤ place < 16^8: the first digits of its id, which is the hash of its
 * pixels. It never changes, so that the same image is in the same shard whatever was added.
 */
export function placeOf(id: string): number {
  const isHash = /^[0-9a-f]{8}/.test(id)
  const digits = (isHash ? id : createHash('sha256').update(id).digest('hex')).slice(0, DIGITS)
  return Number.parseInt(digits, 16)
}

/** Number of the shard an image is in, from 1. */
export const shardOf = (id: string, of: number): number => 1 + Math.floor((placeOf(id) / PLACES) * of)

export const isInShard = (id: string, { at, of }: Shard): boolean => shardOf(id, of) === at

/** How many shards keep each near `each` pictures. */
export const shardsFor = (pictures: number, each = PICTURES_OF_A_SHARD): number =>
  Math.max(1, Math.ceil(pictures / each))

export const shardText = ({ at, of }: Shard): string => `${at}/${of}`

/** "3/7": the third of seven. @throws LesionloopError `usage`. */
export function readShard(text: string): Shard {
  const [, at, of] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? []
  const shard = { at: Number(at), of: Number(of) }
  if (shard.at >= 1 && shard.at <= shard.of) return shard
  throw new LesionloopError('usage', `shard: ${text}: expected K/N with K from 1 to N, such as 3/7`)
}
