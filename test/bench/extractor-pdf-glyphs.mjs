/**
 * Makes extractor/panels/glyphs.json: how panel letters look, as small grey pictures of the letters of common fonts.
 * Run where the Liberation and DejaVu fonts are installed: node test/bench/extractor-pdf-glyphs.mjs
 */
import { writeFileSync } from 'node:fs'
import { createCanvas } from '@napi-rs/canvas'

const SIDE = 16
const FONTS = [
  'Liberation Sans',
  'bold Liberation Sans',
  'Liberation Serif',
  'bold Liberation Serif',
  'DejaVu Sans',
  'bold DejaVu Sans',
]
const LETTERS = 'ABCDEFGHIJKLMNOPabcdefghijklmnop'

const glyphs = []
for (const font of FONTS)
  for (const letter of LETTERS) {
    const canvas = createCanvas(300, 300)
    const context = canvas.getContext('2d')
    const bold = font.startsWith('bold ') ? 'bold ' : ''
    context.font = `${bold}160px "${font.replace('bold ', '')}"`
    context.fillText(letter, 80, 200)
    const { data } = context.getImageData(0, 0, 300, 300)
    const ink = (x, y) => data[(y * 300 + x) * 4 + 3]
    let [x0, y0, x1, y1] = [300, 300, 0, 0]
    for (let y = 0; y < 300; y++)
      for (let x = 0; x < 300; x++)
        if (ink(x, y) > 127) {
          x0 = Math.min(x0, x)
          y0 = Math.min(y0, y)
          x1 = Math.max(x1, x + 1)
          y1 = Math.max(y1, y + 1)
        }
    let shades = ''
    for (let j = 0; j < SIDE; j++)
      for (let i = 0; i < SIDE; i++) {
        let sum = 0
        let count = 0
        for (let y = Math.floor(y0 + (j * (y1 - y0)) / SIDE); y < y0 + ((j + 1) * (y1 - y0)) / SIDE; y++)
          for (let x = Math.floor(x0 + (i * (x1 - x0)) / SIDE); x < x0 + ((i + 1) * (x1 - x0)) / SIDE; x++) {
            sum += ink(x, y)
            count++
          }
        shades += Math.round((sum / count / 255) * 15).toString(16)
      }
    glyphs.push({ letter, font, aspect: Math.round(((x1 - x0) / (y1 - y0)) * 1000) / 1000, shades })
  }
const rows = glyphs.map(glyph => `    ${JSON.stringify(glyph)}`).join(',\n')
writeFileSync(
  new URL('../../extractor/panels/glyphs.json', import.meta.url),
  `{\n  "side": ${SIDE},\n  "glyphs": [\n${rows}\n  ]\n}\n`,
)
