import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { ScreeningEntry } from '../../data/records/screening.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { lastScreened, screened } from '../../data/workspace/screening.ts'
import { type Preprint, SERVERS, type ServerName, withdrawalOf } from './details.ts'
import {
  type DownloadOptions,
  download,
  downloadAddress,
  folderOf,
  isFetched,
  preprintId,
} from './downloads.ts'
import { type ListLine, listLines } from './list-file.ts'
import type { Query } from './query.ts'
import { keepSearchState, type Search, searchState } from './search-state.ts'
import { type Addresses, detailsPage } from './servers.ts'
import { markDocuments } from './source-facts.ts'

export interface FetchOptions extends RunOptions, DownloadOptions {
  /** Asked under both servers where a DOI's own is not known. */
  addressesOf: (server: ServerName) => Addresses
}

export interface FetchResult {
  /** Entries looked at. */
  looked: number
  noMatch: number
  fetched: number
  /** There already. */
  already: number
  withdrawn: number
  failed: number
  /** Folders and files of what matched and is there, to be mined. */
  paths: string[]
}

/**
 * Fetches what a server posted between two days (both included, as the server counts them) and a query matches. What is
 * there is not fetched again, also after a kill; what failed is tried again with the next run. Needs the `documents` lock.
 */
export async function fetchSearch(
  workspace: Workspace,
  search: Search,
  query: Query,
  options: FetchOptions,
): Promise<FetchResult> {
  const run = await FetchRun.begin(workspace, options)
  const state = await searchState(workspace, search)
  const { server } = search
  const again = state.open.splice(0)
  for (const [i, entry] of again.entries()) {
    run.report('trying again', i, again.length, preprintId(entry))
    if (!(await run.take(server, entry, () => true))) state.open.push(entry)
  }
  await keepSearchState(workspace, state)
  const seen = new Set<string>()
  for (;;) {
    options.signal?.throwIfAborted()
    run.report('asking the server', state.cursor, null)
    const page = await detailsPage(
      options.client,
      options.addresses,
      server,
      `${search.from}/${search.to}`,
      state.cursor,
    )
    for (const fault of page.faults)
      run.problem(`${server}, after ${state.cursor}`, 'fetch-entry', `fetch: ${server}: ${fault}; left out`)
    for (const [i, entry] of page.found.entries()) {
      run.report('fetching', state.cursor + i, page.total, preprintId(entry))
      if (!(await run.take(server, entry, query))) state.open.push(entry)
    }
    await run.flush()
    const ids = page.found.map(preprintId)
    const isNew = page.count > 0 && (ids.length === 0 || ids.some(id => !seen.has(id)))
    for (const id of ids) seen.add(id)
    state.cursor += page.count
    // A server that ignores the cursor would give its first page for ever.
    state.isDone = !isNew || (page.total !== null && state.cursor >= page.total)
    await keepSearchState(workspace, state)
    if (state.isDone) break
  }
  run.report('fetching', state.cursor, state.cursor)
  return await run.result()
}

/** Fetches the DOIs and addresses of a list, a line each; a line that can't be used is reported and left out. */
export async function fetchList(
  workspace: Workspace,
  text: string,
  server: ServerName,
  options: FetchOptions,
): Promise<FetchResult> {
  const run = await FetchRun.begin(workspace, options)
  const { lines, faults } = listLines(text)
  for (const { line, message } of faults) run.fail(`line ${line}`, 'fetch-list', message)
  for (const [i, line] of lines.entries()) {
    options.signal?.throwIfAborted()
    run.report('fetching', i, lines.length, line.text)
    try {
      if (line.kind === 'address') await run.takeAddress(line.url)
      else await run.takeDoi(line, server)
    } catch (error) {
      options.signal?.throwIfAborted()
      run.fail(`line ${line.line}`, codeOf(error), `line ${line.line}: ${messageOf(error)}`)
    }
    await run.flush()
  }
  run.report('fetching', lines.length, lines.length)
  return await run.result()
}

