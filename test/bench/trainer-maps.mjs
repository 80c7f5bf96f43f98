/**
 * Where do heat maps point? Grad-CAM++ of a model trained on phantoms (none of them in the demo corpus), played as the
 * pointing game on the lesion masks of the demo corpus, against the middle of the lungs and any pixel of the lungs.
 * Run: npm run bench:trainer-maps [-- --weights FILE --phantoms 900 --seed 1 --hidden 0 --json]
 * Heads on frozen features of efficientnet-lite0, whose weights are ../shared/data/weights/… by default.
 * `--fit finetune [--epochs 8]` trains the whole network instead (minutes to an hour); `--checkpoint FILE` takes one that
 * is trained already.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
const [phantoms, seed, hidden, epochs] = [
  ['phantoms', '900'],
  ['seed', '1'],
  ['hidden', '0'],
  ['epochs', '8'],
].map(([name, otherwise]) => Number(argument(name, otherwise)))
const fit = argument('fit', 'heads')
const checkpoint = argument('checkpoint', null)
if (!checkpoint && !existsSync(weights)) {
  console.error(`weights: ${weights}: not found; give tf_efficientnet_lite0.safetensors with --weights`)
  process.exit(1)
}

const { chooseBackend } = await dist('trainer/backend/choose-backend.js')
const { loadBackbone } = await dist('trainer/backbones/load.js')
const { featuresOfInputs } = await dist('trainer/features/cached-features.js')
const { pictureInput } = await dist('trainer/features/picture.js')
const { learn, DEFAULT_LEARNING } = await dist('trainer/fit/learn.js')
const { DEFAULT_TEACHING } = await dist('trainer/fit/targets.js')
const { frozenMaps } = await dist('trainer/gradcam/frozen-maps.js')
const { openMaps } = await dist('trainer/gradcam/open-maps.js')
const { networkMaps } = await dist('trainer/gradcam/network-maps.js')
const { loadTrainable } = await dist('trainer/backbones/load.js')
const { finetune } = await dist('trainer/finetune/finetune.js')
const { readFinetuneOptions } = await dist('trainer/finetune/options.js')
const { heatMaps } = await dist('trainer/gradcam/heat-map.js')
const { pointingGame } = await dist('trainer/gradcam/pointing-game.js')
const { encodePng } = await dist('data/workspace/images.js')
const { phantomSlice } = await dist('data/demo/phantom/slice.js')
const { DOCUMENT_PLANS } = await dist('data/demo/preprint/plans.js')
const { makeFigure } = await dist('data/demo/preprint/make-figure.js')
const { seededStream } = await dist('data/demo/random.js')
const { CORPUS_SEED } = await dist('data/demo/corpus.js')
const { readCorpusTruth, encodeMask } = await dist('data/demo/truth.js')
const { clopperPearson } = await dist('data/statistics/proportion.js')
const { HEADS, LESIONS } = await dist('data/records/vocabulary.js')

const backend = await chooseBackend(argument('backend', 'auto'))

async function pngOf({ width, height, pixels }) {
  const data = new Uint8Array(3 * pixels.length)
  pixels.forEach((grey, at) => {
    data.fill(grey, 3 * at, 3 * at + 3)
  })
  return await encodePng({ data, width, height })
}
const truthOf = ({ covid, lesions }) =>
  [covid, ...LESIONS.map(lesion => lesions.includes(lesion))].map(Number)
const lessonOf = slice => truthOf(slice).map(value => ({ value, source: 'published' }))
const teaching = { ...DEFAULT_TEACHING, controls: 'absent' }
const cut = Math.floor(phantoms * 0.85)

/** Phantoms to learn from, with seeds of their own. */
async function eachPhantom(work) {
  const made = []
  for (let at = 0; at < phantoms; at++) {
    made.push(await work(phantomSlice(`maps/${seed}/${at}`), at))
    if ((at + 1) % 100 === 0) console.error(`${at + 1} of ${phantoms} phantoms`)
  }
  return made
}

