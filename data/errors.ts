/**
 * Every error a user can meet. The message says the noun, the value and what was expected, and what to do:
 * `pdf: scan.pdf: page 3: encrypted; remove its password and mine it again`.
 */
export class LesionloopError extends Error {
  /** Stable, in kebab case, for programs: `pdf-encrypted`, `lock-held`, `act-conflict`. */
  readonly code: string
  /** What a program may want to know about it; printed with --json. */
  readonly details: Record<string, unknown>

  constructor(
    code: string,
    message: string,
    details: Record<string, unknown> = {},
    options: { cause?: unknown } = {},
  ) {
    super(message, options)
    this.name = 'LesionloopError'
    this.code = code
    this.details = details
  }
}

/** The message of anything that was thrown, in one line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\s*\n\s*/g, ' ')
}

/** The code of a lesionloop error or of a system error (`ENOENT`), else `unexpected`. */
export function codeOf(error: unknown): string {
  if (error instanceof LesionloopError) return error.code
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unexpected'
}
