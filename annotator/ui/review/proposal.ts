import type { CaseState } from '../../../data/records/case.ts'
import {
  type FlagLabel,
  HEADS,
  type Head,
  type Lesion,
  type LesionLabel,
  type PerLesion,
} from '../../../data/records/vocabulary.ts'

/** The parts of a case that a proposal is made of. */
export type CaseSaid = Pick<CaseState, 'mined' | 'published'>

/** The model's calibrated probabilities for a case, and the operating threshold of each head. */
export interface ModelOpinion {
  flag: number
  lesions: PerLesion<number>
  thresholds: Record<Head, number>
}

/** The model's probability of a head, and whether it lies on the positive side of its threshold. */
export function modelSays(opinion: ModelOpinion, head: Head): { probability: number; yes: boolean } {
  const probability = head === 'flag' ? opinion.flag : opinion.lesions[head]
  return { probability, yes: probability >= opinion.thresholds[head] }
}

/** What stands in a row where the text is silent: the model's opinion where there is one, or always `absent`. */
export type SilentMeans = 'model' | 'absent'

export interface Proposal<Value> {
  value: Value
  source: 'text' | 'published' | 'model' | 'silent'
}

const LESION_BY_FINDING = {
  present: 'present',
  possible: 'uncertain',
  resolved: 'absent',
  absent: 'absent',
} as const

/** A lesion's proposal: the caption's word, else the dataset's label, else the model, else absent. */
export function proposedLesion(
  lesion: Lesion,
  said: CaseSaid,
  opinion: ModelOpinion | null,
  silent: SilentMeans,
): Proposal<LesionLabel> {
  const finding = said.mined.findings[lesion]
  if (finding !== 'none') return { value: LESION_BY_FINDING[finding], source: 'text' }
  if (said.published) return { value: said.published.findings[lesion], source: 'published' }
  if (opinion && silent === 'model')
    return { value: modelSays(opinion, lesion).yes ? 'present' : 'absent', source: 'model' }
  return { value: 'absent', source: 'silent' }
}

/** The flag's proposal, in the same order; not assessed where nobody says anything. */
export function proposedFlag(
  said: CaseSaid,
  opinion: ModelOpinion | null,
  silent: SilentMeans,
): Proposal<FlagLabel> {
  const { flag } = said.mined
  if (flag === 'positive' || flag === 'negative') return { value: flag, source: 'text' }
  if (flag === 'possible') return { value: 'uncertain', source: 'text' }
  if (said.published) return { value: said.published.flag, source: 'published' }
  if (opinion && silent === 'model')
    return { value: modelSays(opinion, 'flag').yes ? 'positive' : 'negative', source: 'model' }
  return { value: 'not-assessed', source: 'silent' }
}

/** Yes or no, where a text or a dataset says so; null where it is silent or hedges. */
function saidYes(said: CaseSaid, head: Head): boolean | null {
  if (head === 'flag') {
    if (said.mined.flag === 'positive') return true
    if (said.mined.flag === 'negative') return false
    return said.mined.flag === 'unstated' && said.published ? said.published.flag === 'positive' : null
  }
  const finding = said.mined.findings[head]
  if (finding === 'present') return true
  if (finding === 'absent' || finding === 'resolved') return false
  return finding === 'none' && said.published ? said.published.findings[head] === 'present' : null
}

/** True where text and model say the opposite of each other. */
export function disagrees(said: CaseSaid, opinion: ModelOpinion | null, head: Head): boolean {
  if (!opinion) return false
  const yes = saidYes(said, head)
  return yes !== null && yes !== modelSays(opinion, head).yes
}

/**
 * True where a label contradicts what was mined or published: a correction, which may name its cause.
 * `uncertain` contradicts a plain yes or no; `not assessed` contradicts nothing; a lesion no text names is
 * contradicted by `present` only.
 */
export function contradicts(said: CaseSaid, head: Head, value: FlagLabel | LesionLabel): boolean {
  if (value === 'not-assessed') return false
  const yes = saidYes(said, head)
  if (value === 'uncertain') return yes !== null
  const positive = value === 'present' || value === 'positive'
  if (yes !== null) return yes !== positive
  if (head === 'flag') return false
  return said.mined.findings[head] === 'none' && positive
}

/** What is said of a head before anybody looks: the caption's word, else the dataset's; null where both are silent. */
export function saidWord(said: CaseSaid, head: Head): { word: string; by: 'caption' | 'dataset' } | null {
  const byText = head === 'flag' ? said.mined.flag : said.mined.findings[head]
  if (byText !== 'unstated' && byText !== 'none') return { word: byText, by: 'caption' }
  if (!said.published) return null
  return { word: head === 'flag' ? said.published.flag : said.published.findings[head], by: 'dataset' }
}

/** The first disagreement in one line: "image says GGO 0.83; caption says absent". */
export function disagreementLine(said: CaseSaid, opinion: ModelOpinion | null): string | null {
  if (!opinion) return null
  const head = HEADS.find(each => disagrees(said, opinion, each))
  const text = head && saidWord(said, head)
  if (!head || !text) return null
  const named = head === 'flag' ? 'COVID' : head
  return `image says ${named} ${modelSays(opinion, head).probability.toFixed(2)}; ${text.by} says ${text.word}`
}
