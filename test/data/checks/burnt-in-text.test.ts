import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { burntInText } from '../../../data/checks/burnt-in-text.ts'
import { type Pixels, readPixels } from '../../../data/workspace/images.ts'
import { slice } from '../duplicates/variants.ts'

const large = async (patient: string): Promise<Pixels> => {
  const { data, width, height } = slice(patient, 0.5)
  return readPixels(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(512)
      .extend({ top: 40, bottom: 40, background: '#000' })
      .png()
      .toBuffer(),
  )
}
const withText = async ({ data, width, height }: Pixels, drawn: string): Promise<Pixels> =>
  readPixels(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .composite([
        {
          input: Buffer.from(
            `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn}</svg>`,
          ),
        },
      ])
      .png()
      .toBuffer(),
  )
const line = (x: number, y: number, words: string, size = 16) =>
  `<text x="${x}" y="${y}" font-size="${size}" font-family="sans-serif" fill="#fff">${words}</text>`

describe('burnt-in text', () => {
  test.each(['one', 'two', 'three', 'four', 'five', 'six'])('a plain slice (%s) has none', async patient => {
    expect(burntInText(await large(patient))).toEqual([])
  })
  test('a name and a date in a corner are found where they stand', async () => {
    const found = burntInText(await withText(await large('one'), line(8, 24, 'HARROW JOHN 1961')))
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]!.top).toBeLessThan(26)
    expect(found[0]!.left).toBeLessThan(20)
  })
  test('letters of a panel, an arrow and a scale bar are none', async () => {
    const drawn = `${line(8, 30, 'B', 26)}<path d="M20 60l18 -6l-4 5l14 12l-4 4l-13 -13l-5 5z" fill="#fff"/><rect x="490" y="100" width="4" height="120" fill="#fff"/>`
    expect(burntInText(await withText(await large('two'), drawn))).toEqual([])
  })
  test('a tiny picture is looked at too', () => {
    expect(burntInText({ data: new Uint8Array(3), width: 1, height: 1 })).toEqual([])
  })
})
