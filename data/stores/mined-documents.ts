import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { MinedCase } from '../records/case.ts'
import type { MinedDocument } from './store.ts'

/**
 * The cases as they were mined, before any act, of the documents asked for: the last whole put of each (a header
 * `{"put":"<document>","count":2}` and as many lines). What earlier puts cut is kept beside it, since mining again puts a
 * document anew without that.
 */
export async function minedDocuments(
  path: string,
  isWanted: (document: string) => boolean,
): Promise<Map<string, MinedDocument>> {
  const found = new Map<string, MinedDocument>()
  if (!existsSync(path)) return found
  let open: { document: string; left: number; lines: string[] } | undefined
  const take = () => {
    if (!open || open.left > 0) return
    const cases = open.lines.map(line => JSON.parse(line) as MinedCase)
    const cut = cases.filter(each => each.drawn)
    found.set(open.document, { cases, cut: [...cut, ...(found.get(open.document)?.cut ?? [])] })
    open = undefined
  }
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const header = line.startsWith('{"put":') ? headerOf(line) : undefined
    if (header) {
      open = isWanted(header.put) ? { document: header.put, left: header.count, lines: [] } : undefined
    } else if (open) {
      open.lines.push(line)
      open.left--
    }
    take()
  }
  return found
}

function headerOf(line: string): { put: string; count: number } | undefined {
  try {
    const { put, count } = JSON.parse(line) as { put?: unknown; count?: unknown }
    return typeof put === 'string' && typeof count === 'number' ? { put, count } : undefined
  } catch {
    return undefined
  }
}
