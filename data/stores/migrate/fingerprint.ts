import { createHash } from 'node:crypto'
import type { Act } from '../../records/act.ts'
import type { CaseState } from '../../records/case.ts'

/** What two stores must have in common to hold the same, decision by decision. */
export interface Fingerprint {
  acts: number
  cases: number
  /** Over all acts in order, and over all cases as they stand in any order. */
  hash: string
}

const LARGEST = 1n << 256n

/**
 * Reads everything a store holds of acts and cases and hashes it. A case's hash is of its state as the fold of its acts
 * gives it; they are summed up, so that no order has to be agreed on.
 * @param visit gets how many were read.
 */
export async function fingerprint(
  acts: AsyncIterable<Act>,
  states: AsyncIterable<CaseState>,
  visit: (read: { acts: number; cases: number }) => void = () => {},
): Promise<Fingerprint> {
  const read = { acts: 0, cases: 0 }
  const ofActs = createHash('sha256')
  for await (const { seq, op, at, who, case: id, base, act } of acts) {
    ofActs.update(`${JSON.stringify([seq, op, at, who, id, base, act])}\n`)
    if (++read.acts % 1000 === 0) visit(read)
  }
  let sum = 0n
  for await (const state of states) {
    const hash = createHash('sha256').update(JSON.stringify(state)).digest('hex')
    sum = (sum + BigInt(`0x${hash}`)) % LARGEST
    if (++read.cases % 1000 === 0) visit(read)
  }
  visit(read)
  const hash = createHash('sha256').update(ofActs.digest()).update(sum.toString(16)).digest('hex')
  return { ...read, hash }
}
