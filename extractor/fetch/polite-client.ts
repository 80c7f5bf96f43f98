import { setTimeout as delay } from 'node:timers/promises'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { packageVersion } from '../../data/workspace/package-root.ts'

export interface ClientOptions {
  /** Requests a second, at most. */
  rate?: number
  /** Times a request is tried. */
  attempts?: number
  /** First wait before a request is tried again, in milliseconds; doubles each time. */
  backoff?: number
  /** Milliseconds until the answer begins, and until the next bytes of it. */
  stallAfter?: number
  /** Milliseconds for one answer as a whole. */
  timeLimit?: number
  /** Address or page by which the server's keeper reaches the one who asks. */
  contact?: string
  /** Numbers in 0…1 that spread the waits. */
  random?: () => number
  signal?: AbortSignal
  /** A wait that a person may wonder about. */
  onWait?: (why: string) => void
}

export interface Answer {
  url: string
  contentType: string
  body: Uint8Array
}

const MOST_REDIRECTS = 5
/** A server that asks to wait longer than this is asked on another day. */
const LONGEST_WAIT = 15 * 60_000
/** Not now, but perhaps in a while. */
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504])

/** That an address will not answer otherwise however often it is asked. */
const isFinal = (error: unknown) => error instanceof LesionloopError && error.details['final'] === true

/**
 * Asks a server politely: one request after the other at a set rate, waiting as long as `Retry-After` says (seconds or
 * a date, RFC 9110 10.2.3), else by exponential backoff with full jitter. Answers are read up to a limit, and one that
 * is shorter than its `Content-Length` counts as none.
 */
export class PoliteClient {
  readonly #options: Required<Omit<ClientOptions, 'signal' | 'onWait' | 'contact'>> &
    Pick<ClientOptions, 'signal' | 'onWait'>
  readonly #agent: string
  #next = 0

