import { LesionloopError } from '../../data/errors.ts'
import type { CheckpointBackbone } from '../model/checkpoint.ts'
import type { LoadedBackbone } from './load.ts'

/**
 * Heads say nothing on features of other weights than those they learned on.
 * @throws LesionloopError `weights-mismatch`.
 */
export function checkBackbone(loaded: LoadedBackbone, wanted: CheckpointBackbone, cycle: string): void {
  if (loaded.weightsSha256 === wanted.weightsSha256) return
  throw new LesionloopError(
    'weights-mismatch',
    `weights: ${loaded.weightsName}: SHA-256 ${loaded.weightsSha256.slice(0, 12)}…: ${cycle} learned on ${wanted.weights} with ${wanted.weightsSha256.slice(0, 12)}…; give those with --init`,
    { found: loaded.weightsSha256, expected: wanted.weightsSha256 },
  )
}
