import { extname } from 'node:path'

const LONGEST = 120
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

const DEEPEST = 6

/**
 * A path inside a folder that was dropped, each part a safe name: rows of a table name their pictures by it. Nothing of it
 * leads out of the folder.
 */
export function safeRelativePath(given: string): string {
  const parts = given.split(/[/\\]/).filter(part => part !== '' && part !== '.' && part !== '..')
  return parts.length === 0 ? 'unnamed' : parts.slice(-DEEPEST).map(safeFileName).join('/')
}

/**
 * A name that came from outside as a plain name of one file: no folder, no control or bidirectional character, no
 * leading dot or dash (a name is later an argument of a command), none that Windows reserves, at most 120 units.
 */
export function safeFileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\-\s]+/, '')
    .replace(/[.\s]+$/, '')
  const named = RESERVED.test(plain) ? `_${plain}` : plain
  if (named === '') return 'unnamed'
  if (named.length <= LONGEST) return named
  const extension = extname(named).slice(0, 12)
  return named.slice(0, LONGEST - extension.length).replace(/[\ud800-\udbff]$/, '') + extension
}
