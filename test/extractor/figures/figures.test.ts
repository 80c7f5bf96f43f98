import { describe, expect, it } from 'vitest'
import { figuresOf } from '../../../extractor/figures/document-figures.ts'
import { readFigures } from '../../../extractor/figures/read-figures.ts'
import { withPdf } from '../../../extractor/pdf/document.ts'
import { makePdf, PROSE, png, ramp } from '../pdf/make-pdf.ts'

const figures = (bytes: Uint8Array) =>
  withPdf(bytes, 'made.pdf', async document =>
    (await figuresOf(document)).pairings.map(({ caption, page, region }) => ({
      label: caption.label,
      text: caption.text,
      captionPage: caption.page,
      page,
      region: region?.map(Math.round),
    })),
  )
const CAPTION = 'Axial slice with patchy opacities in both lower lobes of the lung.'
const body = (pdf: PDFKit.PDFDocument, x: number, y: number, width: number, times = 3) =>
  pdf.font('Times-Roman').fontSize(10).text(PROSE.repeat(times), x, y, { width, align: 'justify' })
const caption = (pdf: PDFKit.PDFDocument, text: string, x: number, y: number, width: number) =>
  pdf.font('Times-Roman').fontSize(8.5).text(text, x, y, { width })

describe('captions and pictures are paired', () => {
  it('with the caption below', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      pdf.image(file, 150, 200, { width: 300, height: 200 })
      caption(pdf, `Figure 1. ${CAPTION}`, 50, 410, 500)
      body(pdf, 50, 460, 500)
    })
    expect(await figures(bytes)).toEqual([
      { label: 'Figure 1', text: CAPTION, captionPage: 1, page: 1, region: [150, 200, 450, 400] },
    ])
  })

  it('with the caption above', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      caption(pdf, `Fig. 1: ${CAPTION}`, 50, 200, 500)
      pdf.image(file, 150, 225, { width: 300, height: 200 })
      body(pdf, 50, 460, 500)
    })
    expect(await figures(bytes)).toMatchObject([
      { label: 'Figure 1', text: CAPTION, region: [150, 225, 450, 425] },
    ])
  })

  it('with the caption beside', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      pdf.image(file, 50, 200, { width: 300, height: 200 })
      caption(pdf, `Figure 1. ${CAPTION}`, 370, 205, 180)
      body(pdf, 50, 460, 500)
    })
    expect(await figures(bytes)).toMatchObject([{ text: CAPTION, region: [50, 200, 350, 400] }])
  })

  it('in two columns, each with its own', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      for (const [i, x] of [50, 310].entries()) {
        pdf.image(file, x, 50, { width: 240, height: 160 })
        caption(pdf, `Figure ${i + 1}. ${CAPTION}`, x, 216, 240)
        body(pdf, x, 260, 240, 4)
      }
    })
    expect((await figures(bytes)).map(f => [f.label, f.text, f.region])).toEqual([
      ['Figure 1', CAPTION, [50, 50, 290, 210]],
      ['Figure 2', CAPTION, [310, 50, 550, 210]],
    ])
  })

  it('with all pictures of a figure that stand over one short caption', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      for (const x of [50, 225, 400]) pdf.image(file, x, 200, { width: 150, height: 150 })
      caption(pdf, 'Figure 1. Three patients.', 250, 360, 120)
      body(pdf, 50, 420, 500)
    })
    expect(await figures(bytes)).toMatchObject([{ region: [50, 200, 550, 350] }])
  })

  it('with a list of legends and the pictures on the pages after it', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      caption(pdf, `Figure 1. ${CAPTION}`, 50, 300, 500)
      caption(pdf, 'Figure 2. Follow-up of the same patient after ten days.', 50, 330, 500)
      for (let i = 0; i < 2; i++) {
        pdf.addPage()
        pdf.image(file, 100, 100, { width: 400, height: 300 })
      }
    })
    expect((await figures(bytes)).map(f => [f.label, f.captionPage, f.page])).toEqual([
      ['Figure 1', 1, 2],
      ['Figure 2', 1, 3],
    ])
  })

  it('with a caption on the page before, where only the label stands under the picture', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      caption(pdf, `Fig. 1. ${CAPTION}`, 50, 700, 500)
      pdf.addPage()
      pdf.image(file, 100, 100, { width: 400, height: 500 })
      caption(pdf, 'Fig. 1.', 280, 610, 100)
    })
    expect(await figures(bytes)).toMatchObject([
      { label: 'Figure 1', text: CAPTION, captionPage: 1, page: 2, region: [100, 100, 500, 600] },
    ])
  })

  it('with vector drawings, their lettering included', async () => {
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      pdf.rect(200, 200, 200, 150).stroke()
      pdf.moveTo(210, 340).lineTo(390, 210).stroke()
      pdf.font('Helvetica').fontSize(8).text('days', 285, 354, { lineBreak: false })
      caption(pdf, 'Figure 1. Course of the opacities.', 200, 380, 200)
      body(pdf, 50, 420, 500)
    })
    const [figure] = await figures(bytes)
    expect(figure!.region![1]).toBe(200)
    expect(figure!.region![3]).toBeGreaterThan(358)
    expect(figure!.region![3]).toBeLessThan(372)
  })
})

