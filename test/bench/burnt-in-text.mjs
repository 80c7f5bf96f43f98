/**
 * `npm run bench:burnt-in`: how much writing drawn into pictures is found, by font, size, colour and background, and how
 * often pictures without any raise an alarm: phantoms, and phantoms and real slices (COVID-CT) with what figures have
 * and names do not (letters, arrows, scale bars). Real slices count for the writing only where nothing was found in them
 * before it was drawn. Runs on built code. `-- --pictures 40`: so many of each kind.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { burntInText } from '../../dist/data/checks/burnt-in-text.js'
import { phantomSlice } from '../../dist/data/demo/phantom/slice.js'
import { seededRandom } from '../../dist/data/statistics/random.js'
import { readPixels } from '../../dist/data/workspace/images.js'

const at = process.argv.indexOf('--pictures')
const count = at > 0 ? Number(process.argv[at + 1]) : 40
const FONTS = ['DejaVu Sans', 'DejaVu Serif', 'DejaVu Sans Mono']
/** Of the type, as shares of the picture's height. */
const SIZES = [0.03, 0.04, 0.055, 0.08]
const INKS = ['#ffffff', '#ffff00', '#b0b0b0']
const TEXTS = ['MUSTER^ERIKA', '1956-02-03', 'ID 4711-0815', 'Hospital St. Anna', 'F 063Y  SE 3 IM 27']

async function drawn({ data, width, height }, shapes) {
  const input = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`,
  )
  const out = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input }])
    .png()
    .toBuffer()
  return readPixels(out)
}

/** A line of writing in a corner, as scanners and viewers put it; the box where it should be found. */
function writing({ width, height }, { font, size, ink, text, corner }) {
  const x = corner % 2 === 0 ? 6 : width - 6
  const y = corner < 2 ? size + 4 : height - 8
  const anchor = corner % 2 === 0 ? 'start' : 'end'
  const escaped = text.replace('&', '&amp;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="${font}" font-size="${size}" fill="${ink}" xml:space="preserve">${escaped}</text>`
}
const isAtCorner = (line, { width, height }, corner, size) =>
  (corner < 2 ? line.top < 2.5 * size : line.top + line.height > height - 2.5 * size) &&
  (corner % 2 === 0 ? line.left < width / 2 : line.left + line.width > width / 2)

/** What the writing stands on: plain where scanners put it, else the body, which hides what is as bright as itself. */
function groundOf({ data, width, height }, { size, text, corner }) {
  const across = Math.min(width, Math.round(0.6 * size * text.length))
  const values = []
  for (let y = corner < 2 ? 2 : height - size - 10; y < (corner < 2 ? size + 6 : height - 4); y++)
    for (let x = corner % 2 === 0 ? 4 : width - across; x < (corner % 2 === 0 ? across : width - 4); x++)
      values.push(data[3 * (y * width + x)])
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return mean < 70 && deviation < 25 ? 'on plain dark ground' : 'over the body'
}

/** What figures have and no name is: a panel letter, two arrows, a scale bar. */
const figureMarks = ({ width, height }) =>
  `<text x="6" y="${0.1 * height}" font-size="${0.1 * height}" font-weight="bold" font-family="DejaVu Sans" fill="#fff">B</text>` +
  [0.3, 0.6]
    .map(
      share =>
        `<path d="M${share * width} ${0.5 * height}l18 -6l-4 5l14 12l-4 4l-13 -13l-5 5z" fill="#ff0"/>`,
    )
    .join('') +
  `<path d="M${width - 8} ${0.3 * height}v${0.4 * height}" stroke="#fff" stroke-width="2"/>` +
  Array.from(
    { length: 6 },
    (_, tick) => `<path d="M${width - 14} ${(0.3 + tick * 0.08) * height}h6" stroke="#fff"/>`,
  ).join('')

/** Three times as large as they are made, as pictures in papers are. */
const phantoms = await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const { pixels, width, height } = phantomSlice(`burnt-in ${index}`, {
      patient: `p${index}`,
      level: 0.2 + (0.6 * index) / count,
    })
    const png = await sharp(Uint8Array.from(pixels), { raw: { width, height, channels: 1 } })
      .resize(3 * width)
      .png()
      .toBuffer()
    return readPixels(png)
  }),
)
const root = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'covid-ct', 'images')
const slices = []
let alarms = 0
let looked = 0
const flagged = []
if (existsSync(root)) {
  const files = ['CT_COVID', 'CT_NonCOVID'].flatMap(folder =>
    readdirSync(join(root, folder))
      .sort()
      .map(name => join(folder, name)),
  )
  for (const file of files) {
    const pixels = await readPixels(join(root, file))
    looked++
    if (burntInText(pixels).length > 0) {
      alarms++
      flagged.push(file)
    } else if (
      pixels.height >= 160 &&
      looked % Math.max(1, Math.floor(files.length / count / 1.5)) === 0 &&
      slices.length < count
    )
      slices.push(pixels)
  }
} else console.log('bench: shared/data/covid-ct is not there; phantoms alone')

const random = seededRandom(1)
const tallies = new Map()
const add = (key, isFound) => {
  const tally = tallies.get(key) ?? { found: 0, of: 0 }
  tallies.set(key, { found: tally.found + Number(isFound), of: tally.of + 1 })
}
for (const [kind, pictures] of [
  ['phantoms', phantoms],
  ['real slices', slices],
])
  for (const picture of pictures)
    for (const share of SIZES)
      for (const font of FONTS) {
        const size = Math.max(8, Math.round(share * picture.height))
        const choice = {
          font,
          size,
          ink: INKS[random.integer(INKS.length)],
          text: TEXTS[random.integer(TEXTS.length)],
          corner: random.integer(4),
        }
        const lines = burntInText(await drawn(picture, writing(picture, choice)))
        const isFound = lines.some(line => isAtCorner(line, picture, choice.corner, size))
        for (const key of [
          kind,
          `${kind}, ${groundOf(picture, choice)}`,
          `${kind}, type of ${100 * share} % of the height`,
          `${kind}, ${font}`,
          `${kind}, ink ${choice.ink}`,
        ])
          add(key, isFound)
      }
console.log('| writing drawn on | found |\n| --- | --: |')
for (const [key, { found, of }] of [...tallies].sort(([a], [b]) =>
  a.localeCompare(b, 'en', { numeric: true }),
))
  console.log(`| ${key} | ${found} of ${of} (${((100 * found) / of).toFixed(0)} %) |`)

let [bare, marked, markedSlices] = [0, 0, 0]
for (const picture of phantoms) {
  bare += Number(burntInText(picture).length > 0)
  marked += Number(burntInText(await drawn(picture, figureMarks(picture))).length > 0)
}
for (const picture of slices)
  markedSlices += Number(burntInText(await drawn(picture, figureMarks(picture))).length > 0)
console.log('\n| without writing | alarms |\n| --- | --: |')
console.log(`| phantoms | ${bare} of ${phantoms.length} |`)
console.log(`| phantoms with a letter, arrows and a scale | ${marked} of ${phantoms.length} |`)
if (slices.length > 0) {
  console.log(
    `| real slices with a letter, arrows and a scale drawn on | ${markedSlices} of ${slices.length} |`,
  )
  console.log(`| real slices as published (some have writing) | ${alarms} of ${looked} |`)
}
if (process.argv.includes('--list')) for (const file of flagged) console.log(file)
