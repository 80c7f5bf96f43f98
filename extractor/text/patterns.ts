import { LesionloopError } from '../../data/errors.ts'
import type { Token } from './tokens.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * Patterns of the lexicon: words between blanks, `(a|b c)` for alternatives, `x?` for what may be missing,
 * `@class` for a word class, `#` for any number. Single words of a class share one edge of the trie, so that a
 * pattern of three classes costs three edges; matching costs a few steps a token whatever the text.
 */
export type Classes = Record<string, string[]>

const MOST_SEQUENCES = 20_000

/** All sequences a pattern stands for; `@name` in them stands for the single words of that class. */
export function expand(pattern: string, classes: Classes, seen: string[] = []): string[][] {
  let sequences: string[][] = [[]]
  for (const part of splitTop(pattern, ' ')) {
    if (part === '') continue
    const optional = part.length > 1 && part.endsWith('?')
    const core = optional ? part.slice(0, -1) : part
    let choices: string[][]
    if (core.startsWith('@')) {
      const name = core.slice(1)
      const { singles, phrases } = membersOf(name, classes, seen)
      choices = singles.length > 0 ? [[core], ...phrases] : phrases
    } else if (core.startsWith('(') && core.endsWith(')') && core.length > 2) {
      // Alternatives of single words share an edge, as a class without a name.
      const { singles, phrases } = membersOf(core, classes, seen)
      choices = singles.length > 2 ? [[`@${core}`], ...phrases] : [...singles.map(word => [word]), ...phrases]
    } else choices = [[core]]
    if (optional) choices = [...choices, []]
    sequences = sequences.flatMap(head => choices.map(tail => [...head, ...tail]))
    if (sequences.length > MOST_SEQUENCES)
      throw new LesionloopError(
        'lexicon-pattern',
        `lexicon: pattern "${pattern}": stands for more than ${MOST_SEQUENCES} sequences; split it into several`,
      )
  }
  return sequences
}

interface Members {
  singles: string[]
  phrases: string[][]
}
const remembered = new WeakMap<Classes, Map<string, Members>>()

/** The single words of a class, and its entries of several words; classes inside classes are opened. */
export function membersOf(name: string, classes: Classes, seen: string[] = []): Members {
  let known = remembered.get(classes)
  if (!known) {
    known = new Map()
    remembered.set(classes, known)
  }
  const before = known.get(name)
  if (before) return before
  const entries = name.startsWith('(') ? splitTop(name.slice(1, -1), '|') : classes[name]
  if (!entries)
    throw new LesionloopError(
      'lexicon-class',
      `lexicon: @${name}: no such class; add it to "classes" or mend the name`,
    )
  if (seen.includes(name))
    throw new LesionloopError(
      'lexicon-class',
      `lexicon: @${name}: contains itself; take it out of its own words`,
    )
  const singles: string[] = []
  const phrases: string[][] = []
  for (const entry of entries)
    for (const sequence of expand(entry, classes, [...seen, name])) {
      const only = sequence.length === 1 ? (sequence[0] as string) : null
      if (only === null) {
        if (sequence.length > 0) phrases.push(sequence)
      } else if (only.startsWith('@') && only.length > 1)
        singles.push(...membersOf(only.slice(1), classes, [...seen, name]).singles)
      else singles.push(only)
    }
  const members = { singles: [...new Set(singles)], phrases }
  known.set(name, members)
  return members
}

/** Splits at a sign outside brackets; a bracket alone between blanks is the sign itself. */
function splitTop(text: string, sign: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    const alone = (i === 0 || text[i - 1] === ' ') && (i === text.length - 1 || text[i + 1] === ' ')
    if (char === '(' && !alone) depth++
    else if (char === ')' && !alone && depth > 0) depth--
    else if (char === sign && depth === 0) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  parts.push(text.slice(from))
  return parts
}

interface Node<T> {
  /** Word ids, and class numbers as negative keys. */
  next: Map<number, Node<T>> | null
  hasClass: boolean
  ends: T[] | null
}

