/**
 * Seconds a PDF: what finding figures takes beside what pdf.js alone takes for the text and the operator lists of the
 * same pages, one thread, best of five. Needs the build: node test/bench/extractor-pdf-speed.mjs PDF…
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { AnnotationMode, getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { withPdf } = await built('extractor/pdf/document.js')
const { figuresOf } = await built('extractor/figures/document-figures.js')
const { readFigures } = await built('extractor/figures/read-figures.js')

/** Each work's best of five, taken in turns, so that a busy moment hits all alike. */
const bestOf = async works => {
  const best = works.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 5; round++)
    for (const [i, work] of works.entries()) {
      const start = performance.now()
      await work()
      best[i] = Math.min(best[i], (performance.now() - start) / 1000)
    }
  return best
}
const folder = join(dirname(fileURLToPath(import.meta.resolve('pdfjs-dist/package.json'))))

/** Seconds of each PDF: pdf.js alone, finding figures, and the same with pictures, panels, letters and kinds. */
export async function pdfSpeed(paths) {
  const rows = []
  for (const path of paths) {
    const bytes = readFileSync(path)
    const pages = new Set()
    const find = () =>
      withPdf(bytes, basename(path), async document => {
        const { pairings } = await figuresOf(document)
        for (const { page, caption } of pairings) pages.add(page).add(caption.page)
      })
    const alone = async () => {
      const task = getDocument({
        data: new Uint8Array(bytes),
        verbosity: 0,
        standardFontDataUrl: `${folder}/standard_fonts/`,
        cMapUrl: `${folder}/cmaps/`,
        cMapPacked: true,
        wasmUrl: `${folder}/wasm/`,
      })
      const document = await task.promise
      for (let number = 1; number <= document.numPages; number++) {
        const page = await document.getPage(number)
        await page.getTextContent()
        if (pages.has(number)) await page.getOperatorList({ annotationMode: AnnotationMode.DISABLE })
      }
      await task.destroy()
    }
    const everything = () =>
      withPdf(bytes, basename(path), document => readFigures(document, async () => ({ id: '', file: '' })))
    const [figures, raw, whole] = await bestOf([find, alone, everything])
    rows.push({ name: basename(path), figures, raw, whole })
  }
  const mean = key => rows.reduce((sum, row) => sum + row[key], 0) / Math.max(1, rows.length)
  return { rows, figures: mean('figures'), raw: mean('raw'), whole: mean('whole') }
}

const line = (name, { raw, figures, whole }) =>
  `${name.padEnd(46)} pdf.js alone ${raw.toFixed(2)} s, figures ${figures.toFixed(2)} s (× ${(figures / raw).toFixed(2)}), with pictures, panels and kinds ${whole.toFixed(2)} s (× ${(whole / raw).toFixed(2)})`
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const speed = await pdfSpeed(process.argv.slice(2))
  for (const row of speed.rows) console.log(line(row.name, row))
  console.log(line('a PDF', speed))
}
