import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, ProxyAgent, type Response } from 'undici'
import { LesionloopError, messageOf } from '../../../data/errors.ts'
import { packageVersion } from '../../../data/workspace/package-root.ts'

/** A way to the package index: its proxy, its certificates, and patience with a server that is busy. */
export interface Connection {
  /**
   * GET. A busy server (429, 502–504) and a failed connection are tried again a few times.
   * @throws LesionloopError `index-unreachable` where no answer came; any other answer is the caller's.
   */
  get(url: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  /** Between tries: 1, 2, 4 … times this. */
  readonly pauseMs: number
  close(): Promise<void>
}

const TRIES = 4
const BUSY = new Set([429, 502, 503, 504])

export function openConnection(
  settings: { proxy?: string | null; certificates?: string | null; pauseMs?: number } = {},
): Connection {
  const { proxy = null, certificates = null, pauseMs = 1000 } = settings
  const dispatcher = openDispatcher(proxy, certificates)
  return {
    pauseMs,
    async get(address, headers = {}, signal) {
      const { url, authorization } = withoutCredentials(address)
      const sent = {
        'user-agent': `lesionloop/${packageVersion()}`,
        ...(authorization ? { authorization } : {}),
        ...headers,
      }
      for (let attempt = 1; ; attempt++) {
        signal?.throwIfAborted()
        try {
          const response = await fetch(url, { dispatcher, headers: sent, ...(signal ? { signal } : {}) })
          if (!BUSY.has(response.status) || attempt === TRIES) return response
          await response.body?.cancel()
        } catch (error) {
          signal?.throwIfAborted()
          if (attempt === TRIES) throw unreachable(url, (error as { cause?: unknown }).cause ?? error)
        }
        await delay(pauseMs * 2 ** (attempt - 1), undefined, signal ? { signal } : {})
      }
    },
    close: () => dispatcher.destroy(),
  }
}

/** pip's proxy where it names one, else HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which Node's own fetch passes by. */
function openDispatcher(proxy: string | null, certificates: string | null): Dispatcher {
  const timeouts = { headersTimeout: 60_000, bodyTimeout: 60_000 }
  const ca = certificates === null ? {} : { ca: [...rootCertificates, readFileSync(certificates, 'utf8')] }
  const tls = { ...ca, timeout: 20_000 }
  try {
    if (proxy) return new ProxyAgent({ uri: proxy, requestTls: tls, ...timeouts })
    const named = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some(name => process.env[name])
    return named
      ? new EnvHttpProxyAgent({ requestTls: tls, connect: tls, ...timeouts } as EnvHttpProxyAgent.Options)
      : new Agent({ connect: tls, ...timeouts })
  } catch (error) {
    throw new LesionloopError(
      'proxy-invalid',
      `proxy: ${proxy ?? 'of the environment'}: ${messageOf(error)}; an address such as http://proxy:3128 was expected`,
      {},
      { cause: error },
    )
  }
}

/** A mirror's address may carry a name and password; they go into the header, and into no message. */
export function withoutCredentials(address: string): { url: string; authorization: string | null } {
  let url: URL
  try {
    url = new URL(address)
  } catch (error) {
    throw new LesionloopError(
      'index-invalid',
      `index: ${address}: an address such as https://mirror.example/simple/ was expected`,
      {},
      { cause: error },
    )
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    url: url.href,
    authorization: username ? `Basic ${Buffer.from(pair).toString('base64')}` : null,
  }
}

export function unreachable(url: string, cause: unknown): LesionloopError {
  const { host } = new URL(url)
  return new LesionloopError(
    'index-unreachable',
    `index: ${host}: can't be reached (${messageOf(cause) || 'no answer'}); go online, name a mirror with --index URL or LESIONLOOP_INDEX, a proxy with HTTPS_PROXY, or bring the files and give their folder with --from DIR`,
    { url },
    { cause },
  )
}
