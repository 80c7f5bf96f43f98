/**
 * Scores figures against a truth file in the form of ../shared/data/pdfs/figures.json (typeset pages have their panels'
 * regions besides). Needs the build: node test/bench/extractor-pdf-score.mjs FOLDER [TRUTH.json] [--list]
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { withPdf } = await built('extractor/pdf/document.js')
const { readFigures } = await built('extractor/figures/read-figures.js')

const [folder, file = 'truth.json'] = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
const list = process.argv.includes('--list')
const plain = text =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
const iou = (a, b) => {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  if (w <= 0 || h <= 0) return 0
  return (w * h) / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)
}
/** First and last forty characters as written, blanks, hyphens and marks aside, and the length within a tenth. */
const captionRight = (found, gold) => {
  const [a, b] = [plain(found), plain(gold)]
  return (
    a.slice(0, 30) === b.slice(0, 30) &&
    a.slice(-30) === b.slice(-30) &&
    Math.abs(a.length - b.length) <= 0.1 * b.length + 5
  )
}
const f1 = (both, said, true_) => (said + true_ === 0 ? 1 : (2 * both) / (said + true_)).toFixed(3)
const n = {
  gold: 0,
  said: 0,
  found: 0,
  captions: 0,
  regions: 0,
  panels: 0,
  panelsSaid: 0,
  panelsRight: 0,
  letters: 0,
  lettersSaid: 0,
  lettersRight: 0,
}
for (const { pdf, figures, layout } of JSON.parse(readFileSync(join(folder, file), 'utf8'))) {
  const read = await withPdf(readFileSync(join(folder, pdf)), pdf, document =>
    readFigures(document, async () => ({ id: '', file: '' })),
  )
  n.gold += figures.length
  n.said += read.figures.length
  for (const gold of figures) {
    const found = read.figures.find(
      ({ label, page, captionPage }) =>
        label === gold.label && [page, captionPage].some(p => p === gold.page || p === gold.caption_page),
    )
    if (!found) {
      if (list) console.log(`${pdf}: ${gold.label}: not found`)
      continue
    }
    n.found++
    const right = captionRight(found.caption, gold.caption_text ?? `${gold.caption_start}${gold.caption_end}`)
    const region = found.page === gold.page ? iou(found.region, gold.region) : 0
    n.captions += right
    n.regions += region >= 0.5
    if (list && (!right || region < 0.5))
      console.log(`${pdf}: ${gold.label}: caption ${right ? 'right' : 'wrong'}, region ${region.toFixed(2)}`)
    const panels = found.panels.length > 1 ? found.panels : []
    if (gold.panel_regions && !layout?.rotate) {
      n.panels += gold.panel_regions.length
      n.panelsSaid += panels.length
      n.panelsRight += gold.panel_regions.filter(panel =>
        panels.some(p => panel.region && iou(p.region, panel.region) >= 0.75),
      ).length
    }
    const letters = new Set(gold.panels.map(letter => letter.toUpperCase()))
    const said = new Set(panels.flatMap(({ label }) => label ?? []))
    n.letters += letters.size
    n.lettersSaid += said.size
    n.lettersRight += [...letters].filter(letter => said.has(letter)).length
  }
}
console.log(
  `figures ${n.gold}: found F1 ${f1(n.found, n.said, n.gold)}, captions right ${(n.captions / n.gold).toFixed(3)}, regions (IoU .5) ${(n.regions / n.gold).toFixed(3)}`,
)
console.log(
  `panels ${n.panels} (IoU .75): F1 ${n.panels ? f1(n.panelsRight, n.panelsSaid, n.panels) : 'n/a'}; letters ${n.letters}: F1 ${f1(n.lettersRight, n.lettersSaid, n.letters)}`,
)
