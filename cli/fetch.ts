import { readFile } from 'node:fs/promises'
import { defineCommand } from 'citty'
import { codeOf, LesionloopError } from '../data/errors.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { FetchOptions, FetchResult } from '../extractor/fetch/fetch-documents.ts'
import type { RefreshResult } from '../extractor/fetch/source-facts.ts'
import { mineInto, printSettled } from './mine.ts'
import { DUPLICATES_ARG, printSides } from './sides.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

const NAMES = ['medrxiv', 'biorxiv'] as const

export default defineCommand({
  meta: { name: 'fetch', description: 'Fetch preprints by their servers’ public details, to be mined' },
  args: {
    server: { type: 'positional', description: 'medrxiv or biorxiv', required: false },
    from: { type: 'string', description: 'first day on which they were posted: 2020-05-01' },
    to: { type: 'string', description: 'last day' },
    query: {
      type: 'string',
      description: 'words that title or abstract must all hold; "a phrase", begin*, -without',
    },
    list: { type: 'string', description: 'a file of DOIs or addresses, one a line, instead of a search' },
    refresh: {
      type: 'boolean',
      description: 'ask again of what is in the workspace: licences, newer versions, withdrawals',
    },
    mine: { type: 'boolean', description: 'mine at once what came' },
    ...DUPLICATES_ARG,
    workspace: {
      type: 'string',
      default: './workspace',
      description: 'folder of the workspace; made where it is missing',
    },
    base: { type: 'string', description: 'address of the details, where it is another (api.biorxiv.org)' },
    content: { type: 'string', description: 'address of the papers, where it is another (the server’s own)' },
    rate: { type: 'string', default: '1', description: 'requests a second, at most' },
    contact: { type: 'string', description: 'e-mail or page, told to the server with every request' },
    'most-megabytes': { type: 'string', default: '100', description: 'size of a paper, at most' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const server = NAMES.find(name => name === args.server)
      if (args.server !== undefined && !server)
        throw new LesionloopError('usage', `fetch: ${args.server}: expected medrxiv or biorxiv`)
      const rate = positive('rate', args.rate)
      const most = positive('most-megabytes', args['most-megabytes']) * 1e6
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { acquireLock } = await import('../data/workspace/locks.ts')
      const { PoliteClient } = await import('../extractor/fetch/polite-client.ts')
      const { addressesOf } = await import('../extractor/fetch/servers.ts')
      const client = new PoliteClient({
        rate,
        ...(args.contact ? { contact: oneLine(args.contact) } : {}),
        signal: terminal.signal,
        onWait: why => terminal.say(why),
      })
      const own = (name: (typeof NAMES)[number]) => ({
        ...addressesOf(name),
        ...(args.base ? { api: args.base } : {}),
        ...(args.content ? { content: args.content } : {}),
      })
      const common = {
        client,
        addressesOf: own,
        now: () => new Date(),
        signal: terminal.signal,
        onProgress: terminal.progress,
      }
      if (args.refresh) {
        const workspace = await openWorkspace(args.workspace)
        return await refresh(workspace, common, terminal)
      }
      if (!server)
        throw new LesionloopError('usage', 'fetch: which server? expected medrxiv or biorxiv (or --refresh)')
      const options: FetchOptions = { ...common, addresses: own(server), most }
      const work = args.list
        ? await listed(args.list, server, options)
        : await searched(server, args, options)
      const workspace = await openWorkspace(args.workspace, { create: true })
      const lock = await acquireLock(workspace, 'documents')
      let result: FetchResult
      try {
        result = await work(workspace)
      } finally {
        await lock.release()
      }
      return await finish(
        workspace,
        result,
        { isMined: args.mine ?? false, duplicates: args.duplicates },
        terminal,
      )
    })
  },
})

