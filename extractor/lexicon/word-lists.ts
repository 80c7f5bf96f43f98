import { readFileSync } from 'node:fs'
import { packagePath } from '../../data/workspace/package-root.ts'

/**
 * Short lists of words that rules of the miner look at by themselves (extractor/lexicon/word-lists.json): what stands
 * around panel letters, what ends a cue's scope in one case only, what hedges a diagnosis. A list may be changed there
 * without touching code.
 */
function read<Name extends string>(part: string, names: readonly Name[]): Record<Name, ReadonlySet<string>> {
  const lists = all[part] ?? {}
  return Object.fromEntries(names.map(name => [name, new Set(lists[name] ?? [])])) as unknown as Record<
    Name,
    ReadonlySet<string>
  >
}

const all: Record<string, Record<string, string[]>> = JSON.parse(
  readFileSync(packagePath('extractor', 'lexicon', 'word-lists.json'), 'utf8'),
)

/** Around panel letters. */
export const panelWords = read('panels', [
  'joiners',
  'leads',
  'figure',
  'annex',
  'verbs',
  'notBefore',
  'showVerbs',
  'boundaries',
  'resets',
  'whole',
  'newPicture',
  'refers',
] as const)

/** Around names of diseases. */
export const flagWords = read('flag', [
  'hedges',
  'hedgesAfter',
  'comes',
  'diagnosisBefore',
  'nameAfter',
  'headless',
  'people',
  'behindSuspected',
  'behindNegative',
  'imaging',
  'testBefore',
  'shows',
  'prefixes',
  'concludes',
] as const)

/** In and at the ends of scopes. */
export const assertionWords = read('assertion', [
  'narrowEnd',
  'now',
  'inside',
  'points',
  'afterAnd',
  'alternative',
  'changes',
] as const)

/** At the ends of sentences. */
export const sentenceWords = read('sentence', ['abbreviated'] as const)
