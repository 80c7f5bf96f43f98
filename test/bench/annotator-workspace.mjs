/**
 * A workspace of many cases for `npm run bench:annotator` and `bench:load`, made by the store itself from a seed: twenty
 * cases a document, four panels a figure, captions of some fifty words, pictures of 512 pixels (phantoms, each used by
 * many cases), and a sealed cycle whose queue and predictions hold every case.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
const PER_DOCUMENT = 20
/** Cases put at once: as an import of a dataset does. */
const BATCH = 2000
const PANELS = ['A', 'B', 'C', 'D']
/** Different pictures: more than the browser keeps of those it has shown. */
const PHANTOMS = 12
const SHADES = 20

const TERMS = {
  GGO: ['ground-glass opacities', 'ground-glass opacity', 'GGO'],
  Csld: ['consolidation', 'patchy consolidation', 'subpleural consolidation'],
  CrPa: ['crazy paving', 'a crazy-paving pattern'],
  AirBr: ['air bronchogram', 'air bronchograms'],
  InSepThi: ['interlobular septal thickening', 'thickened interlobular septa'],
}
const PLACES = ['right lower lobe', 'left upper lobe', 'both lower lobes', 'lung periphery', 'lingula']
const SIGNS = ['bilateral', 'peripheral', 'multifocal', 'diffuse', 'subpleural', 'posterior', 'residual']

/**
 * @param of.negatives every so manieth document is a negative one, so that a cycle has both to learn from; 0: none.
 * @returns {Promise<string[]>} the cases' ids in the order of the queue.
 */
export async function makeWorkspace(dir, { cases: total, seed, pictures = true, negatives = 0 }) {
  const { openWorkspace } = await dist('data/workspace/open.js')
  const { openStore } = await dist('data/stores/open.js')
  const { seededRandom } = await dist('data/statistics/random.js')
  const random = seededRandom(seed)
  const workspace = await openWorkspace(dir, { create: true })
  const files = pictures ? await makePictures(workspace, seed) : []
  const store = await openStore(workspace, { write: ['cases'] })
  const all = []
  for (let number = 0; all.length < total; ) {
    const batch = []
    while (batch.length < Math.min(BATCH, total - all.length)) {
      const flag = negatives > 0 && number % negatives === 0 ? 'negative' : 'positive'
      batch.push(...(await documentCases(number++, random, files, flag)))
    }
    await store.cases.put(`part ${number}`, batch)
    all.push(...batch.map(({ id, image }) => ({ id, image })))
  }
  await store.close()
  await writeDocuments(workspace, all)
  return await writeCycle(workspace, all, random)
}

async function makePictures(workspace, seed) {
  const { phantomSlice } = await dist('data/demo/phantom/slice.js')
  const { encodePng } = await dist('data/workspace/images.js')
  await mkdir(workspace.paths.images, { recursive: true })
  const files = []
  for (let phantom = 0; phantom < PHANTOMS; phantom++) {
    const { width, height, pixels } = phantomSlice(`annotator bench/${seed}/${phantom}`)
    const size = { width: 2 * width, height: 2 * height }
    // Each in some greys: another picture for the browser, and quick to make.
    for (let shade = 0; shade < SHADES; shade++) {
      const data = new Uint8Array(3 * size.width * size.height)
      for (let y = 0, to = 0; y < size.height; y++)
        for (let x = 0; x < size.width; x++) {
          const grey = Math.max(0, pixels[(y >> 1) * width + (x >> 1)] - shade)
          data[to++] = grey
          data[to++] = grey
          data[to++] = grey
        }
      const id = `${phantom}`.padStart(16, '0') + `${shade}`.padStart(16, '0')
      await writeFile(workspace.paths.image(`${id}.png`), await encodePng({ data, ...size }))
      files.push({ id, file: `${id}.png`, ...size })
    }
  }
  return files
}

