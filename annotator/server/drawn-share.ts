import { createHash } from 'node:crypto'

/**
 * Whether a name is among a share of all names, drawn by its hash: the same one always, without a list kept anywhere,
 * and a larger share holds the smaller one.
 */
export function isDrawn(name: string, share: number): boolean {
  if (share <= 0) return false
  if (share >= 1) return true
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32 < share
}
