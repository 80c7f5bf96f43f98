import { randomInt } from 'node:crypto'

/** Tables that grow one at a time, so that growing never holds the process. */
const TABLES = 256
const LEAST = 16

/**
 * Numbers of acts by their operation's id, without the ids: a hash and the number, some 16 bytes an act. Two ids may have
 * one hash (once in billions): what is found is a candidate, and its act tells whether it is the one.
 */
export class OperationIndex {
  private readonly tables = Array.from({ length: TABLES }, () => new Table())
  /** Another one in each process: nobody can make ids that share a hash. */
  private readonly seed = randomInt(2 ** 32)

  add(op: string, seq: number): void {
    const hash = this.hash(op)
    this.tables[hash % TABLES]!.add(hash, seq)
  }

  /** Numbers of the acts that may have this id, the first one first. */
  candidates(op: string): number[] {
    const hash = this.hash(op)
    return this.tables[hash % TABLES]!.find(hash)
  }

  /** FNV-1a over UTF-16 units, its bits mixed at the end (as MurmurHash3 does). */
  private hash(text: string): number {
    let hash = this.seed
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }
}

/** Open addressing: hash and number side by side, number 0 where a place is free. */
class Table {
  private cells = new Uint32Array(2 * LEAST)
  private count = 0

  add(hash: number, seq: number): void {
    // A quarter stays free, so that a search ends soon.
    if ((this.count + 1) * 8 > this.cells.length * 3) this.grow()
    put(this.cells, hash, seq)
    this.count++
  }

  find(hash: number): number[] {
    const { cells } = this
    const found: number[] = []
    for (let at = first(cells, hash); cells[at + 1] !== 0; at = (at + 2) % cells.length)
      if (cells[at] === hash) found.push(cells[at + 1]!)
    return found
  }

  private grow(): void {
    const old = this.cells
    this.cells = new Uint32Array(old.length * 2)
    // From behind a free place on, so that those of one hash keep their order.
    let start = 0
    while (old[start + 1] !== 0) start += 2
    for (let step = 2; step < old.length; step += 2) {
      const at = (start + step) % old.length
      if (old[at + 1] !== 0) put(this.cells, old[at]!, old[at + 1]!)
    }
  }
}

/** Where a hash's cells begin. Its lowest bits chose the table. */
const first = (cells: Uint32Array, hash: number) => 2 * (Math.floor(hash / TABLES) % (cells.length / 2))

function put(cells: Uint32Array, hash: number, seq: number): void {
  let at = first(cells, hash)
  while (cells[at + 1] !== 0) at = (at + 2) % cells.length
  cells[at] = hash
  cells[at + 1] = seq
}
