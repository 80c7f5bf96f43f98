import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { type LiveAnswer, type LiveRequest, liveRequest } from '../../data/records/live.ts'

/**
 * Reads requests, a JSON line each, answers them one after the other, and resolves when the input ends: with the
 * server the process goes too. A line that is no request is answered where it has an id, and never stops it.
 */
export async function serveLines(
  input: Readable,
  output: Writable,
  answer: (request: LiveRequest) => Promise<unknown>,
  afterEach: () => void = () => undefined,
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    const reply = await answerOf(line, answer)
    output.write(`${JSON.stringify(reply)}\n`)
    afterEach()
  }
}

async function answerOf(
  line: string,
  answer: (request: LiveRequest) => Promise<unknown>,
): Promise<LiveAnswer> {
  let id = 0
  try {
    const raw: unknown = JSON.parse(line)
    const given = (raw as { id?: unknown } | null)?.id
    if (Number.isSafeInteger(given)) id = given as number
    const request = liveRequest.safeParse(raw)
    if (!request.success)
      throw new LesionloopError(
        'request-invalid',
        `request: ${request.error.issues[0]?.message ?? 'not understood'}`,
      )
    return { id, ok: true, result: await answer(request.data) }
  } catch (error) {
    return { id, ok: false, error: { code: codeOf(error), message: messageOf(error) } }
  }
}
