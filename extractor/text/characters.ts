/**
 * Text as PDFs, mails and word processors give it, brought to plain lower-case characters, with a way back:
 * `starts[i]`…`ends[i]` are the UTF-16 offsets of the original text that character i stands for.
 */
export interface PlainText {
  /** Lower case, ligatures and diacritics folded, one kind of hyphen and quote, soft hyphens gone. */
  text: string
  /** Letters as given, for panel letters and abbreviations (same length as `text`). */
  cased: string
  /** null: offsets are the identity (plain ASCII), which most texts are. */
  starts: Int32Array | null
  ends: Int32Array | null
}

const FOLDED: Record<string, string> = {
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'st',
  ﬆ: 'st',
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  ı: 'i',
  '…': '...',
  '×': 'x',
}

/** What UTF-8 punctuation looks like after it was read as Windows-1252, and what it was. */
const MOJIBAKE: [string, string][] = [
  ['â€“', '-'],
  ['â€”', '-'],
  ['â€‘', '-'],
  ['â€\u0090', '-'],
  ['â€\u0091', '-'],
  ['â€\u0093', '-'],
  ['â€\u0094', '-'],
  ['â€™', "'"],
  ['â€˜', "'"],
  ['â€œ', '"'],
  ['â€\u009d', '"'],
  ['â€\u009c', '"'],
  ['â€\u0099', "'"],
  ['â€\u0098', "'"],
  ['â€', '"'],
  ['\u00e2\u0080\u0090', '-'],
  ['\u00e2\u0080\u0091', '-'],
  ['\u00e2\u0080\u0093', '-'],
  ['\u00e2\u0080\u0094', '-'],
  ['\u00e2\u0080\u0099', "'"],
  ['ï¬\u0081', 'fi'],
  ['ï¬', 'fi'],
  ['ï¬‚', 'fl'],
  ['ï¬\u0082', 'fl'],
  ['Â\u00ad', ''],
  ['Â\u00a0', ' '],
  ['Â ', ' '],
  ['Ã©', 'e'],
  ['Ã¨', 'e'],
  ['Ã¶', 'o'],
  ['Ã¼', 'u'],
  ['Ã¤', 'a'],
]
const MOJIBAKE_STARTS = new Set(MOJIBAKE.map(([bad]) => bad.charCodeAt(0)))

const HYPHENS = new Set([
  0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xfe58, 0xfe63, 0xff0d, 0x00ac,
])
const DROPPED = new Set([0x00ad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff, 0xfffe])

const isLower = (code: number) => (code >= 97 && code <= 122) || (code >= 0xdf && code <= 0xff)
const isLetter = (code: number) =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0x24f)

/** Plain ASCII without a hyphen at a line's end needs no map. */
function isIdentity(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 126) return false
    if (code === 10 && i > 0) {
      const before = text.charCodeAt(i - 1)
      if (before === 45 || (before === 13 && text.charCodeAt(i - 2) === 45)) return false
    }
  }
  return true
}

/** Brings a text to plain characters in one pass; linear in its length. */
export function plainText(given: string): PlainText {
  if (isIdentity(given)) return { text: given.toLowerCase(), cased: given, starts: null, ends: null }
  const out: string[] = []
  const starts: number[] = []
  const ends: number[] = []
  const put = (chars: string, start: number, end: number) => {
    for (const char of chars) {
      out.push(char)
      starts.push(start)
      ends.push(end)
    }
  }
  for (let i = 0; i < given.length; ) {
    const code = given.charCodeAt(i)
    if (MOJIBAKE_STARTS.has(code)) {
      const found = MOJIBAKE.find(([bad]) => given.startsWith(bad, i))
      if (found) {
        put(found[1], i, i + found[0].length)
        i += found[0].length
        continue
      }
    }
    if (DROPPED.has(code)) {
      // A soft hyphen at a line's end takes the line break with it.
      i++
      if (code === 0x00ad) while (given.charCodeAt(i) === 10 || given.charCodeAt(i) === 13) i++
      continue
    }
    const hyphen = code === 45 || HYPHENS.has(code)
    if (hyphen && isLetter(given.charCodeAt(i - 1))) {
      let next = i + 1
      while (given.charCodeAt(next) === 32 || given.charCodeAt(next) === 13) next++
      if (given.charCodeAt(next) === 10) {
        next++
        while (given.charCodeAt(next) === 32) next++
        if (isLower(given.charCodeAt(next))) {
          // A word split at the line's end; where the hyphen belongs to it, the words are matched joined too.
          i = next
          continue
        }
      }
    }
    if (code < 127) put(given[i] as string, i, i + 1)
    else if (hyphen) put('-', i, i + 1)
    else if (code === 0x2018 || code === 0x2019 || code === 0x201b || code === 0x02bc || code === 0x00b4)
      put("'", i, i + 1)
    else if (code === 0x201c || code === 0x201d || code === 0x201e || code === 0x00ab || code === 0x00bb)
      put('"', i, i + 1)
    else if (code === 0x00a0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000)
      put(' ', i, i + 1)
    else if (code === 0x2028 || code === 0x2029 || code === 0x0085) put('\n', i, i + 1)
    else if (code >= 0xff01 && code <= 0xff5e) put(String.fromCharCode(code - 0xfee0), i, i + 1)
    else if (code === 0x3001) put(',', i, i + 1)
    else if (code === 0x3002) put('.', i, i + 1)
    else if (code === 0x2022 || code === 0x25cf || code === 0x25aa || code === 0x00b7) put('•', i, i + 1)
    else if (code >= 0xd800 && code <= 0xdbff && i + 1 < given.length) {
      put('*', i, i + 2)
      i++
    } else {
      const char = given[i] as string
      const folded = FOLDED[char]
      if (folded !== undefined) put(folded, i, i + 1)
      else {
        const base = char.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
        put(base.length === 1 ? base : base.length === 0 ? '' : char, i, i + 1)
      }
    }
    i++
  }
  const cased = out.join('')
  let text = cased.toLowerCase()
  // Some letters change their length in lower case; then letter by letter, keeping those.
  if (text.length !== cased.length)
    text = out.map(char => (char.toLowerCase().length === 1 ? char.toLowerCase() : char)).join('')
  return { text, cased, starts: Int32Array.from(starts), ends: Int32Array.from(ends) }
}
