import { LesionloopError } from '../../data/errors.ts'
import { isXml } from '../jats/decode.ts'

/** Some producers write a few bytes before the header or after the end. */
const NEAR = 1024

/**
 * Whether bytes are a whole PDF, by what they hold: a server may call an error page one.
 * @throws LesionloopError `fetch-not-pdf`, `fetch-truncated`.
 */
export function checkPdf(bytes: Uint8Array, url: string): void {
  const head = latin1(bytes.subarray(0, NEAR))
  if (!head.includes('%PDF-')) throw notA('fetch-not-pdf', 'PDF', head, url)
  if (!latin1(bytes.subarray(-4 * NEAR)).includes('%%EOF'))
    throw new LesionloopError('fetch-truncated', `fetch: ${url}: the PDF has no end (%%EOF); run it again`)
}

/**
 * Whether bytes are a whole article in XML.
 * @throws LesionloopError `fetch-not-xml`, `fetch-truncated`.
 */
export function checkArticle(bytes: Uint8Array, url: string): void {
  const text = latin1(bytes).replaceAll('\0', '')
  if (!isXml(bytes) || !/<(?:[\w-]+:)?article[\s>]/.test(text))
    throw notA('fetch-not-xml', "article's XML", text.slice(0, NEAR), url)
  if (!/<\/(?:[\w-]+:)?[\w-]+\s*>\s*(?:<!--[\s\S]*-->\s*)?$/.test(text.slice(-NEAR)))
    throw new LesionloopError('fetch-truncated', `fetch: ${url}: the XML has no end; run it again`)
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function notA(code: string, what: string, head: string, url: string): LesionloopError {
  const is = /<html|<!doctype html/i.test(head) ? 'a web page' : head === '' ? '0 bytes' : 'something else'
  return new LesionloopError(code, `fetch: ${url}: ${is} came, no ${what}; open it in a browser`)
}
