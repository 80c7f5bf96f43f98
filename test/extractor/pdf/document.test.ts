import { describe, expect, it } from 'vitest'
import { type PdfPage, withPdf } from '../../../extractor/pdf/document.ts'
import type { PaintedImage } from '../../../extractor/pdf/graphics.ts'
import { makePdf, png, ramp } from './make-pdf.ts'

const onFirst = async <T>(bytes: Uint8Array, use: (page: PdfPage) => Promise<T>) =>
  withPdf(bytes, 'made.pdf', async document => use(await document.page(1)))
const code = (bytes: Uint8Array) =>
  withPdf(bytes, 'bad.pdf', async () => 'opened').catch(error => error.code as string)

describe('faulty files each have an error of their own', () => {
  it('refuses a file of 0 bytes', async () => expect(await code(new Uint8Array())).toBe('pdf-empty'))

  it('refuses text named .pdf', async () =>
    expect(await code(new TextEncoder().encode('Patient 1, day 3'))).toBe('pdf-not-a-pdf'))

  it('refuses a file cut off in the middle', async () => {
    const whole = await makePdf(pdf => void pdf.text('Figure 1. A picture.'))
    expect(await code(whole.subarray(0, Math.floor(whole.length / 2)))).toBe('pdf-truncated')
  })

  it('refuses a file that needs a password and says what to do', async () => {
    const locked = await makePdf(pdf => void pdf.text('secret'), { userPassword: 'x', ownerPassword: 'y' })
    const error = await withPdf(locked, 'locked.pdf', async () => undefined).catch(e => e)
    expect(error.code).toBe('pdf-encrypted')
    expect(error.message).toBe('pdf: locked.pdf: encrypted; remove its password and mine it again')
  })

  it('refuses a body that is no PDF between a right start and end', async () =>
    expect(await code(new TextEncoder().encode('%PDF-1.4\nnothing here\nstartxref\n0\n%%EOF'))).toBe(
      'pdf-damaged',
    ))

  it('passes on the error of the work inside', async () => {
    const whole = await makePdf(pdf => void pdf.text('x'))
    await expect(
      withPdf(whole, 'made.pdf', async () => {
        throw new RangeError('mine')
      }),
    ).rejects.toThrow('mine')
  })
})

describe('geometry is in points from the top left of the page as shown', () => {
  it('gives text its place, size and direction', async () => {
    const bytes = await makePdf(pdf => void pdf.fontSize(10).text('Lungs', 100, 200, { lineBreak: false }))
    const [item] = await onFirst(bytes, page => page.text())
    expect(item).toMatchObject({ text: 'Lungs', size: 10, angle: 0 })
    expect(item!.region[0]).toBeCloseTo(100, 0)
    expect(item!.region[1]).toBeGreaterThan(195)
    expect(item!.region[3]).toBeLessThan(215)
  })

  it('gives a picture its region and its own pixels', async () => {
    const picture = ramp(64, 48)
    const file = await png(picture)
    const bytes = await makePdf(pdf => void pdf.image(file, 100, 200, { width: 128, height: 96 }))
    const { region, pixels } = await onFirst(bytes, async page => {
      const image = (await page.graphics()).find(g => g.kind === 'image') as PaintedImage
      return { region: image.region, pixels: await page.pixels(image) }
    })
    expect(region.map(Math.round)).toEqual([100, 200, 228, 296])
    expect(pixels).toEqual(picture)
  })

  it('turns a picture painted upside down or mirrored back as it is shown', async () => {
    const file = await png(ramp(20, 10))
    const bytes = await makePdf(pdf => {
      pdf.save().translate(300, 300).scale(-1, 1).image(file, 0, 0, { width: 100, height: 50 }).restore()
    })
    const pixels = await onFirst(bytes, async page =>
      page.pixels((await page.graphics()).find(g => g.kind === 'image') as PaintedImage),
    )
    const straight = ramp(20, 10)
    expect([...pixels!.data.subarray(0, 3)]).toEqual([...straight.data.subarray(19 * 3, 20 * 3)])
  })

  it('cuts a picture to its clip', async () => {
    const file = await png(ramp(40, 40))
    const bytes = await makePdf(pdf => {
      pdf.save().rect(100, 100, 50, 100).clip().image(file, 100, 100, { width: 100, height: 100 }).restore()
    })
    const [image] = await onFirst(bytes, page => page.graphics())
    expect(image!.region.map(Math.round)).toEqual([100, 100, 150, 200])
    expect((image as PaintedImage).clipped).toBe(true)
  })

  it('gives lines and areas their extent, and leaves out white ones', async () => {
    const bytes = await makePdf(pdf => {
      pdf.rect(50, 60, 100, 40).fill('#ff0000')
      pdf.rect(300, 300, 100, 100).fill('#ffffff')
    })
    const graphics = await onFirst(bytes, page => page.graphics())
    expect(graphics.map(g => g.region.map(Math.round))).toEqual([[50, 60, 150, 100]])
  })

  it('draws a part of the page at the resolution asked for', async () => {
    const bytes = await makePdf(pdf => void pdf.rect(100, 100, 50, 50).fill('#000000'))
    const drawn = await onFirst(bytes, page => page.render([100, 100, 200, 150], 144))
    expect([drawn.width, drawn.height]).toEqual([200, 100])
    expect([drawn.data[0], drawn.data[(drawn.width - 1) * 3]]).toEqual([0, 255])
  })
})
