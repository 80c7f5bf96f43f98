import type { ErrorReply } from '../../server/replies.ts'

/** A request that did not succeed. `status` 0: the server could not be reached. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly body: unknown

  constructor(status: number, code: string, message: string, body: unknown = null) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.body = body
  }
}

/** True where nobody answered, so that trying again later makes sense. */
export function unreachable(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 0 || error.status === 502 || error.status === 503)
}

/** The words of an error for the screen. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Reads a JSON answer, or throws what the server said. */
export async function answer<T>(
  response: Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>,
): Promise<T> {
  const reply = await response.catch(() => {
    throw new Refusal(
      0,
      'unreachable',
      'server: not reached: it may have been stopped; start it again with `npm start`',
    )
  })
  const body = await reply.json().catch(() => null)
  if (reply.ok) return body as T
  const { code, message } = (body as ErrorReply | null)?.error ?? {
    code: 'unexpected',
    message: `server: answered ${reply.status} without a reason; look into its log`,
  }
  throw new Refusal(reply.status, code, message, body)
}
