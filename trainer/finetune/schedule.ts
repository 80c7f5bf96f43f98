import type { FinetuneOptions } from './options.ts'

/** Where each schedule begins and ends, as a share of the highest rate. */
const ENDS = {
  cosine: { first: 0, last: 0.01 },
  // Smith and Topin 2019, with the divisors PyTorch took: 1/25, and 1e-4 of that.
  'one-cycle': { first: 1 / 25, last: 1 / 25 / 1e4 },
  constant: { first: 0, last: 1 },
} as const

/**
 * The share of the highest rate at a step (from 0) of `total`: up over the warm-up, then down along half a cosine.
 * @returns over 0…1; never 0 within the warm-up, so that no step is wasted.
 */
export function rateShare(
  { schedule, warmup }: Pick<FinetuneOptions, 'schedule' | 'warmup'>,
  step: number,
  total: number,
): number {
  const { first, last } = ENDS[schedule]
  const rising = Math.round(warmup * total)
  if (step < rising) {
    const at = (step + 1) / rising
    // One cycle rises along a cosine too, the others in a line.
    const risen = schedule === 'one-cycle' ? (1 - Math.cos(Math.PI * at)) / 2 : at
    return first + (1 - first) * risen
  }
  const at = (step - rising) / Math.max(1, total - rising)
  return last + ((1 - last) * (1 + Math.cos(Math.PI * Math.min(1, at)))) / 2
}
