import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonIfThere, writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { preprint, SERVERS } from './details.ts'

/** What was asked for. */
export interface Search {
  server: (typeof SERVERS)[number]
  from: string
  to: string
  query: string
}

/** How far a search got: everything before `cursor` was looked at; `open` is what could not be fetched yet. */
const state = z.object({
  server: z.enum(SERVERS),
  from: z.string(),
  to: z.string(),
  query: z.string(),
  cursor: z.int().min(0),
  isDone: z.boolean(),
  open: z.array(preprint),
})
export type SearchState = z.infer<typeof state>

function fileOf(workspace: Workspace, { server, from, to, query }: Search): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([server, from, to, query]))
    .digest('hex')
    .slice(0, 12)
  return join(workspace.paths.fetch, 'searches', `${server}-${from}-${to}-${hash}.json`)
}

/** The state of a search; one that was finished begins again, since papers of its days may have come since. */
export async function searchState(workspace: Workspace, search: Search): Promise<SearchState> {
  const known = await readJsonIfThere(fileOf(workspace, search), state)
  if (known && !known.isDone) return known
  return { ...search, cursor: 0, isDone: false, open: known?.open ?? [] }
}

export async function keepSearchState(workspace: Workspace, now: SearchState): Promise<void> {
  await writeJson(workspace.files, fileOf(workspace, now), now)
}
