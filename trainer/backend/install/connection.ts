import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici'
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
  const dispatchers = openDispatchers(proxy, certificates)
  return {
    pauseMs,
    async get(address, headers = {}, signal) {
      const { url, authorization } = withoutCredentials(address)
      const sent = {
        'user-agent': `lesionloop/${packageVersion()}`,
        ...(authorization ? { authorization } : {}),
        ...headers,
      }
      const dispatcher = dispatchers.for(url)
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
    close: dispatchers.close,
  }
}

/** One dispatcher for each proxy in use, and one for the direct way. */
function openDispatchers(proxy: string | null, certificates: string | null) {
  const timeouts = { headersTimeout: 60_000, bodyTimeout: 60_000 }
  const ca = certificates === null ? {} : { ca: [...rootCertificates, readFileSync(certificates, 'utf8')] }
  const tls = { ...ca, timeout: 20_000 }
  const opened = new Map<string | null, Dispatcher>()
  return {
    for(url: string): Dispatcher {
      const uri = proxy ?? environmentProxy(new URL(url))
      const dispatcher = opened.get(uri) ?? open(uri)
      opened.set(uri, dispatcher)
      return dispatcher
    },
    close: async () => {
      await Promise.all([...opened.values()].map(dispatcher => dispatcher.destroy()))
    },
  }
  function open(uri: string | null): Dispatcher {
    if (uri === null) return new Agent({ connect: tls, ...timeouts })
    try {
      return new ProxyAgent({ uri, requestTls: tls, ...timeouts })
    } catch (error) {
      throw new LesionloopError(
        'proxy-invalid',
        `proxy: ${uri}: ${messageOf(error)}; an address such as http://proxy:3128 was expected`,
        {},
        { cause: error },
      )
    }
  }
}

/**
 * HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small letters first, as pip and curl read them; Node 20's fetch does not.
 * NO_PROXY: `*`, or hosts and the ends of hosts, with a port or without.
 */
export function environmentProxy(
  { protocol, hostname, port }: URL,
  environment: NodeJS.ProcessEnv = process.env,
): string | null {
  const read = (name: string) => environment[name] ?? environment[name.toUpperCase()] ?? ''
  const proxy = read(protocol === 'https:' ? 'https_proxy' : 'http_proxy') || read('all_proxy')
  const number = port || (protocol === 'https:' ? '443' : '80')
  const spared = read('no_proxy')
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
      if (only !== undefined && only !== number) return false
      return name === '' ? entry.startsWith('*') : hostname === name || hostname.endsWith(`.${name}`)
    })
  return proxy === '' || spared ? null : proxy
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
