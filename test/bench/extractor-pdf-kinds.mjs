/**
 * Fits extractor/kinds/kinds.json and measures it by ten-fold cross-validation (folds by source document):
 * the COVID-CT slices, the pictures of the gold PDFs and the demo corpus. Needs the build and ../shared/data.
 * node test/bench/extractor-pdf-kinds.mjs [--measure]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const built = path => import(pathToFileURL(join(root, process.env.DIST ?? 'dist', path)).href)
const { readPixels } = await built('data/workspace/images.js')
const { kindFeatures, FEATURES } = await built('extractor/kinds/features.js')
const { logisticRegression, logisticProbabilities } = await built('data/statistics/logistic-regression.js')
const { withPdf } = await built('extractor/pdf/document.js')
const { figuresOf } = await built('extractor/figures/document-figures.js')
const { picturesOf, crop } = await built('extractor/figures/pictures.js')
const { IMAGE_KINDS } = await built('data/records/vocabulary.js')

const data = join(root, '..', 'shared', 'data')
const rows = []
const sliceFiles = []
const add = (pixels, kind, group, weight = 1, fold = undefined) =>
  rows.push({ features: kindFeatures(pixels), kind, group, weight, fold })

for (const folder of ['CT_COVID', 'CT_NonCOVID'])
  for (const file of readdirSync(join(data, 'covid-ct', 'images', folder)).sort()) {
    const group = file.replace(/[-_%]?p?\d*[-_%].*$/, '') || file
    sliceFiles.push(join(data, 'covid-ct', 'images', folder, file))
    add(await readPixels(join(data, 'covid-ct', 'images', folder, file)), 'ct', `${folder} ${group}`)
  }
// Montages of slices, as figures print them: 2 × 1, 2 × 2 and 3 × 2 on white or black, all of one fold's sources.
const slices = rows.map((row, i) => ({ group: row.group, file: sliceFiles[i] }))
const sliceGroups = [...new Set(slices.map(({ group }) => group))].sort()
let state = 20200511
const random = n => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * n)
}
for (let i = 0; i < 240; i++) {
  const own = sliceGroups.filter((_, at) => at % 10 === i % 10)
  const from = slices.filter(({ group }) => own.includes(group))
  const [columns, down] = [
    [2, 1],
    [2, 2],
    [3, 2],
    [3, 1],
  ][random(4)]
  const [side, gap, shade] = [140 + random(80), 2 + random(10), random(3) === 0 ? 0 : 255]
  const [w, h] = [columns * (side + gap) - gap, down * (side + gap) - gap]
  const sheet = { data: new Uint8Array(w * h * 3).fill(shade), width: w, height: h }
  let group
  for (let p = 0; p < columns * down; p++) {
    const chosen = from[random(from.length)]
    group ??= chosen.group
    const picture = await readPixels(chosen.file)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const at =
          (Math.floor((y * picture.height) / side) * picture.width + Math.floor((x * picture.width) / side)) *
          3
        const to = ((Math.floor(p / columns) * (side + gap) + y) * w + (p % columns) * (side + gap) + x) * 3
        sheet.data.set(picture.data.subarray(at, at + 3), to)
      }
  }
  add(sheet, 'ct', group, 1, i % 10)
}
const kindOfGold = (pdf, figure) => {
  if (pdf.startsWith('COVIDNet') && figure.kind === 'ct') return 'xray'
  return { ct: 'ct', photo: 'photograph', chart: 'chart', diagram: 'diagram', mixed: 'chart' }[figure.kind]
}
for (const { pdf, figures } of JSON.parse(readFileSync(join(data, 'pdfs', 'figures.json'), 'utf8')))
  await pictures(join(data, 'pdfs', pdf), figures, figure => kindOfGold(pdf, figure))
const corpus = join(root, 'data', 'demo', 'corpus')
for (const { file, figures } of JSON.parse(readFileSync(join(corpus, 'truth.json'), 'utf8')).documents)
  await pictures(join(corpus, file), figures, figure => figure.kind)

/** Every picture of a PDF's figures, and each once more with its margins cut off: a miner meets both. */
async function pictures(path, figures, kind) {
  await withPdf(readFileSync(path), basename(path), async document => {
    for (const pairing of (await figuresOf(document)).pairings) {
      const figure = figures.find(f => f.label === pairing.caption.label)
      if (!figure || !pairing.region) continue
      const page = await document.page(pairing.page)
      for (const { pixels } of await picturesOf(page, pairing.region, pairing.clusters)) {
        if (kind(figure) === 'ct' && (figure.panels?.length ?? 0) > 1) {
          for (const panel of figure.panels) {
            const [x, y, w, h] = panel.box
            if (x + w <= pixels.width && y + h <= pixels.height)
              add(
                crop(pixels, [0, 0, pixels.width, pixels.height], [x, y, x + w, y + h]),
                'ct',
                basename(path),
              )
          }
          continue
        }
        add(pixels, kind(figure), basename(path))
        const [w, h] = [pixels.width, pixels.height]
        add(
          crop(pixels, [0, 0, w, h], [0.06 * w, 0.06 * h, 0.94 * w, 0.94 * h]),
          kind(figure),
          basename(path),
        )
      }
    }
  })
}

