/**
 * Scores figures against a truth file in the form of ../shared/data/pdfs/figures.json (typeset pages have their panels'
 * regions besides), as a whole, a producer, and by classes of layout. Needs the build:
 *
 *   node test/bench/extractor-pdf-score.mjs FOLDER [TRUTH.json] [--list]
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { emptyFigureScore, f1, scoreFigures } from './extractor-figures-score.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { withPdf } = await built('extractor/pdf/document.js')
const { readFigures } = await built('extractor/figures/read-figures.js')

const [folder, file = 'truth.json'] = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
const list = process.argv.includes('--list')
const PRODUCERS = ['typst', 'weasyprint', 'chromium', 'pdflatex', 'libreoffice']
const three = value => value.toFixed(3)

const groups = new Map()
const groupOf = name => {
  if (!groups.has(name)) groups.set(name, emptyFigureScore())
  return groups.get(name)
}
/** What is told of a document's layout, as classes whose figures are counted side by side. */
const classesOf = layout => [
  `place: ${layout.place}`,
  `columns: ${layout.columns}`,
  ...(layout.own_line ? ['label on its own line'] : []),
  ...(layout.numbers ? ['line numbers'] : []),
  ...(layout.rotate ? ['rotated pages'] : []),
  ...(layout.small ? [] : ["caption in the running text's size"]),
]
for (const { pdf, figures, layout } of JSON.parse(readFileSync(join(folder, file), 'utf8'))) {
  const truth = figures.map(({ panel_regions, ...figure }) =>
    panel_regions && !layout?.rotate ? { ...figure, panel_regions } : figure,
  )
  let found = []
  try {
    found = (
      await withPdf(readFileSync(join(folder, pdf)), pdf, document =>
        readFigures(document, async () => ({ id: '', file: '' })),
      )
    ).figures
  } catch (error) {
    console.log(`${pdf}: not read: ${error.message}`)
  }
  for (const name of ['all', ...(layout ? [layout.producer, ...classesOf(layout)] : [])])
    scoreFigures(groupOf(name), pdf, truth, found)
  if (layout)
    for (const figure of truth) {
      const kind = figure.panels.length > 0 || figure.composite ? 'several panels' : 'one picture'
      const name = `letters: ${figure.letters}${figure.composite ? ', one picture' : ''}`
      if (kind === 'several panels')
        scoreFigures(
          groupOf(name),
          pdf,
          [figure],
          found.filter(({ label }) => label === figure.label),
        )
    }
}
console.log('| pages | figures | found F1 | captions | regions .5 | regions .75 | panels F1 | letters F1 |')
console.log('|---|---|---|---|---|---|---|---|')
const rank = name => ['all', ...PRODUCERS].indexOf(name)
const inOrder = [...groups].sort(([a], [b]) => (rank(a) + 1 || 99) - (rank(b) + 1 || 99) || (a < b ? -1 : 1))
for (const [name, score] of inOrder) {
  const cells = [
    name,
    score.gold,
    three(f1(score.found, score.said, score.gold)),
    three(score.captions / score.gold),
    three(score.regions / score.gold),
    three(score.regions75 / score.gold),
    score.panels ? three(f1(score.panelsRight, score.panelsSaid, score.panels)) : '–',
    score.letters ? three(f1(score.lettersRight, score.lettersSaid, score.letters)) : '–',
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
if (list)
  for (const { class: kind, where, what, figure } of groupOf('all').errors)
    console.log(
      `${kind}: ${where}: ${what}${figure?.letters ? ` (letters ${figure.letters}${figure.composite ? ', one picture' : ''})` : ''}`,
    )
