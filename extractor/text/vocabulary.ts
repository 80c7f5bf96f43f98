import { NUMBER, type Token, UNKNOWN } from './tokens.ts'

/** A piece of a repaired token: `length` characters of the token stand for the word `as`. */
export interface Piece {
  length: number
  as: string
}

interface CharNode {
  next: Map<number, CharNode>
  word: boolean
}

export interface VocabularyParts {
  words: Iterable<string>
  common: Iterable<string>
  /** Key words that are looked for inside joined words and may be misspelt. */
  anchors: Iterable<string>
  /** Never repaired. */
  genuine: Iterable<string>
  aliases: Record<string, string>
  compounds: Iterable<string>
}

/** Words of two letters that may stand inside words joined by lost blanks. */
const SHORT = new Set([
  'no',
  'of',
  'in',
  'on',
  'or',
  'to',
  'by',
  'is',
  'as',
  'at',
  'ct',
  'an',
  'be',
  'we',
  'he',
])
const LONGEST_REPAIRED = 64
const REMEMBERED = 20_000

/**
 * The words of the lexicon as numbers, and the repair of words that PDFs and typists broke: lost blanks
 * ("groundglassopacities"), stray blanks ("consoli dation"), misspellings of long key words ("consolodation").
 * All work on one word is bounded, so that a text of a megabyte stays linear.
 */
export class Vocabulary {
  readonly #ids = new Map<string, number>()
  readonly #root: CharNode = { next: new Map(), word: false }
  readonly #anchors = new Map<string, string[]>()
  readonly #anchorSet = new Set<string>()
  readonly #genuine: Set<string>
  readonly #compounds: Set<string>
  readonly #shortAnchors: string[] = []
  readonly #aliases = new Map<string, number>()
  readonly #remembered = new Map<string, Piece[] | null>()