class FetchRun {
  readonly #workspace: Workspace
  readonly #options: FetchOptions
  readonly #result: FetchResult = {
    looked: 0,
    noMatch: 0,
    fetched: 0,
    already: 0,
    withdrawn: 0,
    failed: 0,
    paths: [],
  }
  /** The last word on each document: said again only where it changed. */
  readonly #outcomes: Map<string, string>
  #entries: Omit<ScreeningEntry, 'at'>[] = []

  private constructor(workspace: Workspace, options: FetchOptions, outcomes: Map<string, string>) {
    this.#workspace = workspace
    this.#options = options
    this.#outcomes = outcomes
  }

  static async begin(workspace: Workspace, options: FetchOptions): Promise<FetchRun> {
    const last = await lastScreened(workspace)
    return new FetchRun(workspace, options, new Map(last.map(({ document, outcome }) => [document, outcome])))
  }

  report(step: string, done: number, total: number | null, detail?: string): void {
    this.#options.onProgress?.({ step, done, total, ...(detail ? { detail } : {}) })
  }

  problem(item: string, code: string, message: string): void {
    const { looked } = this.#result
    this.#options.onProgress?.({
      step: 'fetching',
      done: looked,
      total: null,
      problem: { item, code, message },
    })
  }

  fail(item: string, code: string, message: string): void {
    this.#result.failed++
    this.problem(item, code, message)
  }

  /** Takes one version in, where it matches. @returns false where it could not be fetched and shall be tried again. */
  async take(server: ServerName, entry: Preprint, query: Query, source: string = server): Promise<boolean> {
    this.#options.signal?.throwIfAborted()
    this.#result.looked++
    const id = preprintId(entry)
    const withdrawal = withdrawalOf(entry)
    // Of a paper that is in the dataset this is news whatever its new title says.
    const marked = withdrawal
      ? await markDocuments(this.#workspace, {
          ...entry,
          server,
          checkedAt: this.#options.now().toISOString(),
        })
      : 0
    if (marked === 0 && !query(entry)) {
      this.#result.noMatch++
      this.#say(id, entry, source, 'query-no-match', 'title and abstract do not hold the words asked for')
      return true
    }
    if (withdrawal) {
      this.#result.withdrawn++
      this.#say(id, entry, source, 'withdrawn', withdrawal.reason)
      return true
    }
    if (isFetched(this.#workspace, id)) {
      this.#result.already++
      this.#result.paths.push(folderOf(this.#workspace, id))
      return true
    }
    try {
      const addresses = this.#options.addressesOf(server)
      const { folder, fault } = await download(this.#workspace, server, entry, {
        ...this.#options,
        addresses,
      })
      if (fault) this.problem(id, fault.code, `${fault.message} (the PDF of ${id} is kept)`)
      this.#result.fetched++
      this.#result.paths.push(folder)
      this.#say(id, entry, source, 'fetched', 'fetched, not mined yet')
      return true
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      // The disk is full: nothing more will come.
      if (!(error instanceof LesionloopError)) throw error
      this.fail(id, error.code, error.message)
      this.#say(id, entry, source, 'not-retrieved', error.message)
      return false
    }
  }

  async takeDoi({ doi, version, server: named }: Extract<ListLine, { kind: 'doi' }>, given: ServerName) {
    const asked = named ? [named] : [given, ...SERVERS.filter(other => other !== given)]
    for (const server of asked) {
      const path = doi.split('/').map(encodeURIComponent).join('/')
      const { found } = await detailsPage(
        this.#options.client,
        this.#options.addressesOf(server),
        server,
        path,
        'na',
      )
      const versions = found
        .filter(entry => entry.doi === doi)
        .sort((one, other) => other.version - one.version)
      const entry = version === undefined ? versions[0] : versions.find(each => each.version === version)
      if (!entry && versions.length === 0) continue
      if (!entry)
        throw new LesionloopError(
          'fetch-unknown',
          `fetch: ${doi}: version ${version}: not on ${server}, which has ${versions.map(each => each.version).join(', ')}; correct the line`,
        )
      await this.take(server, entry, () => true, 'list')
      return
    }
    throw new LesionloopError(
      'fetch-unknown',
      `fetch: ${doi}: not on ${asked.join(' or ')}; give the address of its PDF instead`,
    )
  }

  async takeAddress(url: string): Promise<void> {
    this.#result.looked++
    const { path, isNew } = await downloadAddress(this.#workspace, url, this.#options)
    this.#result[isNew ? 'fetched' : 'already']++
    this.#result.paths.push(path)
  }

  #say(
    document: string,
    { title }: Preprint,
    source: string,
    outcome: ScreeningEntry['outcome'],
    reason: string,
  ): void {
    const before = this.#outcomes.get(document)
    // What was mined of it since says more than that it does not match another search.
    if (before === outcome || (outcome === 'query-no-match' && before !== undefined)) return
    this.#outcomes.set(document, outcome)
    this.#entries.push({ document, ...(title ? { title } : {}), source, outcome, reason })
  }

  async flush(): Promise<void> {
    const entries = this.#entries
    this.#entries = []
    await screened(this.#workspace, entries)
  }

  async result(): Promise<FetchResult> {
    await this.flush()
    return this.#result
  }
}
