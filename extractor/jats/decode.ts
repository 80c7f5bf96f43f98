import { LesionloopError } from '../../data/errors.ts'

/** Larger than any article: tables of genomes come as files of their own. */
export const XML_LIMIT = 64 << 20

/**
 * The text of an XML file by its byte order mark, else by what it declares, else UTF-8.
 * @throws LesionloopError `xml-empty`, `xml-limits`, `xml-encoding`.
 */
export function decodeXml(bytes: Uint8Array, name: string): string {
  if (bytes.length === 0) throw new LesionloopError('xml-empty', `xml: ${name}: 0 bytes; fetch it again`)
  if (bytes.length > XML_LIMIT)
    throw new LesionloopError(
      'xml-limits',
      `xml: ${name}: ${Math.round(bytes.length / 2 ** 20)} MB: expected at most ${XML_LIMIT / 2 ** 20} MB; leave it out`,
    )
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new LesionloopError(
      'xml-encoding',
      `xml: ${name}: not ${encoding}, as it says: fetch it again, or save it as UTF-8`,
      { encoding },
    )
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0x3c && bytes[1] === 0) return 'utf-16le'
  if (bytes[0] === 0 && bytes[1] === 0x3c) return 'utf-16be'
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
}

/** Whether bytes begin as XML does. */
export function isXml(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 400)).toString('latin1').replaceAll('\0', '')
  return /^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*<(?:\?xml|!DOCTYPE\s+(?!html)|!--|article\b)/i.test(
    head,
  )
}
