import { readFile } from 'node:fs/promises'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { ROLES } from '../data/records/vocabulary.ts'
import { roleOf } from './role.ts'
import { openTerminal, runVerb } from './terminal.ts'

const DEFAULT_PORT = 4040

export default defineCommand({
  meta: { name: 'serve', description: 'open the annotator on this machine; prints a one-time link' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    port: {
      type: 'string',
      description: `port to listen on (default ${DEFAULT_PORT}, or the next free one)`,
    },
    host: {
      type: 'string',
      default: '127.0.0.1',
      description: 'address to listen on; default: this machine alone',
    },
    address: {
      type: 'string',
      description:
        'address that people open where a proxy stands before the server (https://labels.example.org); https makes cookies secure',
    },
    'trusted-header': {
      type: 'string',
      description: 'header in which a proxy that authenticates names the person (X-Remote-User)',
    },
    'trusted-proxy': {
      type: 'string',
      description: 'address or network of that proxy, several with commas; the header counts from there only',
    },
    'trusted-role': {
      type: 'string',
      description: `role of people the proxy names who are not known here (${ROLES.join(', ')}); default: they are refused`,
    },
    work: {
      type: 'boolean',
      default: true,
      description: 'over a database: work on jobs too, in a process beside the server',
      negativeDescription: 'over a database: leave all jobs to `lesionloop worker` elsewhere',
    },
    log: { type: 'string', description: 'write the log to this file, a JSON object a line; - for stderr' },
    metrics: { type: 'boolean', description: 'figures in Prometheus form at /metrics, for this machine' },
    'metrics-token-file': {
      type: 'string',
      description: 'file with the token with which another machine may read /metrics',
    },
    json: { type: 'boolean', description: 'print {url, loginLink} as JSON' },
  },
  async run({ args }) {
    const terminal = openTerminal({ json: args.json ?? false })
    await runVerb(terminal, async () => {
      const { startServer } = await import('../annotator/server/start.ts')
      const server = await startServer({
        workspace: args.workspace,
        host: args.host,
        port: args.port === undefined ? { next: DEFAULT_PORT } : portOf(args.port),
        ...(args.log === undefined ? {} : { log: logTarget(args.log) }),
        work: args.work,
        ...(args.address === undefined ? {} : { address: args.address }),
        ...trustedProxy(args),
        ...(await metricsKey(args)),
        onProblem: problem => terminal.say(problem.message),
      })
      if (terminal.json) terminal.print(JSON.stringify({ url: server.url, loginLink: server.loginLink }))
      else {
        terminal.print('')
        terminal.print(`  annotator   ${server.url}`)
        terminal.print('  open this   (works once)')
        terminal.print(`              ${server.loginLink}`)
        terminal.print('')
      }
      terminal.say('Ctrl-C stops it; what was saved is on the disk')
      await new Promise<void>(resolve => {
        if (terminal.signal.aborted) resolve()
        terminal.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      terminal.say('stopping: requests in flight finish')
      await server.close()
      return true
    })
  },
})

/** The three options of the proxy: header and address only go together. */
function trustedProxy(args: {
  'trusted-header'?: string | undefined
  'trusted-proxy'?: string | undefined
  'trusted-role'?: string | undefined
}) {
  const header = args['trusted-header']
  const proxy = args['trusted-proxy']
  const role = args['trusted-role']
  if (header === undefined && proxy === undefined && role === undefined) return {}
  if (header === undefined || proxy === undefined)
    throw new LesionloopError(
      'usage',
      'trusted proxy: both --trusted-header NAME and --trusted-proxy ADDRESS are needed, or anybody could say who they are',
    )
  const addresses = proxy.split(',').filter(Boolean)
  return { trustedProxy: { header, addresses, ...(role === undefined ? {} : { role: roleOf(role) }) } }
}

const logTarget = (given: string) => (given === '-' ? { json: 'stderr' as const } : { file: given })

const SHORTEST_TOKEN = 20

async function metricsKey(args: {
  metrics?: boolean | undefined
  'metrics-token-file'?: string | undefined
}) {
  const file = args['metrics-token-file']
  if (file === undefined) return args.metrics ? { metricsKey: { token: null } } : {}
  const token = (await readFile(file, 'utf8')).trim()
  if (token.length >= SHORTEST_TOKEN) return { metricsKey: { token } }
  throw new LesionloopError(
    'usage',
    `metrics-token-file: ${file}: a token of ${token.length} characters; ${SHORTEST_TOKEN} or more were expected (openssl rand -hex 20)`,
  )
}

function portOf(given: string): number {
  const port = Number(given)
  if (/^\d+$/.test(given) && port <= 65_535) return port
  throw new LesionloopError(
    'usage',
    `port: ${given}: a number from 0 to 65535 was expected; leave it out for ${DEFAULT_PORT}`,
  )
}
