import { type Calibrator, fitPlatt } from '../../data/statistics/calibrators.ts'
import { logit } from '../../data/statistics/logit.ts'

/** Fewer of a class than this, and a fitted slope says more of chance than of the head. */
const FEWEST = 8
/** The least slope: a head no better than chance keeps its order but says little more than the base rate. */
const LEAST_SLOPE = 0.02

/**
 * Platt scaling of one head on out-of-fold probabilities. A slope at or below nought, which would turn the order of
 * the cases round, becomes a small one around the base rate; `blind` then tells that the head knows nothing yet.
 */
export function calibrateHead(
  probabilities: readonly number[],
  labels: readonly number[],
): { calibrator: Calibrator | null; blind: boolean } {
  const positives = labels.reduce((sum, label) => sum + label, 0)
  if (positives < FEWEST || labels.length - positives < FEWEST) return { calibrator: null, blind: false }
  const fitted = fitPlatt(probabilities, labels)
  if (fitted?.kind === 'platt' && fitted.slope < LEAST_SLOPE) {
    const intercept = logit(positives / labels.length)
    return { calibrator: { kind: 'platt', slope: LEAST_SLOPE, intercept }, blind: true }
  }
  return { calibrator: fitted, blind: false }
}