  constructor(options: ClientOptions = {}) {
    const { contact, ...given } = options
    this.#options = {
      rate: 1,
      attempts: 5,
      backoff: 1000,
      stallAfter: 60_000,
      timeLimit: 10 * 60_000,
      random: Math.random,
      ...given,
    }
    this.#agent = `lesionloop/${packageVersion()}${contact ? ` (${contact})` : ''}`
  }

  /** @throws LesionloopError `fetch-status`, `fetch-redirects`, `fetch-too-large`, `fetch-truncated`, `fetch-network`, `fetch-address`. */
  async get(url: string, most: number): Promise<Answer> {
    const { attempts, signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#follow(url, most)
      } catch (error) {
        signal?.throwIfAborted()
        const asked =
          error instanceof LesionloopError ? (error.details['waitMs'] as number | undefined) : undefined
        if (isFinal(error) || attempt >= attempts || (asked ?? 0) > LONGEST_WAIT) throw error
        const most = this.#options.backoff * 2 ** (attempt - 1)
        const wait = asked ?? Math.round(most * (0.5 + this.#options.random() / 2))
        if (wait > 5000)
          this.#options.onWait?.(`${messageOf(error)}; trying again in ${Math.ceil(wait / 1000)} s`)
        await delay(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
      }
    }
  }

  async #follow(first: string, most: number): Promise<Answer> {
    let url = addressOf(first)
    const seen = new Set<string>()
    for (let redirects = 0; ; redirects++) {
      if (redirects > MOST_REDIRECTS || seen.has(url.href))
        throw failure('fetch-redirects', url, 'leads round in a circle of redirects; open it in a browser', {
          final: true,
        })
      seen.add(url.href)
      const answer = await this.#once(url, most)
      if (!(answer instanceof URL)) return answer
      url = answer
    }
  }

  async #once(url: URL, most: number): Promise<Answer | URL> {
    await this.#turn()
    const { signal, stallAfter, timeLimit } = this.#options
    const stop = new AbortController()
    const abort = () => stop.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const whole = setTimeout(() => stop.abort(new Error(`no end after ${timeLimit / 1000} s`)), timeLimit)
    const stall = setTimeout(() => stop.abort(new Error(`silent for ${stallAfter / 1000} s`)), stallAfter)
    try {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: stop.signal,
        headers: { 'user-agent': this.#agent, accept: '*/*' },
      })
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel()
        const location = response.headers.get('location')
        if (!location)
          throw failure('fetch-status', url, `${response.status} without an address; open it in a browser`, {
            final: true,
          })
        return addressOf(new URL(location, url).href)
      }
      if (!response.ok) {
        await response.body?.cancel()
        throw this.#refusal(url, response)
      }
      const body = await this.#read(url, response, most, stall)
      return { url: url.href, contentType: response.headers.get('content-type') ?? '', body }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof LesionloopError) throw error
      const why = stop.signal.aborted ? messageOf(stop.signal.reason) : causeOf(error)
      // What undici says of a body that ended before its Content-Length.
      if (/other side closed|terminated|premature close|content.length/i.test(why))
        throw failure('fetch-truncated', url, `the answer broke off (${why}); run it again`)
      throw failure('fetch-network', url, `no answer (${why}); check the network, and run it again`)
    } finally {
      clearTimeout(whole)
      clearTimeout(stall)
      signal?.removeEventListener('abort', abort)
      stop.abort()
    }
  }

  #refusal(url: URL, response: Response): LesionloopError {
    const { status } = response
    const waitMs = retryAfter(response.headers.get('retry-after'))
    const final = !AGAIN.has(status)
    const todo =
      status === 404
        ? 'not there; check the DOI and version'
        : final
          ? 'it will not hand it out; open it in a browser'
          : 'the server is busy; run the same command later'
    return failure('fetch-status', url, `status ${status}: ${todo}`, {
      status,
      final,
      ...(waitMs === undefined ? {} : { waitMs }),
    })
  }

  async #read(url: URL, response: Response, most: number, stall: NodeJS.Timeout): Promise<Uint8Array> {
    const tooLarge = () =>
      failure(
        'fetch-too-large',
        url,
        `more than ${Math.round(most / 1e6)} MB; raise --most-megabytes, or leave it out`,
        {
          final: true,
        },
      )
    const encoded = response.headers.get('content-encoding')
    const stated = Number(response.headers.get('content-length') ?? Number.NaN)
    if (stated > most) throw tooLarge()
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      stall.refresh()
      size += chunk.length
      if (size > most) throw tooLarge()
      chunks.push(chunk)
    }
    // A compressed answer's length is that of what was sent.
    if (!encoded && Number.isFinite(stated) && size !== stated)
      throw failure('fetch-truncated', url, `${size} of ${stated} bytes came; run it again`)
    return Buffer.concat(chunks)
  }

  async #turn(): Promise<void> {
    const { rate, signal } = this.#options
    const now = performance.now()
    const at = Math.max(now, this.#next)
    this.#next = at + 1000 / rate
    if (at > now) await delay(at - now, undefined, signal ? { signal } : {}).catch(() => undefined)
    signal?.throwIfAborted()
  }
}

/** Milliseconds that `Retry-After` asks to wait: seconds, or a date; undefined where it says nothing that can be read. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function addressOf(text: string): URL {
  let url: URL | undefined
  try {
    url = new URL(text)
  } catch {
    // Said below.
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new LesionloopError(
      'fetch-address',
      `fetch: ${text.slice(0, 200)}: expected an address that begins with http:// or https://`,
      { final: true },
    )
  return url
}

const failure = (code: string, url: URL, what: string, details: Record<string, unknown> = {}) =>
  new LesionloopError(code, `fetch: ${url.href}: ${what}`, details)

function causeOf(error: unknown): string {
  const cause = (error as { cause?: unknown } | null)?.cause
  return cause instanceof Error ? `${messageOf(error)}: ${messageOf(cause)}` : messageOf(error)
}
