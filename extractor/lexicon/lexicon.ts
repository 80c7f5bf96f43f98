import { readFileSync } from 'node:fs'
import type { Lesion } from '../../data/records/vocabulary.ts'
import { packagePath } from '../../data/workspace/package-root.ts'

/** What a cue says of the words in its scope. `affirmed` takes the cues inside it out of play and says nothing. */
export type CueCategory =
  | 'negated'
  | 'possible'
  | 'resolved'
  | 'history'
  | 'hypothetical'
  | 'general'
  | 'affirmed'
  | 'asserted'

export interface CueEntry {
  id: string
  category: CueCategory
  direction: 'forward' | 'backward' | 'none'
  patterns: string[]
  /** Most words between the cue and what it speaks of; the sentence where absent. */
  reach?: number
  /** Counts only at the end of its sentence or before a sign: "Consolidation: none.", not "none of the…". */
  closing?: boolean
  /** Counts only at the head of its sentence: "Should consolidation develop". */
  opening?: boolean
  /** Its scope ends at a comma, "and", "with" or a verb: "resolved left lower lobe consolidation". */
  narrow?: boolean
  /** A hedge whose scope goes past "with" and "and": "there may be an infection with consolidation". */
  wide?: boolean
}

export interface TermEntry {
  id: string
  lesion: Lesion
  patterns: string[]
}

export interface SkipEntry {
  id: string
  reason: string
  patterns: string[]
}

export interface FlagEntry {
  id: string
  patterns: string[]
}

/** The lexicon, all of it data: extractor/lexicon/*.json, described and checked by schema.ts. */
export interface Lexicon {
  classes: Record<string, string[]>
  terms: TermEntry[]
  skips: SkipEntry[]
  /** Words that tell a lesion word of another organ from one of the lung, where no lung word stands by it. */
  elsewhere: { words: string[]; lung: string[] }
  cues: CueEntry[]
  ends: { all: string[]; relative: string[]; verbs: string[]; resume: string[]; past: string[] }
  sections: { id: string; headers: string[]; skip?: string }[]
  flag: {
    disease: FlagEntry[]
    strong: FlagEntry[]
    suspected: FlagEntry[]
    negative: FlagEntry[]
    control: FlagEntry[]
    other: FlagEntry[]
    /** Where the disease's name speaks of no patient: pandemic, vaccine, contact. */
    nothing: FlagEntry[]
    /** Endings that make a word a disease's name, and words that have one and name a finding. */
    suffixes: string[]
    notDiseases: string[]
    /** "… syndrome", "… disease", and the words before them that name no particular one. */
    diseaseHeads: string[]
    notModifiers: string[]
  }
  spelling: {
    aliases: Record<string, string>
    anchors: string[]
    common: string[]
    genuine: string[]
    /** First halves of compounds, which a hyphen with a blank beside it still joins ("ground- glass"). */
    compounds: string[]
  }
}

const FILES = ['classes', 'terms', 'cues', 'sections', 'flag', 'spelling'] as const

/** Reads the lexicon of the package. It is checked against its schema by the tests, not at every start. */
export function readLexicon(): Lexicon {
  const parts = Object.fromEntries(
    FILES.map(name => [
      name,
      JSON.parse(readFileSync(packagePath('extractor', 'lexicon', `${name}.json`), 'utf8')),
    ]),
  )
  return {
    classes: parts['classes'],
    terms: parts['terms'].terms,
    skips: parts['terms'].skips,
    elsewhere: parts['terms'].elsewhere,
    cues: parts['cues'].cues,
    ends: parts['cues'].ends,
    sections: parts['sections'].sections,
    flag: parts['flag'],
    spelling: parts['spelling'],
  }
}
