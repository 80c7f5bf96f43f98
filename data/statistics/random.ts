/**
 * The project's one source of chance: xoshiro128** (Blackman and Vigna 2018, "Scrambled linear pseudorandom number
 * generators"), its state filled by splitmix32 from the seed. The same seed gives the same numbers on every machine.
 * Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number
  /** Uniform whole number in [0, below). */
  integer(below: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Gaussian (Marsaglia's polar method), by default standard. */
  normal(mean?: number, deviation?: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One item; throws RangeError where there is none. */
  choice<T>(items: readonly T[]): T
  /** `count` different items in chance's order (all of them, shuffled, where there are fewer). */
  sample<T>(items: readonly T[], count: number): T[]
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[]
  /** A stream of its own for a named part, so that a draw more in one part doesn't change another. */
  fork(name: string): Random
}

/** FNV-1a over UTF-16 units, so that words may be seeds too. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** One item by a draw of a whole number below a bound; throws RangeError where there is none. */
export function chosen<T>(items: readonly T[], integer: (below: number) => number): T {
  if (items.length === 0) throw new RangeError('random choice: no items: expected at least one')
  return items[integer(items.length)]!
}

/** A copy in chance's order (Fisher and Yates), by draws of whole numbers below a bound. */
export function shuffled<T>(items: readonly T[], integer: (below: number) => number): T[] {
  const copy = [...items]
  for (let at = copy.length - 1; at > 0; at--) {
    const other = integer(at + 1)
    ;[copy[at], copy[other]] = [copy[other]!, copy[at]!]
  }
  return copy
}

/** A generator for a seed: any whole number, or a word. */
export function seededRandom(seed: number | string): Random {
  const words =
    typeof seed === 'string' ? [hash32(seed), seed.length] : [seed >>> 0, Math.floor(seed / 2 ** 32) | 0]
  let mix = words[0]! ^ Math.imul(words[1]!, 0x85ebca6b)
  const splitmix = () => {
    mix = (mix + 0x9e3779b9) | 0
    let value = mix ^ (mix >>> 16)
    value = Math.imul(value, 0x21f0aaad)
    value ^= value >>> 15
    value = Math.imul(value, 0x735a2d97)
    return value ^ (value >>> 15)
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let d = splitmix()
  const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by))
  const bits32 = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }
  let spare: number | null = null

  const random: Random = {
    next: () => (bits32() >>> 5) / 134217728 + (bits32() >>> 6) / 9007199254740992,
    integer: below => Math.floor(random.next() * below),
    between: (low, high) => low + (high - low) * random.next(),
    normal: (mean = 0, deviation = 1) => {
      if (spare !== null) {
        const value = spare
        spare = null
        return mean + deviation * value
      }
      for (;;) {
        const x = 2 * random.next() - 1
        const y = 2 * random.next() - 1
        const square = x * x + y * y
        if (square === 0 || square >= 1) continue
        const factor = Math.sqrt((-2 * Math.log(square)) / square)
        spare = y * factor
        return mean + deviation * x * factor
      }
    },
    chance: probability => random.next() < probability,
    choice: items => chosen(items, random.integer),
    sample: (items, count) => random.shuffle(items).slice(0, Math.max(0, count)),
    shuffle: items => shuffled(items, random.integer),
    fork: name => seededRandom(`${seed}/${name}`),
  }
  return random
}