export async function documentCases(number, random, files, flag) {
  const { LESIONS, perLesion } = await dist('data/records/vocabulary.js')
  const pick = list => list[random.integer(list.length)]
  const document = `10.1101/2020.${String(number).padStart(8, '0')}v1`
  const cases = []
  for (let at = 0; at < PER_DOCUMENT; at += PANELS.length) {
    const said = PANELS.map(() => pick(LESIONS))
    const mentions = []
    let caption = `Axial chest CT of a ${20 + random.integer(70)}-year-old ${pick(['man', 'woman'])} with confirmed COVID-19, day ${1 + random.integer(20)} after onset.`
    for (const [i, panel] of PANELS.entries()) {
      caption += ` (${panel}) ${pick(SIGNS)} ${pick(SIGNS)} `
      const text = pick(TERMS[said[i]])
      mentions.push({
        lesion: said[i],
        start: caption.length,
        end: caption.length + text.length,
        text,
        assertion: 'present',
        panels: [panel],
        rule: said[i],
      })
      caption += `${text} in the ${pick(PLACES)}, slice ${random.integer(90)};`
    }
    for (const [i, panel] of PANELS.entries()) {
      const nth = number * PER_DOCUMENT + at + i
      const picture = files[nth % files.length] ?? {
        id: String(nth).padStart(32, '0'),
        file: `${String(nth).padStart(32, '0')}.png`,
        width: 512,
        height: 512,
      }
      const figure = `Figure ${1 + at / PANELS.length}`
      cases.push({
        id: `${document}#${figure}#${panel}`,
        document,
        figure,
        panel,
        order: i,
        page: 1 + at / PANELS.length,
        image: picture.id,
        imageFile: picture.file,
        width: picture.width,
        height: picture.height,
        kind: { kind: 'ct', score: 0.98 },
        caption,
        mentions,
        skipped: [],
        mined: {
          flag,
          evidence: [],
          findings: perLesion(lesion => (lesion === said[i] ? 'present' : 'none')),
        },
        patient: document,
        source: { name: 'bench', file: `${document}.pdf`, format: 'pdf' },
        minedBy: 'bench',
      })
    }
  }
  return cases
}

/** Records of the documents, so that a case is shown with its title. */
async function writeDocuments(workspace, all) {
  const names = [...new Set(all.map(({ id }) => id.slice(0, id.indexOf('#'))))]
  for (const id of names) {
    const path = workspace.paths.documentFile(id)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(
      path,
      JSON.stringify({
        id,
        format: 'pdf',
        file: { name: `${id}.pdf`, sha256: '0'.repeat(64), bytes: 1 },
        doi: id.slice(0, -2),
        version: 1,
        title: `CT findings of COVID-19 pneumonia, report ${id}`,
        pages: 5,
        figures: [],
        skipped: [],
        miner: { version: 'bench' },
        minedAt: '2026-11-20T09:00:00.000Z',
      }),
    )
  }
}

async function writeCycle(workspace, all, random) {
  const { LESIONS } = await dist('data/records/vocabulary.js')
  const folder = workspace.paths.cycle('0001')
  await mkdir(folder, { recursive: true })
  const order = all.map(one => ({ one, at: random.next() })).sort((a, b) => a.at - b.at)
  // Two cases that follow each other show different pictures: the browser's walk tells them apart by that.
  for (let at = 1; at + 1 < order.length; at++)
    if (order[at].one.image === order[at - 1].one.image)
      [order[at], order[at + 1]] = [order[at + 1], order[at]]
  const jsonl = make => order.map(({ one }, at) => `${JSON.stringify(make(one, at))}\n`).join('')
  const share = () => Math.round(random.next() * 1e6) / 1e6
  await writeFile(
    join(folder, 'predictions.jsonl'),
    jsonl(({ id, image }, at) => ({
      case: id,
      image,
      side: 'pool',
      fold: at % 5,
      flag: share(),
      lesions: Object.fromEntries(LESIONS.map(lesion => [lesion, share()])),
    })),
  )
  await writeFile(
    join(folder, 'queue.jsonl'),
    jsonl(({ id }, at) => {
      const head = LESIONS[random.integer(LESIONS.length)]
      const score = share()
      return {
        case: id,
        rank: at + 1,
        score,
        strategy: 'balanced',
        head,
        why: `the image says ${head} ${score.toFixed(2)}; the caption says nothing of it`,
      }
    }),
  )
  const heads = { flag: {}, lesions: {}, curves: { roc: [], precisionRecall: [], loss: [] } }
  await writeFile(join(folder, 'metrics.json'), JSON.stringify({ ...heads, threshold: 0.5, warnings: [] }))
  await writeFile(
    join(folder, 'cycle.json'),
    JSON.stringify({
      id: '0001',
      startedAt: '2026-11-20T09:00:00.000Z',
      sealedAt: '2026-11-20T10:00:00.000Z',
      by: 'bench',
      code: 'bench',
      backend: { name: 'wasm', reason: 'bench' },
      backbone: { name: 'bench', weights: '', weightsSha256: '' },
      seed: 1,
      config: {},
      learnedFrom: {
        labels: '',
        cases: { train: 0, val: 0, test: 0, pool: all.length },
        sources: {},
        journalSeq: 0,
      },
      files: {},
    }),
  )
  return order.map(({ one }) => one.id)
}
