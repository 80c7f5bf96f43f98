import { uncertaintyStrategy } from './uncertainty.ts'

/**
 * The smallest margin between the two answers of any learned head (Scheffer, Decomain and Wrobel 2001), as 1 − margin:
 * 1 where a head stands at 0.5.
 */
export const marginStrategy = uncertaintyStrategy(
  'margin',
  'cases where one head is nearest to even odds',
  probabilities => 1 - Math.min(...probabilities.map(probability => Math.abs(2 * probability - 1))),
)
