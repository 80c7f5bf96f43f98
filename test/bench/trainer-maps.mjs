/**
 * Where do heat maps point? Grad-CAM++ of a model trained on phantoms (none of them in the demo corpus), played as the
 * pointing game on the lesion masks of the demo corpus, against the middle of the lungs and any pixel of the lungs.
 * Run: npm run bench:trainer-maps [-- --weights FILE --phantoms 900 --seed 1 --hidden 0 --json]
 * Frozen features of efficientnet-lite0; its weights are ../shared/data/weights/… by default.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..', '..')
const dist = path => import(join(here, 'dist', path))
const argument = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  return at > 0 ? process.argv[at + 1] : otherwise
}
const weights = argument(
  'weights',
  join(here, '..', 'shared', 'data', 'weights', 'tf_efficientnet_lite0.safetensors'),
)
const [phantoms, seed, hidden] = [
  Number(argument('phantoms', '900')),
  Number(argument('seed', '1')),
  Number(argument('hidden', '0')),
]
if (!existsSync(weights)) {
  console.error(`weights: ${weights}: not found; give tf_efficientnet_lite0.safetensors with --weights`)
  process.exit(1)
}

const { chooseBackend } = await dist('trainer/backend/choose-backend.js')
const { loadBackbone } = await dist('trainer/backbones/load.js')
const { featuresOfInputs } = await dist('trainer/features/cached-features.js')
const { pictureInput } = await dist('trainer/features/picture.js')
const { learn, DEFAULT_LEARNING } = await dist('trainer/fit/learn.js')
const { DEFAULT_TEACHING } = await dist('trainer/fit/targets.js')
const { modelLogits } = await dist('trainer/model/trained-model.js')
const { frozenMaps } = await dist('trainer/gradcam/frozen-maps.js')
const { heatMaps } = await dist('trainer/gradcam/heat-map.js')
const { pointingGame } = await dist('trainer/gradcam/pointing-game.js')
const { encodePng } = await dist('data/workspace/images.js')
const { phantomSlice } = await dist('data/demo/phantom/slice.js')
const { DOCUMENT_PLANS } = await dist('data/demo/preprint/plans.js')
const { makeFigure } = await dist('data/demo/preprint/make-figure.js')
const { seededStream } = await dist('data/demo/random.js')
const { CORPUS_SEED } = await dist('data/demo/corpus.js')
const { readCorpusTruth, encodeMask } = await dist('data/demo/truth.js')
const { auc } = await dist('data/statistics/roc.js')
const { clopperPearson } = await dist('data/statistics/proportion.js')
const { HEADS, LESIONS } = await dist('data/records/vocabulary.js')

const backend = await chooseBackend(argument('backend', 'auto'))
const backbone = await loadBackbone('efficientnet-lite0', { init: weights })

async function inputOf({ width, height, pixels }) {
  const data = new Uint8Array(3 * pixels.length)
  pixels.forEach((grey, at) => {
    data.fill(grey, 3 * at, 3 * at + 3)
  })
  return await pictureInput(await encodePng({ data, width, height }), backbone.preprocessing, 'phantom')
}
const truthOf = ({ covid, lesions }) =>
  [covid, ...LESIONS.map(lesion => lesions.includes(lesion))].map(Number)

// Phantoms to learn from: seeds of their own.
const examples = []
for (let at = 0; at < phantoms; at++) {
  const slice = phantomSlice(`maps/${seed}/${at}`)
  const features = featuresOfInputs(backbone, [await inputOf(slice)])
  const lesson = truthOf(slice).map(value => ({ value, source: 'published' }))
  examples.push({ features, group: `g${at}`, lesson })
  if ((at + 1) % 100 === 0) console.error(`${at + 1} of ${phantoms} phantoms`)
}
const cut = Math.floor(phantoms * 0.85)
const { model, chosen } = await learn(examples.slice(0, cut), examples.slice(cut), {
  ...DEFAULT_LEARNING,
  hidden,
  seed,
  teaching: { ...DEFAULT_TEACHING, controls: 'absent' },
})

// The corpus' slices, drawn again, so that lungs are known too; their masks are checked against truth.json.
const truth = readCorpusTruth()
const panels = []
for (const [number, plan] of DOCUMENT_PLANS.entries()) {
  const random = seededStream(`${CORPUS_SEED}/${plan.file}`)
  const known = truth.documents.find(document => document.file === plan.file)
  plan.figures.forEach((planned, i) => {
    const figure = makeFigure(plan, planned, i, number, random.fork(`figure${i}`))
    figure.panels.forEach(({ slice }, at) => {
      const { masks } = known.figures[i].panels[at]
      for (const [lesion, mask] of Object.entries(slice.masks))
        if (encodeMask(mask) !== masks[lesion])
          throw new Error(`${plan.file}: figure ${i + 1}: the mask of ${lesion} is not the committed one`)
      panels.push(slice)
    })
  })
}

const rounds = Object.fromEntries(HEADS.map(head => [head, []]))
const scores = []
const maps = frozenMaps(backbone, model)
for (const slice of panels) {
  const input = await inputOf(slice)
  scores.push({ truth: truthOf(slice), logits: modelLogits(model, featuresOfInputs(backbone, [input])) })
  const found = heatMaps(maps, input)
  for (const lesion of slice.lesions) {
    const map = found.get(lesion)
    if (map) rounds[lesion].push({ map, target: { ...slice, mask: slice.masks[lesion] } })
  }
  // The flag has no mask of its own: it should point at a lesion of a COVID slice, whichever.
  const map = found.get('flag')
  if (slice.covid && slice.lesions.length > 0 && map) {
    const mask = slice.lung.map((_, at) =>
      Number(slice.lesions.some(lesion => slice.masks[lesion][at] === 1)),
    )
    rounds.flag.push({ map, target: { ...slice, mask } })
  }
}

const rows = HEADS.map((head, at) => {
  const score = pointingGame(rounds[head])
  return {
    head,
    auc: auc(
      scores.map(one => one.logits[at]),
      scores.map(one => one.truth[at]),
    ),
    ...score,
    ...(score.n > 0 ? clopperPearson(score.hits, score.n) : {}),
  }
})
const whole = rows.filter(row => row.head !== 'flag')
const sum = name => whole.reduce((total, row) => total + row[name], 0)
const lesions = {
  n: sum('n'),
  hits: sum('hits'),
  lungCentre: sum('lungCentre'),
  anyLungPixel: sum('anyLungPixel'),
}
if (process.argv.includes('--json'))
  console.log(
    JSON.stringify({ backend: backend.reason, phantoms, seed, hidden, chosen, heads: rows, lesions }),
  )
else {
  const share = (part, n) => (n > 0 ? `${((100 * part) / n).toFixed(0)} %` : 'n/a')
  console.log(`backend: ${backend.reason}; ${phantoms} phantoms learned from, seed ${seed}`)
  console.log('head       AUC    pictures  map hits (95 %)        lung centre  any lung pixel')
  for (const { head, auc: area, n, hits, lungCentre, anyLungPixel, low, high } of rows)
    console.log(
      `${head.padEnd(9)}  ${area === null ? 'n/a  ' : area.toFixed(3)}  ${String(n).padEnd(8)}  ${`${share(hits, n)} (${share(low, 1)} to ${share(high, 1)})`.padEnd(21)}  ${share(lungCentre, n).padEnd(11)}  ${share(anyLungPixel, n)}`,
    )
  console.log(
    `lesions: ${share(lesions.hits, lesions.n)} of ${lesions.n} maps point into the mask; the middle of a lung ${share(lesions.lungCentre, lesions.n)}, any pixel of the lungs ${share(lesions.anyLungPixel, lesions.n)}`,
  )
}