describe('what is no caption is left alone', () => {
  it('mentions in running text, at a line’s start too', async () => {
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      pdf.text('Figure 3 shows the lungs of the third patient, who had no fever at all on that day.', {
        width: 500,
      })
      pdf.text(
        'The lesion grew and was then seen in both lungs of the patient, as is said in (see also\nFig. 4). It faded in two weeks.',
        { width: 500 },
      )
    })
    expect(await figures(bytes)).toEqual([])
  })

  it('running heads, page numbers and line numbers', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      for (let page = 1; page <= 4; page++) {
        if (page > 1) pdf.addPage()
        pdf
          .font('Times-Roman')
          .fontSize(7)
          .text('Preprint, not certified by peer review, posted in May', 50, 20, { lineBreak: false })
        body(pdf, 60, 60, 490, 2)
        if (page !== 2) continue
        pdf.image(file, 150, 200, { width: 300, height: 200 })
        pdf
          .fontSize(8.5)
          .text('Figure 1. Axial slice with patchy opacities in both lower', 60, 410, { lineBreak: false })
        pdf.text('lobes of the lung, and none in the upper lobes.', 60, 420, { lineBreak: false })
        for (let i = 0; i < 6; i++)
          pdf.fontSize(6).text(String(7 + i), 30, 400 + 10 * i, { lineBreak: false })
      }
    })
    expect((await figures(bytes)).map(f => f.text)).toEqual([
      'Axial slice with patchy opacities in both lower lobes of the lung, and none in the upper lobes.',
    ])
  })

  it('tables, which take their own rules', async () => {
    const bytes = await makePdf(pdf => {
      body(pdf, 50, 50, 500)
      caption(pdf, 'Table 1. Values at admission.', 50, 200, 500)
      for (const y of [215, 235, 300]) pdf.moveTo(50, y).lineTo(550, y).stroke()
      body(pdf, 50, 320, 500)
    })
    expect(await figures(bytes)).toEqual([])
  })
})

describe('odd documents', () => {
  it('says that a document without text needs OCR', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => void pdf.image(file, 0, 0, { width: 600, height: 800 }))
    await expect(figures(bytes)).rejects.toMatchObject({ code: 'pdf-no-text' })
  })

  it('reads a page whose text runs sideways, and gives regions on the page as shown', async () => {
    const file = await png(ramp(80, 60))
    const bytes = await makePdf(pdf => {
      pdf.rotate(90).translate(0, -600)
      body(pdf, 50, 50, 700)
      pdf.image(file, 100, 150, { width: 300, height: 200 })
      caption(pdf, `Figure 1. ${CAPTION}`, 50, 360, 700)
      body(pdf, 50, 420, 700)
    })
    const read = await withPdf(bytes, 'made.pdf', document =>
      readFigures(document, async () => ({ id: 'x', file: 'x.png' })),
    )
    expect(read.figures).toMatchObject([{ label: 'Figure 1', caption: CAPTION }])
    // The reading frame is 800 wide and 600 high; (x, y) there is (600 − y, x) on the page as shown.
    expect(read.figures[0]!.region.map(Math.round)).toEqual([250, 100, 450, 400])
    expect(read.figures[0]!.images[0]).toMatchObject({ width: 80, height: 60 })
  })

  it('stops where it is told to', async () => {
    const bytes = await makePdf(pdf => void body(pdf, 50, 50, 500))
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(
      withPdf(bytes, 'made.pdf', document => figuresOf(document, { signal: controller.signal })),
    ).rejects.toThrow('enough')
  })
})
