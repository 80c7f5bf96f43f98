import { LesionloopError } from '../../data/errors.ts'

/** The end of a run whose loss is no longer a number, or far above where it began. `last` is the last whole epoch. */
export function diverged(epoch: number, what: string, last: number): LesionloopError {
  return new LesionloopError(
    'fit-diverged',
    `fine-tuning: epoch ${epoch}: ${what}: training has diverged; ${last > 0 ? `the state of epoch ${last} stands in the run's folder; ` : ''}use lower rates (--backbone-rate, --head-rate), or clip harder (--clip), in another folder`,
    { epoch },
  )
}
