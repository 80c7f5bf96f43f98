import type { ServerName } from './details.ts'

/** A line of a list of one's own. */
export type ListLine =
  | { kind: 'doi'; line: number; text: string; doi: string; version?: number; server?: ServerName }
  | { kind: 'address'; line: number; text: string; url: string }

const DOI = /^(10\.\d{4,9}\/[^\s?#]*[^\s?#.,;])$/
const PAGE =
  /^https?:\/\/(?:www\.)?(medrxiv|biorxiv)\.org\/content\/(?:early\/\d{4}\/\d{2}\/\d{2}\/)?(10\.\d{4,9}\/[^\s?#]+?)(?:\.(?:full|abstract|short|article).*)?(?:[?#].*)?$/i

/**
 * The DOIs and addresses of a list, one a line; blank lines and those that begin with # are passed over. A DOI may carry
 * its version (`v2`), the resolver's address or `doi:`; a page of the servers counts as its DOI.
 */
export function listLines(text: string): {
  lines: ListLine[]
  faults: { line: number; message: string }[]
} {
  const lines: ListLine[] = []
  const faults: { line: number; message: string }[] = []
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = i + 1
    const said = raw.trim()
    if (said === '' || said.startsWith('#')) continue
    const page = PAGE.exec(said)
    const named = page?.[2] ?? said.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/i, '')
    const doi = DOI.exec(named)?.[1]?.toLowerCase()
    if (doi) {
      const versioned = /^(.*\d)v(\d{1,3})$/.exec(doi)
      lines.push({
        kind: 'doi',
        line,
        text: said,
        doi: versioned?.[1] ?? doi,
        ...(versioned ? { version: Number(versioned[2]) } : {}),
        ...(page ? { server: page[1]!.toLowerCase() as ServerName } : {}),
      })
    } else if (/^https?:\/\/\S+$/i.test(said) && URL.canParse(said))
      lines.push({ kind: 'address', line, text: said, url: said })
    else
      faults.push({
        line,
        message: `list: line ${line}: ${said.slice(0, 100)}: expected a DOI (10.1101/…) or an address (https://…); correct the line`,
      })
  }
  return { lines, faults }
}
