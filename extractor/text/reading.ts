import { plainText } from './characters.ts'
import type { CompiledLexicon, EntryMatch } from './compiled.ts'
import { type ScopedCue, scopesOf } from './scopes.ts'
import { type Sentence, sentencesOf } from './sentences.ts'
import { type Token, tokenize } from './tokens.ts'

/** A sentence with the patterns found in it and the scopes of its cues. */
export interface ReadSentence {
  sentence: Sentence
  matches: EntryMatch[]
  cues: ScopedCue[]
}

/** A text taken apart, before anything is concluded from it. */
export interface ReadText {
  tokens: Token[]
  matches: EntryMatch[]
  sentences: ReadSentence[]
}

/** Takes a text apart: tokens, patterns, sentences, scopes. */
export function readText(text: string, compiled: CompiledLexicon): ReadText {
  const tokens = tokenize(plainText(text), compiled.vocabulary)
  const matches = compiled.trie.scan(tokens)
  const sentences: ReadSentence[] = []
  let at = 0
  for (const sentence of sentencesOf(tokens, matches)) {
    const inside: EntryMatch[] = []
    while (at < matches.length && (matches[at] as EntryMatch).from < sentence.to) {
      const match = matches[at++] as EntryMatch
      if (match.to <= sentence.to) inside.push(match)
    }
    sentences.push({ sentence, matches: inside, cues: scopesOf(tokens, sentence, inside, compiled) })
  }
  return { tokens, matches, sentences }
}
