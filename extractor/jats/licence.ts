/** SPDX ids of the Creative Commons licences, by the letters between "cc" and the version. */
const KINDS = 'by|by-nc|by-nc-nd|by-nc-sa|by-nd|by-sa'

/** How the preprint servers name a paper without a licence: all rights are kept. */
const NONE = /^(?:cc[_-]?no|no[_ -]?(?:reuse|licen[cs]e)|none)$/i

/**
 * A licence as its source names it ("cc_by_nc_nd", "https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"), as an
 * SPDX id; "none" where all rights are kept; as it stands where it is none we know. The servers name no version: theirs
 * are 4.0 (the version they link to).
 */
export function licenceOf(named: string): string {
  const text = named.trim()
  if (NONE.test(text)) return 'none'
  const plain = text.toLowerCase().replace(/[_\s]+/g, '-')
  if (/publicdomain\/zero|^cc-?0\b|^cc-?0-|cc-zero/.test(plain)) return 'CC0-1.0'
  const url = new RegExp(`creativecommons\\.org/licenses?/(${KINDS})(?:/(\\d\\.\\d))?(?:/|$|[^a-z-])`).exec(
    plain,
  )
  const word = new RegExp(`^cc-(${KINDS})(?:-(?:v)?(\\d\\.\\d))?(?:-international)?$`).exec(plain)
  const found = url ?? word
  return found ? `CC-${found[1]!.toUpperCase()}-${found[2] ?? '4.0'}` : text
}
