import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIP, isIPv6 } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { LesionloopError } from '../../data/errors.ts'
import type { Program } from '../../data/jobs/child.ts'
import { openJobs } from '../../data/jobs/open.ts'
import { startWorkerBeside } from '../../data/jobs/worker-beside.ts'
import { databaseOf } from '../../data/stores/database-address.ts'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import { createApp } from './app.ts'
import type { MetricsKey } from './context.ts'
import { openDesk } from './desk.ts'
import { keepHeapSmall } from './heap-growth.ts'
import { TrustedProxy, type TrustedProxyOptions } from './trusted-proxy.ts'
import type { UploadLimits } from './uploads.ts'
import { type LogTarget, openLog } from './watch/log.ts'
import { timedFiles } from './watch/timed-files.ts'

export interface ServerOptions {
  /** Folder of the workspace. */
  workspace: string
  /** Default 127.0.0.1: nobody else's machine gets in. */
  host?: string
  /** Port to listen on; 0: any free one; `next`: the first free one from there on. */
  port?: number | { next: number }
  /** Names beside localhost and addresses under which the server is reached. */
  hosts?: string[]
  /** Address that people open where a proxy stands before the server ("https://labels.example.org"). */
  address?: string
  /** The proxy that says who its people are. */
  trustedProxy?: TrustedProxyOptions
  /** Folder of the built page. */
  page?: string
  uploadLimits?: UploadLimits
  /** Where there is a database: whether a worker is started beside the server, as one of many. */
  work?: boolean
  /** What jobs run; the built command line where nothing else is said. */
  jobProgram?: Program
  /** Where the log goes; quiet where nothing is said: errors only, in plain words. */
  log?: LogTarget
  /** Lets the metrics be read: from this machine, or with a token. Off where nothing is said. */
  metricsKey?: MetricsKey
  /** Gets a line for each thing found wrong in the workspace's files when they are opened. */
  onProblem?: (problem: { item: string; code: string; message: string }) => void
}

export interface RunningServer {
  /** "http://127.0.0.1:4040" */
  url: string
  /** The owner's one-time link. */
  loginLink: string
  /** Makes a further one-time link for the owner. */
  newLoginLink(): Promise<string>
  /** Stops: open streams end, requests in flight finish, what is pending is written, locks are given back. */
  close(): Promise<void>
}

const TRIED_PORTS = 50
const DRAIN_MS = 5000
const IDLE_MS = 100

/**
 * Opens the workspace for labels, accounts and jobs and serves the annotator.
 * @throws LesionloopError `no-password` where others could reach it and nobody could log in, `port-taken`, `lock-held` where another server has the workspace, `workspace-missing`.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  keepHeapSmall()
  const host = options.host ?? '127.0.0.1'
  const log = openLog(options.log ?? 'quiet')
  let synced: (seconds: number) => void = () => undefined
  const workspace = await openWorkspace(options.workspace, {
    files: timedFiles(nodeFiles, seconds => synced(seconds)),
  })
  const store = await openStore(workspace, {
    // Not accounts: each change takes that lock for its moment, so that `user` works beside the server.
    write: ['labels', 'jobs'],
    ...(options.onProblem ? { onProblem: options.onProblem } : {}),
  })
  const closing: (() => Promise<void>)[] = [() => store.close()]
  try {
    const program = options.jobProgram ? { program: options.jobProgram } : {}
    const jobs = await openJobs(workspace, { store, ...program })
    closing.unshift(() => jobs.close())
    const worker =
      options.work && databaseOf(workspace) ? startWorkerBeside(workspace.dir, program) : undefined
    if (worker) closing.unshift(() => worker.close())
    const named = isIP(host) !== 0 ? [] : [host]
    const outside = options.address === undefined ? null : outsideAddress(options.address)
    const proxy = options.trustedProxy ? new TrustedProxy(options.trustedProxy) : null
    const { desk, at, warm, stop } = await openDesk({
      workspace,
      store,
      jobs,
      ...(options.jobProgram ? { program: options.jobProgram } : {}),
      hosts: [...named, ...(outside ? [outside.hostname] : []), ...(options.hosts ?? [])],
      ...(proxy ? { proxy } : {}),
      log,
      ...(options.metricsKey ? { metricsKey: options.metricsKey } : {}),
      ...(options.uploadLimits ? { uploadLimits: options.uploadLimits } : {}),
    })
    synced = seconds => desk.metrics.synced(seconds)
    closing.unshift(() => desk.model.close())
    closing.unshift(() => desk.sessions.close())
    if (!isLoopback(host) && !proxy && !(await desk.passwords.any(await desk.people.list())))
      throw nobodyYet(host, options.workspace)
    const app = createApp(desk, { page: options.page ?? packagePath('dist', 'annotator', 'ui') })
    const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
    const port = await listen(server, host, options.port ?? 0)
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : isIPv6(host) ? `[${host}]` : host
    const url = outside?.origin ?? `http://${shown}:${port}`
    at(url)
    log.info({ url, version: desk.version }, 'listening')
    // It fails again, with its words, when a page asks; a supervisor hears of it by /ready.
    warm().catch(error => {
      if (desk.stopping.aborted) return
      desk.condition.failedToWarm()
      log.error({ err: error }, 'queue or cases could not be read')
    })
    const newLoginLink = async () => `${url}/login#${await desk.sessions.makeLink(null)}`
    let closed: Promise<void> | null = null
    return {
      url,
      loginLink: await newLoginLink(),
      newLoginLink,
      close: () => {
        closed ??= (async () => {
          log.info('stopping')
          stop()
          // At once: what jobs need to stop at a safe point is not added to what requests need.
          await Promise.all([
            drain(server),
            worker?.close(),
            databaseOf(workspace) ? undefined : jobs.close(),
          ])
          for (const each of closing) await each()
          log.info('stopped')
          await log.flush()
        })()
        return closed
      },
    }
  } catch (error) {
    for (const each of closing) await each()
    throw error
  }
}

/** Whether only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host)
}

function nobodyYet(host: string, workspace: string): LesionloopError {
  return new LesionloopError(
    'no-password',
    `host: ${host}: other machines reach this, and nobody has a password yet; make one first: lesionloop user add NAME --role curator --workspace ${workspace}`,
  )
}

function outsideAddress(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username)
    return url
  throw new LesionloopError(
    'usage',
    `address: ${given.slice(0, 200)}: expected the address that people open, without a path (https://labels.example.org)`,
  )
}

async function listen(server: Server, host: string, port: number | { next: number }): Promise<number> {
  const first = typeof port === 'number' ? port : port.next
  const last = typeof port === 'number' ? port : port.next + TRIED_PORTS
  for (let next = first; ; next++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(next, host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EADDRINUSE' && next < last) continue
      if (code === 'EADDRINUSE')
        throw new LesionloopError(
          'port-taken',
          `port: ${next}: taken by another program; choose another with --port`,
        )
      if (code === 'EACCES')
        throw new LesionloopError(
          'port-refused',
          `port: ${next}: the system doesn't allow it; choose one above 1023`,
        )
      if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
        throw new LesionloopError(
          'host-invalid',
          `host: ${host}: not an address of this machine; leave out --host for this machine alone`,
        )
      throw error
    }
  }
}

/** No new connections; those in use finish within five seconds, idle ones end at once. */
async function drain(server: Server): Promise<void> {
  const ended = new Promise<void>(resolve => void server.close(() => resolve()))
  server.closeIdleConnections()
  // A connection becomes idle when the request on it is answered.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS)
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await ended
  clearInterval(idle)
  clearTimeout(late)
}
