import { seededRandom } from '../../data/statistics/random.ts'

/** Share of a batch that is drawn by chance and read blind. */
export const AUDIT_SHARE = 0.1

/**
 * The audit's part of a batch: drawn before any strategy chooses, uniformly and without replacement from the whole
 * pool, in the order of chance, so that those read first are a uniform draw too. At least one case where the share is
 * above nought.
 */
export function drawAudit(
  pool: readonly string[],
  { batch, share = AUDIT_SHARE, seed }: { batch: number; share?: number; seed: number },
): string[] {
  const count = Math.ceil(Math.min(batch, pool.length) * share - 1e-9)
  // By name first, so that the draw depends on the cases and the seed only.
  return seededRandom(seed)
    .fork('audit')
    .sample([...pool].sort(), count)
}
