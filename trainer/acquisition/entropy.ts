import { binaryEntropy } from '../../data/statistics/entropy.ts'
import { uncertaintyStrategy } from './uncertainty.ts'

/**
 * The entropy of the calibrated probabilities, in bits, summed over the learned heads (Shannon 1948; Settles 2009,
 * section 3.1): heads taken as independent, the entropy of the whole label.
 */
export const entropyStrategy = uncertaintyStrategy(
  'entropy',
  'cases the model is least sure of, over all heads together',
  probabilities => probabilities.reduce((sum, probability) => sum + binaryEntropy(probability), 0),
)
