/**
 * The PDF half of `npm run bench:extractor`: the nine gold PDFs beside the peers' published figures, the demo corpus, errors by
 * class of layout, and seconds a PDF as a ratio to raw pdf.js in the same run. Runs the build.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { emptyFigureScore, f1, scoreFigures } from './extractor-figures-score.mjs'
import { pdfSpeed } from './extractor-pdf-speed.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { withPdf } = await built('extractor/pdf/document.js')
const { readFigures } = await built('extractor/figures/read-figures.js')
const pdfs = join(root, '..', 'shared', 'data', 'pdfs')
const corpus = join(root, 'data', 'demo', 'corpus')

const three = value => value.toFixed(3)
const figuresIn = async path =>
  (
    await withPdf(readFileSync(path), path, document =>
      readFigures(document, async () => ({ id: '', file: '' })),
    )
  ).figures

async function goldPdfs() {
  const score = emptyFigureScore()
  const gold = JSON.parse(readFileSync(join(pdfs, 'figures.json'), 'utf8'))
  for (const { pdf, figures } of gold) scoreFigures(score, pdf, figures, await figuresIn(join(pdfs, pdf)))
  const speed = await pdfSpeed(gold.map(({ pdf }) => join(pdfs, pdf)))
  const share = (part, whole) => three(part / whole)
  const name = `${gold.length} PDFs, ${score.gold} figures`
  return {
    rows: [
      [
        `${name}: figure with its label found, F1`,
        '.969 (poppler + regex)',
        '.985',
        three(f1(score.found, score.said, score.gold)),
      ],
      [`${name}: caption text right`, '.968 (poppler)', '.97', share(score.captions, score.gold)],
      [
        `${name}: region IoU ≥ .5 (≥ .75)`,
        '.683 (PyMuPDF) / .619 (PDFFigures 2)',
        '.85',
        `${share(score.regions, score.gold)} (${share(score.regions75, score.gold)})`,
      ],
      [
        `raster pictures with their figure (${score.raster} figures, IoU ≥ .5)`,
        '.976',
        '.98',
        share(score.rasterRegions, score.raster),
      ],
      [
        'figures with panels: set of letters right',
        '–',
        '12 of 14',
        `${score.letteredRight} of ${score.lettered}`,
      ],
      [
        'seconds a PDF, finding figures, one thread, against raw pdf.js, same run',
        'pdf.js alone 1.1; PDFFigures 2 1.25; PyMuPDF 0.1',
        'at most × 1.2',
        `× ${(speed.figures / speed.raw).toFixed(2)} (${speed.figures.toFixed(2)} s beside ${speed.raw.toFixed(2)} s)`,
      ],
      [
        'the same with pictures, panels, letters and kinds',
        '–',
        '–',
        `× ${(speed.whole / speed.raw).toFixed(2)} (${speed.whole.toFixed(2)} s)`,
      ],
    ],
    errors: { set: 'gold PDFs', errors: score.errors },
  }
}

async function demoCorpus() {
  const score = emptyFigureScore()
  const { documents } = JSON.parse(readFileSync(join(corpus, 'truth.json'), 'utf8'))
  for (const { file, figures } of documents) {
    const truth = figures.map(figure => ({
      ...figure,
      caption_page: figure.captionPage,
      caption_start: figure.caption.slice(0, 40),
      caption_end: figure.caption.slice(-40),
      caption_chars: figure.caption.length,
      raster: figure.kind !== 'chart' && figure.kind !== 'diagram',
      panels: figure.panels.length > 1 ? figure.panels.flatMap(({ label }) => label ?? []) : [],
      panel_regions: figure.panels.length > 1 ? figure.panels : [],
    }))
    scoreFigures(score, file, truth, await figuresIn(join(corpus, file)))
  }
  return {
    rows: [
      [
        `demo corpus, ${documents.length} PDFs: panels at IoU ≥ .75, F1 (${score.panels} panels)`,
        '–',
        '.95',
        three(f1(score.panelsRight, score.panelsSaid, score.panels)),
      ],
    ],
    errors: { set: 'demo corpus', errors: score.errors },
  }
}

export async function pdfTables() {
  const there = existsSync(join(pdfs, 'figures.json'))
  const gold = there ? await goldPdfs() : { rows: [], errors: { set: 'gold PDFs', errors: [] } }
  const demo = await demoCorpus()
  return {
    missing: there ? undefined : pdfs,
    rows: [...gold.rows, ...demo.rows],
    errors: [...(there ? [gold.errors] : []), demo.errors],
  }
}
