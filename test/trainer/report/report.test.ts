import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { THEMES } from '../../../data/plots/palette.ts'
import type { CycleMetrics, CycleRecord } from '../../../data/records/cycle.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { measureCycle } from '../../../trainer/cycle/metrics.ts'
import type { Scored } from '../../../trainer/cycle/predict.ts'
import type { MapModel } from '../../../trainer/gradcam/heat-map.ts'
import { spreadGradient } from '../../../trainer/gradcam/heat-map.ts'
import { buildReport } from '../../../trainer/report/build-report.ts'
import { gravestMistakes, mappedCases } from '../../../trainer/report/choose-cases.ts'
import { themed } from '../../../trainer/report/html.ts'
import { heatedPicture, smallPicture } from '../../../trainer/report/pictures.ts'
import { drawPlots, reportHtml } from '../../../trainer/report/report.ts'
import type { ReportView } from '../../../trainer/report/view.ts'
import { drawsWords, plotPng, reportJson, writeReport } from '../../../trainer/report/write-report.ts'
import { scoredCase, scoredCorpus } from './scored-cases.ts'

const BOOTSTRAP = { samples: 50, seed: 1 }
const heads = HEADS.map(() => ({ constant: null, calibrator: null, threshold: 0.5 }))
const record: CycleRecord = {
  id: '0007',
  startedAt: '2026-01-02T03:04:05.000Z',
  sealedAt: '2026-01-02T03:05:05.000Z',
  by: '<b>Dr Grey</b>',
  code: 'lesionloop 0.1.0',
  backend: { name: 'wasm', reason: 'wasm: 2 threads' },
  backbone: { name: 'small', weights: 'small.safetensors', weightsSha256: 'ab12' },
  seed: 5,
  config: { init: '/home/grey/secret/small.safetensors', epochs: 3 },
  learnedFrom: {
    labels: 'ff',
    cases: { train: 60, val: 30, test: 60, pool: 0 },
    sources: { published: 360 },
    journalSeq: 0,
  },
  files: {},
}

/** The smallest network with maps: grey and its opposite, a weight for each head. */
const SIZE = 8
const small: MapModel = {
  learned: HEADS.filter(head => head !== 'CrPa'),
  preprocessing: { size: SIZE, channels: 'grey', mean: [0], std: [1] },
  maps: input => [
    {
      height: SIZE,
      width: SIZE,
      channels: 2,
      data: Float64Array.from({ length: 2 * SIZE * SIZE }, (_, at) =>
        at % 2 === 0 ? input[at >> 1]! : 1 - input[at >> 1]!,
      ),
    },
  ],
  gradients: (taps, head) => taps.map(tap => spreadGradient(tap, head === 'flag' ? [1, 0] : [0, 1])),
}

let dir: string
let scored: Scored[]
let metrics: CycleMetrics
let view: ReportView
let html: string
const imagePath = (file: string) => join(dir, file)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-report-'))
  scored = scoredCorpus({ train: 60, val: 30, test: 60 })
  // A hostile name, on the worst mistake of all so that it is surely shown.
  scored.push(
    scoredCase(150, {
      id: '"><script>alert(1)</script>',
      truths: [0, 0, 0, 0, 0, 0],
      logits: [9, 0, 0, 0, 0, 0],
    }),
  )
  const slices = Array.from({ length: 4 }, (_, at) => phantomSlice(`report/${at}`, { width: 64, height: 48 }))
  for (const [at, one] of scored.entries()) {
    const { imageFile } = one.case.state
    const { pixels, width, height } = slices[at % slices.length]!
    const picture = sharp(pixels, { raw: { width, height, channels: 1 } })
    await picture.toFormat(imageFile.endsWith('jpg') ? 'jpeg' : 'png').toFile(imagePath(imageFile))
  }
  metrics = {
    ...measureCycle(scored, heads, BOOTSTRAP),
    warnings: ['read <this>'],
  }
  metrics.curves.loss = [
    {
      name: 'train',
      points: [
        [1, 0.7],
        [2, 0.5],
      ],
    },
  ]
  metrics.curves.auc = [
    {
      name: 'validation',
      points: [
        [1, 0.6],
        [2, 0.8],
      ],
    },
  ]
  const data = await buildReport({
    metrics,
    scored,
    seed: 1,
    weights: 'starter.safetensors',
    maps: small,
    imagePath,
  })
  view = { record, metrics, queue: [], data }
  html = await reportHtml(view)
}, 120_000)
afterAll(() => rm(dir, { recursive: true }))

