/** What happens to a slice on its way through preprints, made on purpose. Pixels in, pixels out. */
import sharp from 'sharp'

/** @typedef {{ data: Uint8Array, width: number, height: number }} Pixels RGB, row by row. */

const raw = ({ data, width, height }) => sharp(data, { raw: { width, height, channels: 3 } })
async function pixelsOf(picture) {
  const { data, info } = await picture
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data: new Uint8Array(data), width: info.width, height: info.height }
}
/** Through a file, since sharp does some steps in an order of its own. */
const through = async picture => pixelsOf(sharp(await picture.png().toBuffer()))
const encoded = quality => async slice => pixelsOf(sharp(await raw(slice).jpeg({ quality }).toBuffer()))
const scaled = by => slice => through(raw(slice).resize(Math.max(1, Math.round(slice.width * by))))
const toned = (gain, offset) => slice => through(raw(slice).linear(gain, offset))
const drawn = shapes => slice => {
  const { width, height } = slice
  const input = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes(slice)}</svg>`,
  )
  return through(raw(slice).composite([{ input }]))
}
const cropped = (left, top, right, bottom) => slice => {
  const [x, y] = [Math.round(left * slice.width), Math.round(top * slice.height)]
  return through(
    raw(slice).extract({
      left: x,
      top: y,
      width: Math.round((1 - right) * slice.width) - x,
      height: Math.round((1 - bottom) * slice.height) - y,
    }),
  )
}
const arrow = (x, y, fill) => `<path d="M${x} ${y}l18 -6l-4 5l14 12l-4 4l-13 -13l-5 5z" fill="${fill}"/>`

/** By name; each gives the same slice as another picture. */
export const VARIANTS = {
  'half the size': scaled(0.5),
  'twice the size': scaled(2),
  'JPEG of quality 30': encoded(30),
  'JPEG of quality 60': encoded(60),
  'JPEG of quality 90': encoded(90),
  'cropped all round by 5 %': cropped(0.05, 0.05, 0.05, 0.05),
  'cropped all round by 12 %': cropped(0.12, 0.12, 0.12, 0.12),
  'cropped to one side by 18 %': cropped(0.18, 0.02, 0.04, 0),
  'cropped by 10 %, 0.6 of the size, JPEG 60': async slice =>
    encoded(60)(await scaled(0.6)(await cropped(0.1, 0.08, 0.12, 0.05)(slice))),
  'with two arrows': drawn(
    ({ width, height }) =>
      arrow(0.3 * width, 0.45 * height, '#f00') + arrow(0.65 * width, 0.5 * height, '#ff0'),
  ),
  'with letters': drawn(
    ({ height }) =>
      `<text x="4" y="${0.09 * height}" font-size="${0.09 * height}" font-family="sans-serif" font-weight="bold" fill="#fff">B</text><text x="${0.15 * height}" y="${0.05 * height}" font-size="${0.045 * height}" font-family="sans-serif" fill="#fff">2020-02-03</text>`,
  ),
  'in a white frame': slice =>
    through(raw(slice).extend({ top: 12, bottom: 30, left: 18, right: 9, background: '#ffffff' })),
  'brighter, less contrast': toned(0.8, 30),
  'darker, more contrast': toned(1.25, -40),
  'another window (a third of the greys cut off)': toned(1.5, -64),
}

/** The other way round: a right lung becomes a left one, and so it is another picture. */
export const mirrored = slice => through(raw(slice).flop())
