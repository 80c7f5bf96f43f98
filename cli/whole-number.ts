import { LesionloopError } from '../data/errors.ts'

/** A whole number from 0 on. @throws LesionloopError `usage`. */
export function wholeNumber(option: string, text: string | undefined): number {
  const value = Number(text ?? '')
  if (!text?.trim() || !Number.isSafeInteger(value) || value < 0)
    throw new LesionloopError(
      'usage',
      `options: --${option}: ${text ?? ''}: a whole number from 0 on was expected; see --help`,
    )
  return value
}