describe('the report', () => {
  it('stands alone: no script, nothing from elsewhere, names from outside as text', () => {
    expect(html).not.toMatch(/<script|javascript:|onload=|@import|url\(/i)
    expect(html.match(/(?:src|href)="(?!data:image\/jpeg;base64,)[^"]*"/g)).toBeNull()
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).toContain('&lt;b&gt;Dr Grey&lt;/b&gt;')
    expect(html).toContain('read &lt;this&gt;')
  })

  it('has every section', () => {
    const titles = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(match => match[1])
    expect(titles).toEqual([
      'Read this first',
      'The COVID flag',
      'Shortcut control',
      'The lesions',
      'Calibration',
      'Where the evidence lies',
      'The gravest mistakes',
      'How it was learned',
      'What it learned from',
      'What to review next',
      'Model card',
    ])
  })

  it('has curves of loss and AUC, the pair plot and the calls among its plots', () => {
    for (const name of [
      'loss over the epochs',
      'AUC over the epochs',
      'five lesion scores by class',
      'calls of the flag at its operating point, test',
      'calibration of the flag, test',
    ])
      expect(html).toContain(`aria-label="${name}"`)
  })

  it('is drawn in variables that have a value in light and in dark', () => {
    const used = new Set([...html.matchAll(/var\(--([A-Za-z]+)\)/g)].map(match => match[1]!))
    expect(used.size).toBeGreaterThan(8)
    const [light, dark] = [...html.matchAll(/:root \{([^}]*)\}/g)].map(match => match[1]!)
    for (const name of used) {
      expect(light).toContain(`--${name}:`)
      expect(dark).toContain(`--${name}:`)
    }
    expect(light).toContain(THEMES.light.heads.flag)
    expect(dark).toContain(THEMES.dark.heads.flag)
  })

  it('says nothing of the folders of the machine it was made on', () => {
    expect(html).not.toContain('secret')
    expect(html).toContain('init small.safetensors')
  })

  it('says of a fine-tuned network which epoch was kept and who scored what', async () => {
    const config = {
      ...record.config,
      keptAt: 12,
      scoredBy: { validationAndTest: 'the network', outOfFoldAndPool: 'frozen heads' },
    }
    const told = await reportHtml({ ...view, record: { ...record, config } })
    expect(told).toContain('Kept at epoch 12.')
    expect(told).toContain(
      'Validation and test are scored by the network; out of fold and the pool by frozen heads.',
    )
    expect(html).not.toContain('scored by the network')
  })

  it('is the same again from the same data', async () => {
    const again = await buildReport({
      metrics,
      scored,
      seed: 1,
      weights: 'starter.safetensors',
      maps: small,
      imagePath,
    })
    expect(again).toEqual(view.data)
    expect(await reportHtml(JSON.parse(JSON.stringify(view)) as ReportView)).toBe(html)
  })

  it('shows a heat map for every learned head and none for the other', () => {
    const { cases } = view.data.maps
    expect(cases.length).toBeGreaterThan(5)
    for (const { maps } of cases) expect(Object.keys(maps)).toEqual(small.learned)
    const columns = html.match(/<table class="maps">.*?<\/thead>/s)![0]
    expect(columns).toContain('GGO')
    expect(columns).not.toContain('CrPa')
  })

  it('says why there are no heat maps where a network has none', async () => {
    const data = await buildReport({ metrics, scored, seed: 1, weights: 'x', maps: null, imagePath })
    expect(await reportHtml({ ...view, data })).toMatch(/No heat map: The features of this backbone/)
  })

  it('leaves a picture out that is gone, and goes on', async () => {
    const gone = view.data.mistakes[0]!
    const file = scored.find(one => one.case.state.image === gone.image)!.case.state.imageFile
    const data = await buildReport({
      metrics,
      scored,
      seed: 1,
      weights: 'x',
      maps: small,
      imagePath: name => (name === file ? join(dir, 'gone') : imagePath(name)),
    })
    expect(data.pictures[gone.image]).toBeUndefined()
    expect(data.mistakes).toEqual(view.data.mistakes)
    expect(await reportHtml({ ...view, data })).toContain('The gravest mistakes')
  })

  it('names licences, and says of others that they are not known', async () => {
    expect(view.data.licences[0]!.licence).toMatch(/phantoms/)
    const data = await buildReport({
      metrics,
      scored,
      seed: 1,
      weights: 'mine.safetensors',
      maps: null,
      imagePath,
    })
    expect(data.licences[0]!.licence).toMatch(/^not known/)
  })
})