async function searched(
  server: (typeof NAMES)[number],
  args: { from?: string | undefined; to?: string | undefined; query?: string | undefined },
  options: FetchOptions,
): Promise<(workspace: Workspace) => Promise<FetchResult>> {
  const { fetchSearch } = await import('../extractor/fetch/fetch-documents.ts')
  const { parseQuery } = await import('../extractor/fetch/query.ts')
  const [from, to] = [day('from', args.from), day('to', args.to)]
  if (from > to)
    throw new LesionloopError('usage', `fetch: --from ${from} is after --to ${to}; turn them round`)
  const query = args.query ?? ''
  const matches = parseQuery(query)
  return workspace => fetchSearch(workspace, { server, from, to, query }, matches, options)
}

async function listed(path: string, server: (typeof NAMES)[number], options: FetchOptions) {
  const { fetchList } = await import('../extractor/fetch/fetch-documents.ts')
  const text = await readFile(path, 'utf8').catch(error => {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new LesionloopError('file-missing', `fetch: --list ${path}: not found; check the path`)
  })
  return (workspace: Workspace) => fetchList(workspace, text, server, options)
}

async function finish(
  workspace: Workspace,
  result: FetchResult,
  { isMined, duplicates }: { isMined: boolean; duplicates: boolean },
  terminal: Terminal,
): Promise<boolean> {
  // A paper that was taken back marks what is there of it.
  const mined =
    isMined || result.withdrawn > 0
      ? await mineInto(workspace, isMined ? result.paths : [], { duplicates }, terminal)
      : undefined
  terminal.result({ ...result, ...(mined ? { mined } : {}) })
  if (!terminal.json) {
    terminal.print(
      `${result.looked} preprints looked at: ${result.noMatch} do not match, ${result.withdrawn} withdrawn, ${result.already} there already, ${result.fetched} fetched, ${result.failed} could not be fetched`,
    )
    if (mined && isMined)
      terminal.print(
        `${mined.mined} documents mined, ${mined.unchanged} already mined: ${mined.figures} figures, ${mined.cases} cases`,
      )
    if (mined) {
      printSettled(mined, terminal)
      printSides(mined, terminal)
    }
    if (result.failed > 0) terminal.print('What could not be fetched is tried again by the same command.')
    if (!isMined && result.paths.length > 0)
      terminal.print(`Mine it: lesionloop mine ${workspace.paths.fetch} --workspace ${workspace.dir}`)
  }
  return result.failed === 0 && (mined?.rejected.length ?? 0) === 0
}

async function refresh(
  workspace: Workspace,
  options: Omit<FetchOptions, 'addresses' | 'most'>,
  terminal: Terminal,
): Promise<boolean> {
  const { refreshDocuments } = await import('../extractor/fetch/source-facts.ts')
  const { acquireLock } = await import('../data/workspace/locks.ts')
  const lock = await acquireLock(workspace, 'documents')
  let result: RefreshResult
  try {
    result = await refreshDocuments(workspace, options)
  } finally {
    await lock.release()
  }
  const settled = await mineInto(workspace, [], {}, terminal)
  terminal.result({ ...result, marked: settled.marked })
  if (!terminal.json) {
    terminal.print(
      `${result.asked} documents asked for: ${result.changed.length} with something new, ${result.withdrawn.length} withdrawn or retracted, ${result.newer.length} with a newer version, ${result.failed} without an answer`,
    )
    for (const id of result.withdrawn) terminal.print(`  withdrawn or retracted: ${id}`)
    for (const { document, version } of result.newer)
      terminal.print(`  newer version: ${document}: version ${version} is out`)
    printSettled(settled, terminal)
  }
  return result.failed === 0
}

function day(name: string, value: string | undefined): string {
  const isDay = value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value)
  const parsed = isDay ? new Date(`${value}T00:00:00Z`) : undefined
  if (parsed && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value!)) return value!
  throw new LesionloopError('usage', `fetch: --${name} ${value ?? ''}: expected a day like 2020-05-01`)
}

function positive(name: string, value: string): number {
  const number = Number(value)
  if (number > 0 && number <= 10_000) return number
  throw new LesionloopError('usage', `fetch: --${name} ${value}: expected a number above 0`)
}

function oneLine(text: string): string {
  if (/^[\x20-\x7e]{1,200}$/.test(text)) return text
  throw new LesionloopError(
    'usage',
    'fetch: --contact: expected an e-mail address or a page, in plain letters',
  )
}