async function headsOnFrozen() {
  const backbone = await loadBackbone('efficientnet-lite0', { init: weights })
  const examples = await eachPhantom(async (slice, at) => {
    const input = await pictureInput(await pngOf(slice), backbone.preprocessing, 'phantom')
    return { features: featuresOfInputs(backbone, [input]), group: `g${at}`, lesson: lessonOf(slice) }
  })
  const options = { ...DEFAULT_LEARNING, hidden, seed, teaching }
  const { model } = await learn(examples.slice(0, cut), examples.slice(cut), options)
  return frozenMaps(backbone, model)
}

/** Pictures of 160 pixels to learn from, of 256 to be judged: the map is 8 × 8 then. */
async function wholeNetwork() {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-maps-'))
  await mkdir(join(folder, 'run'))
  const examples = await eachPhantom(async (slice, at) => {
    const path = join(folder, `${at}.png`)
    await writeFile(path, await pngOf(slice))
    return { id: String(at), path, lesson: lessonOf(slice) }
  })
  const backbone = await loadTrainable('efficientnet-lite0', { init: weights })
  const options = readFinetuneOptions({
    epochs,
    seed,
    trainSize: 160,
    testSize: 256,
    mixup: 0,
    lambda: 1,
    ema: 0.95,
    augment: { crop: [0.7, 1], rotate: 8 },
  })
  const data = { train: examples.slice(0, cut), validation: examples.slice(cut), judged: [], teaching }
  const tuned = await finetune(data, backbone, options, {
    folder: join(folder, 'run'),
    onProgress: ({ detail }) => detail && console.error(detail),
  })
  await rm(folder, { recursive: true })
  return networkMaps({ trainable: backbone.trainable, ...tuned })
}

const maps = checkpoint
  ? await openMaps(checkpoint, existsSync(weights) ? { init: weights } : {})
  : fit === 'finetune'
    ? await wholeNetwork()
    : await headsOnFrozen()

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
for (const slice of panels) {
  const found = heatMaps(maps, await pictureInput(await pngOf(slice), maps.preprocessing, 'phantom'))
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

const rows = HEADS.map(head => {
  const score = pointingGame(rounds[head])
  return { head, ...score, ...(score.n > 0 ? clopperPearson(score.hits, score.n) : {}) }
})
const whole = rows.filter(row => row.head !== 'flag')
const sum = name => whole.reduce((total, row) => total + row[name], 0)
const lesions = {
  n: sum('n'),
  hits: sum('hits'),
  lungCentre: sum('lungCentre'),
  anyLungPixel: sum('anyLungPixel'),
}
const trained = checkpoint ?? `${fit}, ${phantoms} phantoms, seed ${seed}`
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ backend: backend.reason, trained, heads: rows, lesions }))
else {
  const share = (part, n) => (n > 0 ? `${((100 * part) / n).toFixed(0)} %` : 'n/a')
  console.log(`backend: ${backend.reason}\ntrained: ${trained}`)
  console.log('head       pictures  map hits (95 %)        lung centre  any lung pixel')
  for (const { head, n, hits, lungCentre, anyLungPixel, low, high } of rows)
    console.log(
      `${head.padEnd(9)}  ${String(n).padEnd(8)}  ${`${share(hits, n)}${n > 0 ? ` (${share(low, 1)} to ${share(high, 1)})` : ''}`.padEnd(21)}  ${share(lungCentre, n).padEnd(11)}  ${share(anyLungPixel, n)}`,
    )
  console.log(
    `lesions: ${share(lesions.hits, lesions.n)} of ${lesions.n} maps point into the mask; the middle of a lung ${share(lesions.lungCentre, lesions.n)}, any pixel of the lungs ${share(lesions.anyLungPixel, lesions.n)}`,
  )
}
