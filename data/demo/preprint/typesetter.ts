import PDFDocument from 'pdfkit'
import type { Region } from '../../records/document.ts'

export type Pdf = InstanceType<typeof PDFDocument>

/** A new PDF with fixed dates and uncompressed text, so that its bytes depend on what is typeset alone. */
export function openPdf(title: string, date: Date): { pdf: Pdf; bytes: Promise<Buffer> } {
  const pdf = new PDFDocument({
    autoFirstPage: false,
    compress: false,
    margin: 0,
    info: {
      Title: title,
      Producer: 'lesionloop demo',
      Creator: 'lesionloop demo',
      CreationDate: date,
      ModDate: date,
    },
  })
  const chunks: Buffer[] = []
  const bytes = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  return { pdf, bytes }
}

export interface Style {
  font: string
  bold: string
  size: number
  /** Line distance in points. */
  leading: number
  align?: 'left' | 'justify' | 'centre'
  colour?: string
  /** Long words may be split at line ends. */
  hyphenate?: boolean
  indent?: number
}

interface Word {
  text: string
  bold: boolean
  width: number
}

export interface Line {
  words: Word[]
  width: number
  last: boolean
}

const VOWELS = 'aeiouy'

/** Places where a long lower-case word may be split: between a vowel and a consonant that a vowel follows. */
function splitPoints(word: string): number[] {
  const points: number[] = []
  if (!/^[a-z]{8,}[.,;)]?$/.test(word)) return points
  for (let i = 3; i < word.length - 3; i++)
    if (VOWELS.includes(word[i - 1]!) && !VOWELS.includes(word[i]!) && VOWELS.includes(word[i + 1]!))
      points.push(i)
  return points
}

/** Breaks text into lines no wider than `width`; `**` switches bold on and off. */
export function breakLines(pdf: Pdf, text: string, width: number, style: Style): Line[] {
  const measure = (word: string, bold: boolean) =>
    pdf
      .font(bold ? style.bold : style.font)
      .fontSize(style.size)
      .widthOfString(word)
  const blank = measure(' ', false)
  const lines: Line[] = []
  let line: Line = { words: [], width: style.indent ?? 0, last: false }
  let bold = false
  const put = (word: string, wide: number) => {
    line.width += wide + (line.words.length ? blank : 0)
    line.words.push({ text: word, bold, width: wide })
  }
  const next = () => {
    lines.push(line)
    line = { words: [], width: 0, last: false }
  }
  for (const raw of text.split(' ')) {
    if (raw === '') continue
    if (raw.startsWith('**')) bold = true
    const closes = raw.endsWith('**')
    let word = raw.replaceAll('**', '')
    let wide = measure(word, bold)
    const fits = (w: number) => line.width + (line.words.length ? blank : 0) + w <= width
    if (!fits(wide) && style.hyphenate && !bold) {
      const split = splitPoints(word)
        .reverse()
        .find(at => fits(measure(`${word.slice(0, at)}-`, bold)))
      if (split && width - line.width > width * 0.12) {
        const head = `${word.slice(0, split)}-`
        put(head, measure(head, bold))
        next()
        word = word.slice(split)
        wide = measure(word, bold)
      }
    }
    if (!fits(wide) && line.words.length) next()
    put(word, wide)
    if (closes) bold = false
  }
  line.last = true
  lines.push(line)
  return lines
}

/** Sets lines at a place; returns the region they cover. `onLine` is told the top of each. */
export function setLines(
  pdf: Pdf,
  lines: Line[],
  x: number,
  y: number,
  width: number,
  style: Style,
  onLine?: (top: number) => void,
): Region {
  let top = y
  let x0 = Number.POSITIVE_INFINITY
  let x1 = 0
  pdf.fillColor(style.colour ?? 'black')
  for (const [number, line] of lines.entries()) {
    const indent = number === 0 ? (style.indent ?? 0) : 0
    const gaps = line.words.length - 1
    const stretch = style.align === 'justify' && !line.last && gaps > 0 ? (width - line.width) / gaps : 0
    const blank = pdf.font(style.font).fontSize(style.size).widthOfString(' ')
    let at = x + indent + (style.align === 'centre' ? (width - line.width) / 2 : 0)
    x0 = Math.min(x0, at)
    onLine?.(top)
    // Words of one weight are shown together, as typesetting programs do.
    for (let i = 0; i < line.words.length; ) {
      let j = i
      let run = 0
      while (j < line.words.length && line.words[j]!.bold === line.words[i]!.bold)
        run += line.words[j++]!.width
      const words = line.words.slice(i, j)
      pdf
        .font(words[0]!.bold ? style.bold : style.font)
        .fontSize(style.size)
        .text(words.map(word => word.text).join(' '), at, top, {
          lineBreak: false,
          wordSpacing: stretch,
        })
      at += run + (words.length - 1) * (blank + stretch) + blank + stretch
      i = j
    }
    x1 = Math.max(x1, at - blank - stretch)
    top += style.leading
  }
  return [round(x0), round(y), round(x1), round(y + (lines.length - 1) * style.leading + style.size * 0.925)]
}

export const heightOf = (lines: Line[], style: Style) => lines.length * style.leading
export const round = (value: number) => Math.round(value * 100) / 100