  constructor({ words, common, anchors, genuine, aliases, compounds }: VocabularyParts) {
    this.#compounds = new Set(compounds)
    this.#genuine = new Set(genuine)
    for (const word of words) this.#add(word)
    for (const word of common) this.#add(word)
    for (const anchor of anchors) {
      this.#add(anchor)
      this.#anchorSet.add(anchor)
      if (anchor.length < 5) this.#shortAnchors.push(anchor)
      const first = anchor[0] as string
      const list = this.#anchors.get(first)
      if (list) list.push(anchor)
      else this.#anchors.set(first, [anchor])
    }
    for (const [written, meant] of Object.entries(aliases)) {
      this.#add(meant)
      if (!this.#ids.has(written)) this.#aliases.set(written, this.idOf(meant))
    }
  }

  #add(word: string): void {
    if (this.#ids.has(word)) return
    this.#ids.set(word, this.#ids.size + NUMBER + 1)
    if (word.length < 2 || (word.length === 2 && !SHORT.has(word))) return
    let node = this.#root
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i)
      let next = node.next.get(code)
      if (!next) {
        next = { next: new Map(), word: false }
        node.next.set(code, next)
      }
      node = next
    }
    node.word = true
  }

  get size(): number {
    return this.#ids.size + NUMBER + 1
  }

  idOf(word: string): number {
    const id = this.#ids.get(word) ?? this.#aliases.get(word)
    if (id !== undefined) return id
    return word.endsWith("'s") ? this.idOf(word.slice(0, -2)) : UNKNOWN
  }

  knows(word: string): boolean {
    return this.#ids.has(word) || this.#aliases.has(word)
  }

  /** The words a token stands for; null where it stands for itself. */
  repair(word: string): Piece[] | null {
    if (word.length > LONGEST_REPAIRED || this.knows(word)) return null
    if (
      word.length < 7 &&
      !this.#shortAnchors.some(anchor => word.length > anchor.length && word.includes(anchor))
    )
      return null
    const known = this.#remembered.get(word)
    if (known !== undefined) return known
    const pieces = this.#genuine.has(word) ? null : (this.#joined(word) ?? this.#misspelt(word))
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear()
    this.#remembered.set(word, pieces)
    return pieces
  }

  /** Splits joined words: all of it into known words with a key word among them, longest first words preferred. */
  #joined(word: string): Piece[] | null {
    const n = word.length
    // best[i]: the fewest words that make up word[0…i); from[i]: where the last of them begins.
    const best = new Int32Array(n + 1).fill(1000)
    const from = new Int32Array(n + 1).fill(-1)
    best[0] = 0
    for (let i = 0; i < n; i++) {
      if (best[i] === 1000) continue
      let node: CharNode | undefined = this.#root
      for (let j = i; j < n; j++) {
        node = node.next.get(word.charCodeAt(j))
        if (!node) break
        if (node.word && (best[i] as number) + 1 < (best[j + 1] as number)) {
          best[j + 1] = (best[i] as number) + 1
          from[j + 1] = i
        }
      }
    }
    if ((from[n] as number) >= 0) {
      const pieces: Piece[] = []
      for (let to = n; to > 0; to = from[to] as number) {
        const as = word.slice(from[to] as number, to)
        pieces.unshift({ length: as.length, as })
      }
      if (pieces.length > 1 && pieces.some(piece => this.#anchorSet.has(piece.as))) return pieces
    }
    return null
  }

  /** A long key word with one slip (two from eleven letters on), same first letter. */
  #misspelt(word: string): Piece[] | null {
    const slips = word.length >= 11 ? 2 : 1
    let found: string | null = null
    let least = slips + 1
    for (const anchor of this.#anchors.get(word[0] as string) ?? []) {
      if (anchor.length < 8 || Math.abs(anchor.length - word.length) > slips) continue
      const limit = anchor.length >= 11 ? slips : 1
      const distance = slipsBetween(word, anchor, limit)
      if (distance > limit) continue
      if (distance < least) {
        least = distance
        found = anchor
      }
    }
    return found === null ? null : [{ length: word.length, as: found }]
  }

  /** Puts together known words that a stray blank or a hyphen at a line's end took apart ("consoli dation"). */
  rejoin(tokens: Token[]): Token[] {
    let out: Token[] | null = null
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as Token
      let next = tokens[i + 1]
      let used = 1
      let joined: string | null = null
      if (token.kind === 'word' && token.word === UNKNOWN && token.text.length >= 3) {
        if (next?.text === '-' && !next.spaced) {
          next = tokens[i + 2]
          used = 2
        }
        if (next?.kind === 'word' && next.text.length >= 2 && token.text.length + next.text.length >= 8) {
          const word = token.text + next.text
          if (this.#anchorSet.has(word) && (next.word === UNKNOWN || used === 2)) joined = word
        }
      }
      if (joined === null && token.kind === 'word' && this.#compounds.has(token.text)) {
        // "ground- glass", "ground -glass", "ground – glass".
        const mark = tokens[i + 1]
        if (mark?.text === '-' && tokens[i + 2]?.kind === 'word' && tokens[i + 2]?.word !== UNKNOWN) {
          out ??= tokens.slice(0, i)
          out.push(token)
          i++
          continue
        }
      }
      if (joined !== null && next) {
        out ??= tokens.slice(0, i)
        out.push({
          ...token,
          word: this.idOf(joined),
          text: joined,
          cased: token.cased + next.cased,
          end: next.end,
        })
        i += used
      } else out?.push(token)
    }
    return out ?? tokens
  }
}

/** Edits between two words (insert, delete, replace, swap neighbours), or `limit` + 1. */
export function slipsBetween(a: string, b: string, limit: number): number {
  const width = b.length + 1
  let before = new Int32Array(width)
  let above = Int32Array.from({ length: width }, (_, j) => j)
  let row = new Int32Array(width)
  for (let i = 1; i <= a.length; i++) {
    row[0] = i
    let least = i
    for (let j = 1; j < width; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
      let cost = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + (same ? 0 : 1),
      )
      if (
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      )
        cost = Math.min(cost, (before[j - 2] as number) + 1)
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least > limit) return limit + 1
    const spare = before
    before = above
    above = row
    row = spare
  }
  return Math.min(above[b.length] as number, limit + 1)
}
