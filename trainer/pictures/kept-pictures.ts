import type { Preprocessing } from '../backbones/backbone.ts'
import type { Prepared } from './prepare.ts'

/**
 * Prepared pictures in memory, up to a limit. What came first stays: an epoch goes round through all pictures, so that
 * throwing out the oldest would throw out each one just before it is wanted again.
 */
export class KeptPictures {
  readonly #limit: number
  readonly #kept = new Map<string, Prepared>()
  #bytes = 0

  /** @param limit bytes of pixels. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#kept.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Prepared | null {
    return this.#kept.get(key) ?? null
  }

  put(key: string, prepared: Prepared): void {
    const bytes = prepared.picture.data.byteLength + (prepared.units?.data.byteLength ?? 0)
    if (this.#kept.has(key) || this.#bytes + bytes > this.#limit) return
    this.#kept.set(key, prepared)
    this.#bytes += bytes
  }
}

/** What tells prepared pictures apart: the picture, the size, the cleaning. */
export const keptKey = (item: { id: string; path: string }, size: number, { picture }: Preprocessing) =>
  JSON.stringify([item.id, item.path, size, picture ?? null])
