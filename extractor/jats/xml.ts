import { LesionloopError } from '../../data/errors.ts'

/** An element as its local name; children in order, text as it stands with its references resolved. */
export interface XmlElement {
  name: string
  /** By local name: `xlink:href` is `href`. */
  attributes: Record<string, string>
  children: (XmlElement | string)[]
}

/** Deeper than any article, and than any hostile file needs to be taken. */
const DEEPEST = 300
const MOST_ELEMENTS = 2_000_000
const NAME = /[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*/uy
const ATTRIBUTE = /\s+([\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy

/** Named characters that articles use through the JATS document type; any other stays as it was written. */
const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  deg: '°',
  plusmn: '±',
  times: '×',
  le: '≤',
  ge: '≥',
  micro: 'µ',
  middot: '·',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  mu: 'μ',
  copy: '©',
  reg: '®',
}

/**
 * Reads XML 1.0 into a tree. Strict where a fault could hide text (tags that don't close, attributes twice), and safe
 * with hostile files: a document type is passed over, so that no entity is ever declared, expanded or fetched.
 * @throws LesionloopError `xml-malformed` (with the line), `xml-limits`.
 */
export function parseXml(text: string, name: string): XmlElement {
  return new XmlReader(text, name).document()
}

class XmlReader {
  readonly #text: string
  readonly #name: string
  #at = 0
  #elements = 0

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  document(): XmlElement {
    const open: XmlElement[] = []
    let root: XmlElement | undefined
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at)
      const end = next < 0 ? this.#text.length : next
      const between = this.#text.slice(this.#at, end)
      const parent = open.at(-1)
      if (parent && between) parent.children.push(resolved(between))
      else if (!parent && /[^\s\uFEFF]/.test(between)) this.#fail('text outside the root element')
      this.#at = end
      if (next < 0) break
      if (this.#skipped()) continue
      if (this.#text.startsWith('<![CDATA[', this.#at)) {
        const close = this.#find(']]>', 'a CDATA section')
        if (!parent) this.#fail('text outside the root element')
        parent.children.push(this.#text.slice(this.#at + 9, close))
        this.#at = close + 3
      } else if (this.#text[this.#at + 1] === '/') {
        const ended = this.#endTag()
        const begun = open.pop()
        if (!begun || begun.name !== ended)
          this.#fail(`</${ended}> closes ${begun ? `<${begun.name}>` : 'nothing'}`)
      } else {
        const { element, isEmpty } = this.#startTag()
        if (parent) parent.children.push(element)
        else if (root) this.#fail('a second root element')
        else root = element
        if (!isEmpty) open.push(element)
        if (open.length > DEEPEST) this.#tooMuch(`more than ${DEEPEST} elements inside each other`)
      }
    }
    const left = open.at(-1)
    if (left) this.#fail(`<${left.name}> is never closed: the file may be cut off`)
    if (!root) this.#fail('no element at all')
    return root
  }

  /** Comments, instructions and the document type: nothing of an article. */
  #skipped(): boolean {
    if (this.#text.startsWith('<!--', this.#at)) this.#at = this.#find('-->', 'a comment') + 3
    else if (this.#text.startsWith('<?', this.#at)) this.#at = this.#find('?>', 'an instruction') + 2
    else if (/^<!doctype/i.test(this.#text.slice(this.#at, this.#at + 9))) this.#doctype()
    else return false
    return true
  }

  #doctype(): void {
    const part = /"[^"]*"|'[^']*'|<!--[\s\S]*?-->|[[\]>]/g
    part.lastIndex = this.#at + 9
    let isInside = false
    for (let found = part.exec(this.#text); found; found = part.exec(this.#text)) {
      if (found[0] === '[') isInside = true
      else if (found[0] === ']') isInside = false
      else if (found[0] === '>' && !isInside) {
        this.#at = part.lastIndex
        return
      }
    }
    this.#fail('a document type that never ends')
  }

  #startTag(): { element: XmlElement; isEmpty: boolean } {
    if (++this.#elements > MOST_ELEMENTS) this.#tooMuch(`more than ${MOST_ELEMENTS} elements`)
    NAME.lastIndex = this.#at + 1
    const name = NAME.exec(this.#text)?.[0]
    if (!name) this.#fail('a "<" that begins no tag; write it as &lt;')
    let at = NAME.lastIndex
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>
    const seen = new Set<string>()
    for (;;) {
      ATTRIBUTE.lastIndex = at
      const found = ATTRIBUTE.exec(this.#text)
      if (!found) break
      if (seen.has(found[1]!)) this.#fail(`<${name}> has the attribute ${found[1]} twice`)
      seen.add(found[1]!)
      attributes[localName(found[1]!)] = resolved(found[2] ?? found[3] ?? '')
      at = ATTRIBUTE.lastIndex
    }
    const end = /\s*(\/?)>/uy
    end.lastIndex = at
    const closed = end.exec(this.#text)
    if (!closed) this.#fail(`<${name}>: a tag that is not well formed`)
    this.#at = end.lastIndex
    return { element: { name: localName(name), attributes, children: [] }, isEmpty: closed[1] === '/' }
  }

  #endTag(): string {
    NAME.lastIndex = this.#at + 2
    const name = NAME.exec(this.#text)?.[0]
    const end = /\s*>/uy
    end.lastIndex = NAME.lastIndex
    if (!name || !end.test(this.#text)) this.#fail('an end tag that is not well formed')
    this.#at = end.lastIndex
    return localName(name)
  }

  #find(mark: string, what: string): number {
    const found = this.#text.indexOf(mark, this.#at)
    if (found < 0) this.#fail(`${what} that never ends`)
    return found
  }

  #fail(fault: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length
    throw new LesionloopError(
      'xml-malformed',
      `xml: ${this.#name}: line ${line}: ${fault}; fetch the file again, or put it right`,
      { line },
    )
  }

  #tooMuch(fault: string): never {
    throw new LesionloopError(
      'xml-limits',
      `xml: ${this.#name}: ${fault}: no article is like this; leave it out`,
    )
  }
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1)

function resolved(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,32}));/gi, (whole, hex, decimal, name) => {
    if (name) return Object.hasOwn(NAMED, name) ? NAMED[name]! : whole
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    return isCharacter ? String.fromCodePoint(code) : '\ufffd'
  })
}

/** All elements of a name below an element, in order; those inside a found one too. */
export function* descendants(element: XmlElement, ...names: string[]): Generator<XmlElement> {
  for (const child of element.children) {
    if (typeof child === 'string') continue
    if (names.includes(child.name)) yield child
    yield* descendants(child, ...names)
  }
}

export const first = (element: XmlElement | undefined, ...names: string[]): XmlElement | undefined =>
  element ? descendants(element, ...names).next().value : undefined

export const elements = (element: XmlElement, ...names: string[]): XmlElement[] =>
  element.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && names.includes(child.name),
  )
