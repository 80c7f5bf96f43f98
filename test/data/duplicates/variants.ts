import sharp, { type Sharp } from 'sharp'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { type Pixels, readPixels } from '../../../data/workspace/images.ts'

/** A slice of a made-up patient; `level` 0 apex to 1 base. The seed alone decides the noise. */
export function slice(patient: string, level: number, seed = `${patient} ${level}`): Pixels {
  const { pixels, width, height } = phantomSlice(seed, { patient, level })
  const data = new Uint8Array(3 * pixels.length)
  for (const [at, grey] of pixels.entries()) data.fill(grey, 3 * at, 3 * at + 3)
  return { data, width, height }
}

const raw = ({ data, width, height }: Pixels) => sharp(data, { raw: { width, height, channels: 3 } })
const through = async (picture: Sharp) => readPixels(await picture.png().toBuffer())
const svg = (width: number, height: number, drawn: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn}</svg>`)

/** What happens to a slice on its way through preprints: each gives the same slice as another picture. */
export const VARIANTS: Record<string, (slice: Pixels) => Promise<Pixels>> = {
  'half the size': slice => through(raw(slice).resize(Math.round(slice.width * 0.55))),
  'larger by 1.7': slice => through(raw(slice).resize(Math.round(slice.width * 1.7))),
  'JPEG of quality 40': async slice => readPixels(await raw(slice).jpeg({ quality: 40 }).toBuffer()),
  'brighter, less contrast': slice => through(raw(slice).linear(0.8, 30)),
  'in a white frame': slice =>
    through(raw(slice).extend({ top: 12, bottom: 30, left: 18, right: 9, background: '#ffffff' })),
  'squeezed by a tenth': slice =>
    through(raw(slice).resize(slice.width, Math.round(slice.height * 0.9), { fit: 'fill' })),
  'with arrows': slice =>
    through(
      raw(slice).composite([
        {
          input: svg(
            slice.width,
            slice.height,
            [0.3, 0.65]
              .map(share => {
                const [x, y] = [share * slice.width, 0.45 * slice.height]
                return `<path d="M${x} ${y}l18 -6l-4 5l14 12l-4 4l-13 -13l-5 5z" fill="${share < 0.5 ? '#f00' : '#ff0'}"/>`
              })
              .join(''),
          ),
        },
      ]),
    ),
  'with letters': slice =>
    through(
      raw(slice).composite([
        {
          input: svg(
            slice.width,
            slice.height,
            '<text x="4" y="24" font-size="24" font-family="sans-serif" font-weight="bold" fill="#fff">B</text>' +
              '<text x="40" y="18" font-size="12" font-family="sans-serif" fill="#fff">2020-02-03</text>',
          ),
        },
      ]),
    ),
  'cropped all round by 6 %': slice => through(raw(slice).extract(inner(slice, 0.06, 0.06, 0.06, 0.06))),
  'cropped to one side by 18 %': slice => through(raw(slice).extract(inner(slice, 0.18, 0.02, 0.04, 0))),
  'cropped, smaller, JPEG': async slice =>
    readPixels(
      await raw(slice)
        .extract(inner(slice, 0.1, 0.08, 0.12, 0.05))
        .resize(Math.round(slice.width * 0.6))
        .jpeg({ quality: 60 })
        .toBuffer(),
    ),
}

function inner({ width, height }: Pixels, left: number, top: number, right: number, bottom: number) {
  const [x, y] = [Math.round(left * width), Math.round(top * height)]
  return {
    left: x,
    top: y,
    width: Math.round((1 - right) * width) - x,
    height: Math.round((1 - bottom) * height) - y,
  }
}
