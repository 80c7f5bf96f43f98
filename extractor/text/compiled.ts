import type { Lesion } from '../../data/records/vocabulary.ts'
import type { CueCategory, Lexicon } from '../lexicon/lexicon.ts'
import { expand, type Match, membersOf, PatternTrie } from './patterns.ts'
import { Vocabulary } from './vocabulary.ts'

/** One entry of the lexicon as the trie carries it. Of each `kind` the longest match at a token counts. */
export type Entry =
  | { kind: Lesion; role: 'term'; id: string; lesion: Lesion }
  | { kind: 'skip'; role: 'skip'; id: string; reason: string }
  | {
      kind: 'cue'
      role: 'cue'
      id: string
      category: CueCategory
      direction: 'forward' | 'backward' | 'none'
      reach: number
      closing: boolean
      opening: boolean
      narrow: boolean
      wide: boolean
    }
  | { kind: 'section'; role: 'section'; id: string; skip: string | null }
  | { kind: 'flag' | 'status'; role: 'flag'; id: string; flag: FlagRole }

export type FlagRole = 'disease' | 'control' | 'other' | 'nothing' | 'confirmed' | 'suspected' | 'negative'

export type EntryMatch = Match<Entry>

/** The words that end a cue's scope, as marks per word id. */
export const END_ALL = 1
export const END_RELATIVE = 2
export const END_VERB = 4
export const RESUMES = 8
export const ELSEWHERE = 16
export const LUNG = 32
export const FINDING = 64
export const DIAGNOSIS = 128
/** Ends the scope of a cue that looks back: a verb that already says something else. */
export const END_PAST = 256

/** A lexicon made ready for matching: the vocabulary, one trie of all patterns, and marks per word. */
export interface CompiledLexicon {
  /** Whether a word that the lexicon does not list looks like the name of a disease. */
  looksLikeDisease: (word: string, before: string | undefined) => boolean
  vocabulary: Vocabulary
  trie: PatternTrie<Entry>
  marks: Uint16Array
  /** Words of several tokens that end a scope ("except for") are taken by their first word. */
  lexicon: Lexicon
}

/** Bounds the work on one cue, whatever the text. */
const WHOLE_SENTENCE = 150

/** Compiles a lexicon: some tens of milliseconds, once. */
export function compileLexicon(lexicon: Lexicon): CompiledLexicon {
  const patterns: { sequence: string[]; entry: Entry }[] = []
  const add = (list: string[], entry: Entry) => {
    for (const pattern of list)
      for (const sequence of expand(pattern, lexicon.classes)) patterns.push({ sequence, entry })
  }
  for (const term of lexicon.terms)
    add(term.patterns, { kind: term.lesion, role: 'term', id: term.id, lesion: term.lesion })
  for (const skip of lexicon.skips)
    add(skip.patterns, { kind: 'skip', role: 'skip', id: skip.id, reason: skip.reason })
  for (const cue of lexicon.cues)
    add(cue.patterns, {
      kind: 'cue',
      role: 'cue',
      id: cue.id,
      category: cue.category,
      direction: cue.direction,
      reach: cue.reach ?? WHOLE_SENTENCE,
      closing: cue.closing ?? false,
      opening: cue.opening ?? false,
      narrow: cue.narrow ?? false,
      wide: cue.wide ?? false,
    })
  for (const section of lexicon.sections)
    add(section.headers, { kind: 'section', role: 'section', id: section.id, skip: section.skip ?? null })
  const flags: [FlagRole, { id: string; patterns: string[] }[]][] = [
    ['disease', lexicon.flag.disease],
    ['control', lexicon.flag.control],
    ['other', lexicon.flag.other],
    ['nothing', lexicon.flag.nothing],
    ['confirmed', lexicon.flag.strong],
    ['suspected', lexicon.flag.suspected],
    ['negative', lexicon.flag.negative],
  ]
  for (const [flag, entries] of flags)
    for (const entry of entries)
      add(entry.patterns, {
        kind: flag === 'confirmed' || flag === 'suspected' || flag === 'negative' ? 'status' : 'flag',
        role: 'flag',
        id: entry.id,
        flag,
      })

  const words = new Set<string>()
  const addWord = (element: string) => {
    if (element.startsWith('@') && element.length > 1)
      for (const single of membersOf(element.slice(1), lexicon.classes).singles) words.add(single)
    else if (element !== '#') words.add(element)
  }
  const elements = new Set<string>()
  for (const { sequence } of patterns) for (const element of sequence) elements.add(element)
  for (const element of elements) addWord(element)
  const marked: [number, string[]][] = [
    [END_ALL, lexicon.ends.all],
    [END_RELATIVE, lexicon.ends.relative],
    [END_VERB, lexicon.ends.verbs],
    [RESUMES, lexicon.ends.resume],
    [END_PAST, lexicon.ends.past],
    [ELSEWHERE, lexicon.elsewhere.words],
    [LUNG, lexicon.elsewhere.lung],
    [FINDING, lexicon.classes['finding'] ?? []],
    [DIAGNOSIS, lexicon.classes['diagnosis'] ?? []],
  ]
  for (const [, list] of marked) for (const word of list) if (!word.includes(' ')) words.add(word)
  const { aliases, common, anchors, genuine, compounds } = lexicon.spelling
  const vocabulary = new Vocabulary({ words, common, anchors, genuine, aliases, compounds })
  const trie = new PatternTrie<Entry>(vocabulary, lexicon.classes)
  for (const { sequence, entry } of patterns) trie.add(sequence, entry)
  trie.seal()
  const marks = new Uint16Array(vocabulary.size)
  for (const [mark, list] of marked)
    for (const word of list)
      if (!word.includes(' ')) {
        const id = vocabulary.idOf(word)
        marks[id] = (marks[id] as number) | mark
      }
  return { vocabulary, trie, marks, lexicon, looksLikeDisease: diseaseTest(lexicon.flag) }
}

function diseaseTest(flag: Lexicon['flag']): CompiledLexicon['looksLikeDisease'] {
  const not = new Set(flag.notDiseases)
  const heads = new Set(flag.diseaseHeads)
  const modifiers = new Set(flag.notModifiers)
  // By their last three letters, so that most words cost one look-up.
  const ends = new Map<string, string[]>()
  for (const suffix of flag.suffixes) {
    const key = suffix.slice(-3)
    const list = ends.get(key)
    if (list) list.push(suffix)
    else ends.set(key, [suffix])
  }
  return (word, before) => {
    if (heads.has(word)) return before !== undefined && before.length > 2 && !modifiers.has(before)
    if (word.length < 6 || not.has(word)) return false
    return ends.get(word.slice(-3))?.some(suffix => word.endsWith(suffix)) ?? false
  }
}