describe('a report given out', () => {
  it('is HTML, JSON without pixels, and each plot as SVG and PNG with words in it', async () => {
    const out = join(dir, 'out')
    const written = await writeReport(nodeFiles, view, out)
    const plots = (await readdir(join(out, 'plots'))).sort()
    expect(written.sort()).toEqual(
      ['report.html', 'report.json', ...plots.map(name => `plots/${name}`)].sort(),
    )
    expect(plots.filter(name => name.endsWith('.png')).map(name => name.slice(0, -4))).toEqual(
      plots.filter(name => name.endsWith('.svg')).map(name => name.slice(0, -4)),
    )
    for (const name of ['flag-roc', 'flag-confusion', 'lesion-pairs', 'loss', 'auc-by-epoch'])
      expect(plots).toContain(`${name}.svg`)
    const json = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))
    expect(json).toEqual(JSON.parse(JSON.stringify(reportJson(view))))
    expect(json.metrics.flag.test.auc.value).toBe(metrics.flag.test!['auc']!.value)
    expect(JSON.stringify(json)).not.toContain('jpeg":')
    const svg = await readFile(join(out, 'plots', 'flag-roc.svg'), 'utf8')
    expect(svg).not.toContain('var(')
    const png = await sharp(join(out, 'plots', 'flag-roc.png')).metadata()
    expect(png.width).toBe(1120)
  }, 60_000)

  it('has words in its pictures: the same plot without them is another picture', async () => {
    expect(await drawsWords()).toBe(true)
    const svg = drawPlots(view, 'dark').get('flag-roc')!
    expect(svg).toContain(THEMES.dark.heads.flag)
    const bare = svg.replace(/<text[^>]*>[^<]*<\/text>/g, '')
    const [whole, without] = await Promise.all(
      [svg, bare].map(
        async of =>
          await sharp(await plotPng(of))
            .raw()
            .toBuffer(),
      ),
    )
    const differing = whole!.reduce((count, value, at) => count + (value === without![at] ? 0 : 1), 0)
    expect(differing).toBeGreaterThan(5000)
  }, 60_000)
})

describe('the cases a report shows', () => {
  it('are the surest of each learned head, controls and doubtful ones, none twice', () => {
    const test = scored.filter(one => one.case.side === 'test')
    const page = mappedCases(test, ['flag', 'GGO'])
    expect(page.map(({ why }) => why)).toEqual([
      'surest COVID',
      'surest COVID',
      'surest GGO',
      'surest control',
      'COVID least suspected',
      'control most like COVID',
    ])
    expect(new Set(page.map(({ one }) => one)).size).toBe(page.length)
    const ggo = page[2]!.one
    expect(ggo.case.truth[1]!.value).toBe(1)
  })

  it('are, of mistakes, those furthest on the wrong side, and of lesions within COVID only', () => {
    const cases = [
      scoredCase(0, { truths: [1], probabilities: [0.3, 0, 0, 0, 0, 0] }),
      scoredCase(1, { truths: [1], probabilities: [0.1, 0, 0, 0, 0, 0] }),
      scoredCase(2, { truths: [1], probabilities: [0.7, 0, 0, 0, 0, 0] }),
      scoredCase(3, { truths: [0, 1], probabilities: [0.6, 0.1, 0, 0, 0, 0] }),
      scoredCase(4, { truths: [1, 0], probabilities: [0.9, 0.8, 0, 0, 0, 0] }),
    ]
    const found = gravestMistakes(cases, { flag: 0.5, GGO: 0.5, Csld: null })
    expect(found.map(({ case: id, head, kind }) => [id, head, kind])).toEqual([
      ['case 001', 'flag', 'missed'],
      ['case 000', 'flag', 'missed'],
      ['case 003', 'flag', 'called wrongly'],
      ['case 004', 'GGO', 'called wrongly'],
    ])
  })
})

describe('a picture with a heat map', () => {
  it('is red to yellow where the map is hot and grey where it is nought', async () => {
    const file = join(dir, 'grey.png')
    await sharp({ create: { width: 400, height: 200, channels: 3, background: '#808080' } })
      .png()
      .toFile(file)
    const picture = await smallPicture(file, 'grey.png')
    expect([picture.width, picture.height]).toEqual([176, 88])
    const jpeg = await heatedPicture(picture, { height: 2, width: 2, peak: 3, values: [0, 0, 0, 100] }, 3)
    const { data, info } = await sharp(Buffer.from(jpeg, 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ]
    const [red, green, blue] = pixel(170, 82) as [number, number, number]
    expect(red).toBeGreaterThan(blue + 80)
    expect(green).toBeGreaterThan(blue + 40)
    const cold = pixel(4, 4)
    expect(Math.max(...cold) - Math.min(...cold)).toBeLessThan(8)
  })
})

describe('a plot in the page', () => {
  it('takes the theme’s colours as variables and leaves others alone', () => {
    const svg = `<path stroke="${THEMES.light.heads.GGO}" fill="#123456"/><text>#1 of cases</text>`
    expect(themed(svg)).toBe('<path stroke="var(--GGO)" fill="#123456"/><text>#1 of cases</text>')
  })
})
