import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getDocument, OPS, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'

const truth = readCorpusTruth()

/** Text items whose baseline lies in a region, joined in reading order; hyphens at line ends undone. */
async function textIn(page: PDFPageProxy, region: readonly number[]): Promise<string> {
  const height = page.view[3]!
  const { items } = await page.getTextContent()
  let text = ''
  let y = Number.NaN
  for (const item of items) {
    if (!('str' in item) || item.str === '') continue
    const [, , , , x, up] = item.transform as number[]
    const top = height - up!
    if (top < region[1]! || top > region[3]! + 1 || x! < region[0]! - 1 || x! > region[2]! + 1) continue
    if (Math.abs(top - y) > 2)
      text = text.endsWith('-') && /^[a-z]/.test(item.str) ? `${text}\u00ad` : `${text} `
    y = top
    text += item.str
  }
  return text
}

/** Equal but for blanks and for hyphens, which may or may not be part of a word that was split. */
const bare = (text: string) => text.replace(/[\s\u00ad-]+/g, '')

describe.each(truth.documents)('$file as pdf.js reads it', document => {
  it('has the pages, captions and pictures that its truth names', async () => {
    const task = getDocument({
      data: new Uint8Array(readFileSync(join(corpusFolder(), document.file))),
      verbosity: 0,
    })
    const pdf = await task.promise
    try {
      expect(pdf.numPages).toBe(document.pages)
      for (const figure of document.figures) {
        const page = await pdf.getPage(figure.captionPage)
        const text = await textIn(page, figure.captionRegion)
        expect(bare(text)).toBe(bare(`${figure.printedLabel} ${figure.caption}`))
      }
      for (let number = 1; number <= pdf.numPages; number++) {
        const page = await pdf.getPage(number)
        const { fnArray } = await page.getOperatorList()
        const painted = fnArray.filter(
          fn => fn === OPS.paintImageXObject || fn === OPS.paintImageXObjectRepeat,
        ).length
        const named = document.figures
          .filter(figure => figure.page === number)
          .flatMap(figure => figure.images).length
        expect(painted, `page ${number}`).toBe(named)
        const [x0, y0, x1, y1] = page.view as [number, number, number, number]
        for (const figure of document.figures.filter(f => f.page === number)) {
          expect(figure.region[2]).toBeLessThanOrEqual(x1 - x0)
          expect(figure.region[3]).toBeLessThanOrEqual(y1 - y0)
        }
      }
    } finally {
      await task.destroy()
    }
  })
})
