import { uncertaintyStrategy } from './uncertainty.ts'

/**
 * The chance that the likeliest label is wrong in at least one head (Lewis and Gale 1994; Culotta and McCallum 2005
 * for a label of several parts): 1 − Π max(p, 1 − p) over the learned heads.
 */
export const leastConfidenceStrategy = uncertaintyStrategy(
  'least-confidence',
  'cases whose likeliest label is most likely wrong somewhere',
  probabilities =>
    1 - probabilities.reduce((sure, probability) => sure * Math.max(probability, 1 - probability), 1),
)
