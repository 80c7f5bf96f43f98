import { elements, type XmlElement } from './xml.ts'

/** Elements that begin a line of their own. */
const BLOCKS = new Set(['p', 'title', 'sec', 'list', 'list-item', 'disp-quote', 'disp-formula'])
/** What is said beside the text, not in it. */
const LEFT_OUT = new Set([
  'label',
  'graphic',
  'inline-graphic',
  'media',
  'object-id',
  'fn',
  'permissions',
  'tex-math',
  'annotation',
  'alt-text',
  'long-desc',
])

/** The text of an element without its mark-up: blocks parted by a blank, white space as one. */
export function plainText(element: XmlElement): string {
  let text = ''
  const walk = (node: XmlElement) => {
    for (const child of node.children) {
      if (typeof child === 'string') text += child
      else if (!LEFT_OUT.has(child.name)) {
        if (BLOCKS.has(child.name) || child.name === 'break') text += ' '
        walk(child)
        if (BLOCKS.has(child.name)) text += ' '
      }
    }
  }
  walk(element)
  return text.replace(/\s+/gu, ' ').trim()
}

/** A caption's title and paragraphs; a title without a stop gets one, so that it is no part of the next sentence. */
export function captionText(caption: XmlElement): string {
  const title = elements(caption, 'title')
    .map(plainText)
    .filter(Boolean)
    .map(text => (/[.:;!?…]["”’)]?$/u.test(text) ? text : `${text}.`))
  const rest: XmlElement = {
    ...caption,
    children: caption.children.filter(child => typeof child === 'string' || child.name !== 'title'),
  }
  return [...title, plainText(rest)].filter(Boolean).join(' ')
}
