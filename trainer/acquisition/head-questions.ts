import type { PlacedHead } from './learned-heads.ts'
import type { Candidate } from './strategy.ts'
import { headName } from './words.ts'

/** What a head asks of the pool. */
export interface HeadQuestion extends PlacedHead {
  /** It has no positive yet and asks for cases the text calls positive. */
  byText: boolean
  /** What a case is worth to it, 0…1. */
  worth(candidate: Candidate): number
}

/** A finding the text hedges is worth less than one it states. */
const SAID: Readonly<Record<string, number>> = { positive: 1, present: 1, possible: 0.5 }

/** 1 − margin: 1 at even odds, 0 where the model is certain. */
export const marginOf = ({ probabilities }: Candidate, at: number) => 1 - Math.abs(2 * probabilities[at]! - 1)

/** How likely the text makes a head positive, 0 where it says nothing of it; among equals, the picture decides. */
export function likelyByText({ said, probabilities }: Candidate, at: number): number {
  const stated = SAID[said?.[at] ?? ''] ?? 0
  return stated * (0.9 + 0.1 * probabilities[at]!)
}

/** "GGO: the model is unsure (0.52), and little like it was read" */
export function whyAsked(candidate: Candidate, { head, at, byText }: HeadQuestion, novelty: number | null) {
  const name = headName(head)
  if (byText) {
    const hedged = candidate.said?.[at] === 'possible' ? 'the text calls it possible' : 'the text states it'
    return `${name}: ${hedged}, and no expert has read a positive yet`
  }
  const probability = candidate.probabilities[at]!
  const sure = marginOf(candidate, at) > 0.5 ? 'unsure' : 'fairly sure, less so of few others'
  return `${name}: the model is ${sure} (${probability.toFixed(2)})${novelty === null ? '' : likeness(novelty)}`
}

const likeness = (novelty: number) =>
  novelty > 0.6
    ? ', and nothing much like it was read'
    : novelty > 0.25
      ? ', and little like it was read'
      : ', though some like it were read'
