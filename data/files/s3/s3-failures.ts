import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, LesionloopError, messageOf } from '../../errors.ts'
import { damaged } from '../failures.ts'
import { ObjectRace } from '../object-store.ts'

/** How often a request is sent, and the longest wait before the second: twice that before the third, and so on. */
const TRIES = 6
const WAIT_MS = 200

export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode

const CREDENTIALS =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|Forbidden|InvalidToken|ExpiredToken|CredentialsProviderError|InvalidSignature)/

/** What says that the request itself is wrong: to send it again would bring the same. */
function isFinal(error: unknown): boolean {
  if (error instanceof LesionloopError) return codeOf(error) !== 'files-damaged'
  const status = statusOf(error)
  if (CREDENTIALS.test((error as Error).name)) return true
  // 409: two conditional writes at once; Amazon asks for another try.
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 429].includes(status)
}

/** Sends again what the storage, or the way to it, failed to do; waits longer each time, by chance, so that not all come back at once. */
export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (isFinal(error) || tries === TRIES) throw error
      await delay(WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2))
    }
  }
}

/** The SDK's errors, as a person who runs the workspace can use them. */
export function inWords(error: unknown, shown: string, key: string): unknown {
  if (error instanceof LesionloopError) return error
  const status = statusOf(error)
  const name = (error as Error).name
  if (status === 412) return new ObjectRace(key)
  // The SDK's own look at what arrived.
  if (/checksum mismatch/i.test(messageOf(error))) return damaged(shown, key)
  if (name === 'NoSuchBucket')
    return new LesionloopError(
      'files-no-bucket',
      `files: ${shown}: no such bucket; make it, or correct the address`,
    )
  if (CREDENTIALS.test(name) || status === 401 || status === 403)
    return new LesionloopError(
      'files-refused',
      `files: ${shown}: the storage refused the credentials (${name}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or ~/.aws, and what they may do in this bucket`,
    )
  return new LesionloopError(
    'files-lost',
    `files: ${shown}: ${key}: the storage did not do it in ${TRIES} tries (${status ?? ''} ${name}: ${messageOf(error)}); check that it runs and is reached, then do it again: nothing half was kept`,
    { key },
  )
}
