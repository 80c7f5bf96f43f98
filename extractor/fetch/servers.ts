import { z } from 'zod'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { type Preprint, preprint, type ServerName } from './details.ts'
import type { PoliteClient } from './polite-client.ts'

export interface Addresses {
  /** Where the details are asked for; by default the API that serves both servers. */
  api: string
  /** Where papers lie: `{content}/content/{doi}v{version}.full.pdf`. */
  content: string
}

export const addressesOf = (server: ServerName): Addresses => ({
  api: 'https://api.biorxiv.org',
  content: `https://www.${server}.org`,
})

const PAGE_LIMIT = 64 << 20

const page = z.object({
  messages: z
    .array(
      z.object({
        status: z.string().optional(),
        count: z.coerce.number().int().min(0).optional().catch(undefined),
        total: z.coerce.number().int().min(0).optional().catch(undefined),
      }),
    )
    .optional(),
  collection: z.array(z.unknown()).optional(),
})

export interface DetailsPage {
  found: Preprint[]
  /** Entries that can't be used, and why. */
  faults: string[]
  /** Entries on this page, good and bad. */
  count: number
  total: number | null
}

/**
 * One page of a server's details: `/details/{server}/{what}/{cursor}/json`, up to 100 entries, `cursor` counting from 0.
 * @param what `{from}/{to}` (dates) or a DOI
 * @throws LesionloopError `fetch-answer` where the answer is no such page.
 */
export async function detailsPage(
  client: PoliteClient,
  { api }: Pick<Addresses, 'api'>,
  server: ServerName,
  what: string,
  cursor: number | 'na',
): Promise<DetailsPage> {
  const url = `${api.replace(/\/+$/, '')}/details/${server}/${what}/${cursor}/json`
  const { body } = await client.get(url, PAGE_LIMIT)
  const bad = (why: string) =>
    new LesionloopError('fetch-answer', `fetch: ${url}: ${why}; run it again, and report it where it stays`)
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (error) {
    throw bad(`not valid JSON (${messageOf(error)})`)
  }
  const checked = page.safeParse(json)
  if (!checked.success) throw bad('no page of details (a list "collection" was expected)')
  const { messages, collection = [] } = checked.data
  const message = messages?.[0]
  if (message?.status && message.status !== 'ok' && !/no posts|no articles|not found/i.test(message.status))
    throw bad(`the server says "${message.status.slice(0, 200)}"`)
  const found: Preprint[] = []
  const faults: string[] = []
  for (const [i, entry] of collection.entries()) {
    const read = preprint.safeParse(entry)
    if (read.success) found.push(read.data)
    else
      faults.push(
        `entry ${i + 1}: ${read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
      )
  }
  return { found, faults, count: collection.length, total: message?.total ?? null }
}