const fitModels = training =>
  Object.fromEntries(
    IMAGE_KINDS.map(kind => {
      const labels = training.map(row => (row.kind === kind ? 1 : 0))
      return [
        kind,
        logisticRegression(
          training.map(row => row.features),
          labels,
          { l2: 3, classWeights: 'balanced' },
        ),
      ]
    }),
  )
const predict = (models, row) => {
  const scores = IMAGE_KINDS.map(kind => logisticProbabilities(models[kind], [row.features])[0])
  return IMAGE_KINDS[scores.indexOf(Math.max(...scores))]
}
const groups = [...new Set(rows.map(row => row.group))].sort()
// Slices keep the fold that their montages were made in; the other sources follow.
const foldOf = new Map(
  [...sliceGroups, ...groups.filter(group => !sliceGroups.includes(group))].map((group, i) => [
    group,
    i % 10,
  ]),
)
const confusion = {}
for (let fold = 0; fold < 10; fold++) {
  const models = fitModels(rows.filter(row => (row.fold ?? foldOf.get(row.group)) !== fold))
  for (const row of rows.filter(r => (r.fold ?? foldOf.get(r.group)) === fold)) {
    const said = predict(models, row)
    confusion[row.kind] ??= {}
    confusion[row.kind][said] = (confusion[row.kind][said] ?? 0) + 1
  }
}
const sum = (of, test) =>
  Object.entries(of).reduce(
    (s, [kind, said]) => s + Object.entries(said).reduce((t, [k, n]) => t + (test(kind, k) ? n : 0), 0),
    0,
  )
const tp = sum(confusion, (a, b) => a === 'ct' && b === 'ct')
console.log(`pictures ${rows.length}, sources ${groups.length}`)
console.log('truth → said', JSON.stringify(confusion))
console.log(
  `CT against the rest: precision ${(tp / sum(confusion, (_, b) => b === 'ct')).toFixed(3)}, recall ${(tp / sum(confusion, a => a === 'ct')).toFixed(3)}`,
)
if (!process.argv.includes('--measure')) {
  const models = fitModels(rows)
  const short = value => Number(value.toPrecision(5))
  const stored = Object.fromEntries(
    IMAGE_KINDS.map(kind => [
      kind,
      { intercept: short(models[kind].intercept), weights: Array.from(models[kind].weights, short) },
    ]),
  )
  writeFileSync(
    join(root, 'extractor', 'kinds', 'kinds.json'),
    `${JSON.stringify({ features: FEATURES, models: stored }, null, 2)}\n`,
  )
}
