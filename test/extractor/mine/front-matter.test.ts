import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../../extractor/figures/layout.ts'
import { frontMatter } from '../../../extractor/mine/front-matter.ts'
import { withPdf } from '../../../extractor/pdf/document.ts'
import { makePdf, PROSE } from '../pdf/make-pdf.ts'

const read = async (draw: (pdf: PDFKit.PDFDocument) => void, info: { title?: string; doi?: string } = {}) =>
  withPdf(await makePdf(draw), 'made.pdf', async document => {
    const pages = []
    for (let number = 1; number <= document.pages; number++) {
      const page = await document.page(number)
      pages.push({ page: number, width: page.width, height: page.height, items: await page.text() })
    }
    return frontMatter(layoutOf(pages), info)
  })

const preprint = (pdf: PDFKit.PDFDocument) => {
  pdf
    .font('Times-Roman')
    .fontSize(7)
    .text(
      'medRxiv preprint doi: https://doi.org/10.1101/2020.05.11.20097907v2; this version posted May 15, 2020',
      50,
      20,
      { lineBreak: false },
    )
  pdf
    .font('Times-Bold')
    .fontSize(18)
    .text('Learning what to look at: lesions on chest CT of patients with COVID-19', 50, 60, { width: 500 })
  pdf.font('Times-Roman').fontSize(10).text('A. Author, B. Author', 50, 120)
  pdf.text(
    'Abstract. We scanned forty patients twice. Opacities were found in most of them and faded in two weeks.',
    50,
    160,
    { width: 500 },
  )
  pdf.font('Times-Bold').fontSize(12).text('Introduction', 50, 220)
  pdf.font('Times-Roman').fontSize(10).text(PROSE.repeat(4), 50, 240, { width: 500 })
  pdf.text('1. Someone. Another paper. doi: 10.1000/other.1', 50, 500, { width: 500 })
}

describe('the front matter of a preprint', () => {
  it('is its DOI and version, title and abstract as printed', async () => {
    expect(await read(preprint, { title: 'template.docx' })).toEqual({
      doi: '10.1101/2020.05.11.20097907',
      version: 2,
      title: 'Learning what to look at: lesions on chest CT of patients with COVID-19',
      abstract:
        'We scanned forty patients twice. Opacities were found in most of them and faded in two weeks.',
    })
  })

  it('falls back to the file’s own metadata where the page says nothing', async () => {
    expect(
      await read(pdf => void pdf.fontSize(10).text(PROSE, 50, 50), {
        title: 'A title from the file',
        doi: '10.1234/ABC',
      }),
    ).toEqual({
      doi: '10.1234/abc',
      title: 'A title from the file',
    })
  })

  it('is empty where there is none', async () =>
    expect(await read(pdf => void pdf.fontSize(10).text(PROSE, 50, 50))).toEqual({}))
})