export interface Match<T> {
  entry: T
  /** Token positions, `to` exclusive. */
  from: number
  to: number
}

const newNode = <T>(): Node<T> => ({ next: null, hasClass: false, ends: null })

/** A trie over words and word classes; every entry has a `kind`, and of each kind the longest match at a token counts. */
export class PatternTrie<T extends { kind: string }> {
  readonly #root: Node<T> = newNode()
  readonly #begins: boolean[] = []
  readonly #classNumbers = new Map<string, number>()
  /** Classes of a word, as negative keys. */
  readonly #classesOf: (number[] | undefined)[] = []
  readonly #vocabulary: Vocabulary
  readonly #classes: Classes

  constructor(vocabulary: Vocabulary, classes: Classes) {
    this.#vocabulary = vocabulary
    this.#classes = classes
  }

  #keyOf(element: string): number {
    if (element === '#') return 1
    if (!element.startsWith('@') || element.length === 1) return this.#vocabulary.idOf(element)
    const known = this.#classNumbers.get(element)
    if (known !== undefined) return known
    const key = -(this.#classNumbers.size + 1)
    this.#classNumbers.set(element, key)
    for (const word of membersOf(element.slice(1), this.#classes).singles) {
      const id = word === '#' ? 1 : this.#vocabulary.idOf(word)
      const list = this.#classesOf[id]
      if (list) list.push(key)
      else this.#classesOf[id] = [key]
    }
    return key
  }

  add(sequence: string[], entry: T): void {
    if (sequence.length === 0) return
    let node = this.#root
    for (const element of sequence) {
      const key = this.#keyOf(element)
      node.next ??= new Map()
      if (key < 0) node.hasClass = true
      let next: Node<T> | undefined = node.next.get(key)
      if (!next) {
        next = newNode()
        node.next.set(key, next)
      }
      node = next
    }
    node.ends ??= []
    if (!node.ends.includes(entry)) node.ends.push(entry)
  }

  /** To be called after the last `add`. */
  seal(): this {
    for (let id = 0; id < this.#vocabulary.size; id++)
      this.#begins[id] =
        (this.#root.next?.has(id) ?? false) ||
        (this.#classesOf[id]?.some(key => this.#root.next?.has(key)) ?? false)
    return this
  }

  /** All longest matches of each kind, from left to right. */
  scan(tokens: readonly Token[]): Match<T>[] {
    const all: Match<T>[] = []
    const longest: Match<T>[] = []
    for (let i = 0; i < tokens.length; i++) {
      if (!this.#begins[(tokens[i] as Token).word]) continue
      longest.length = 0
      this.#walk(this.#root, tokens, i, i, longest)
      for (const match of longest) all.push(match)
    }
    return all
  }

  #walk(node: Node<T>, tokens: readonly Token[], from: number, at: number, longest: Match<T>[]): void {
    if (node.ends) for (const entry of node.ends) keep(longest, entry, from, at)
    if (!node.next || at >= tokens.length) return
    const word = (tokens[at] as Token).word
    const next = word === 0 ? undefined : node.next.get(word)
    if (next) this.#walk(next, tokens, from, at + 1, longest)
    if (node.hasClass) {
      const keys = this.#classesOf[word]
      if (keys)
        for (const key of keys) {
          const byClass = node.next.get(key)
          if (byClass) this.#walk(byClass, tokens, from, at + 1, longest)
        }
    }
  }
}

/** Keeps the longest match of a kind; of two equally long ones both, where they are different entries. */
function keep<T extends { kind: string }>(longest: Match<T>[], entry: T, from: number, to: number): void {
  for (let i = longest.length - 1; i >= 0; i--) {
    const other = longest[i] as Match<T>
    if (other.entry.kind !== entry.kind) continue
    if (other.to > to || (other.to === to && other.entry === entry)) return
    if (other.to < to) {
      longest.splice(i, 1)
    }
  }
  longest.push({ entry, from, to })
}
