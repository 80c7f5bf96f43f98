import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'

/** How the backends say that memory is at its end: TensorFlow, V8, the C++ library, and our guard on wasm. */
const ENDED =
  /OOM when allocating|RESOURCE_EXHAUSTED|ResourceExhausted|out of memory|bad_alloc|Array buffer allocation failed|Invalid typed array length/i

export const isOutOfMemory = (error: unknown) =>
  codeOf(error) === 'out-of-memory' || ENDED.test(messageOf(error))

/**
 * The largest batch below one that was too large for which `attempt` (one step of training, its outcome thrown away)
 * goes through, by halves; 0 where not even one picture does.
 */
export async function fittingBatch(
  tooLarge: number,
  attempt: (batch: number) => void | Promise<void>,
): Promise<number> {
  for (let batch = Math.floor(tooLarge / 2); batch >= 1; batch = Math.floor(batch / 2)) {
    try {
      await attempt(batch)
      return batch
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
    }
  }
  return 0
}

export function outOfMemory(batch: number, fits: number, size: number, cause: unknown): LesionloopError {
  const what = `memory: a batch of ${batch} pictures of ${size} × ${size} does not fit`
  const todo =
    fits > 0
      ? `one of ${fits} does; run it again with --batch ${fits} in another folder`
      : 'nor does a single picture; use smaller pictures (--train-size) or freeze stages (--freeze)'
  return new LesionloopError('out-of-memory', `${what}: ${todo}`, { batch, fits }, { cause })
}
