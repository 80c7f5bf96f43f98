import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { calibrationPlot } from '../../../data/plots/calibration-plot.ts'
import { confusionPlot } from '../../../data/plots/confusion-plot.ts'
import { countsPlot, histogramPlot, inBins } from '../../../data/plots/count-plots.ts'
import { aucPlot, lossPlot, precisionRecallPlot, rocPlot } from '../../../data/plots/curve-plots.ts'
import { intervalPlot } from '../../../data/plots/interval-plot.ts'
import { density, pairPlot } from '../../../data/plots/pair-plot.ts'
import { seriesColours, THEMES } from '../../../data/plots/palette.ts'
import { type PlotSpec, renderSvg } from '../../../data/plots/render-svg.ts'
import { HEADS, LESIONS, perLesion } from '../../../data/records/vocabulary.ts'
import { reliabilityBins } from '../../../data/statistics/calibration.ts'
import { precisionRecallBand, rocBand } from '../../../data/statistics/curve-bands.ts'
import { precisionRecallCurve } from '../../../data/statistics/precision-recall.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { rocCurve } from '../../../data/statistics/roc.ts'

const random = seededRandom(11)
const labels = Array.from({ length: 203 }, (_, at) => at % 2)
const scores = labels.map(label => 1 / (1 + Math.exp(-(random.normal() + 2 * label - 1))))
const groups = labels.map((_, at) => Math.floor(at / 2))
const xy = (points: { [key: string]: number }[], x: string, y: string) =>
  points.map(point => [point[x]!, point[y]!] as [number, number])

const roc = {
  name: 'flag',
  note: 'AUC 0.92 (0.88–0.95)',
  points: xy(rocCurve(scores, labels)! as never, 'falsePositiveRate', 'truePositiveRate'),
  band: rocBand(scores, labels, groups, { samples: 300 }),
}
const other = {
  name: 'GGO',
  note: 'AUC 0.74',
  points: [
    [0, 0],
    [0.3, 0.7],
    [1, 1],
  ] as [number, number][],
}
const plots: Record<string, PlotSpec> = {
  roc: rocPlot([roc, other]),
  'precision-recall': precisionRecallPlot(
    [
      {
        name: 'flag',
        note: 'AP 0.91',
        points: xy(precisionRecallCurve(scores, labels)! as never, 'recall', 'precision'),
        band: precisionRecallBand(scores, labels, groups, { samples: 300 }),
      },
    ],
    { prevalence: 0.5 },
  ),
  loss: lossPlot([
    { name: 'train', points: Array.from({ length: 30 }, (_, at) => [at + 1, 0.7 * Math.exp(-at / 8) + 0.1]) },
    {
      name: 'validation',
      points: Array.from({ length: 30 }, (_, at) => [at + 1, 0.6 * Math.exp(-at / 9) + 0.25]),
    },
  ]),
  calibration: calibrationPlot([{ name: 'flag', note: 'ECE 0.04', bins: reliabilityBins(scores, labels) }]),
  counts: countsPlot(HEADS.map((name, at) => ({ name, count: 349 - 60 * at }))),
  histogram: histogramPlot(
    [
      { name: 'COVID-19', values: scores.filter((_, at) => labels[at]) },
      { name: 'not', values: scores.filter((_, at) => !labels[at]) },
    ],
    { mark: 0.46, label: 'probability of COVID-19' },
  ),
  pairs: pairPlot(
    labels.map(label => ({
      positive: label === 1,
      lesions: perLesion(() => 1 / (1 + Math.exp(-(random.normal() + 1.5 * label - 1)))),
    })),
  ),
  'auc by epoch': aucPlot([
    {
      name: 'validation',
      points: [
        [1, 0.42],
        [2, 0.7],
        [3, 0.8],
      ],
    },
  ]),
  confusion: confusionPlot({ truePositives: 79, falseNegatives: 19, falsePositives: 17, trueNegatives: 88 }),
  intervals: intervalPlot(
    [
      { name: 'model', value: 0.88, low: 0.8, high: 0.94, strong: true },
      { name: 'shortcut alone', value: 0.94, low: null, high: null },
    ],
    { label: 'AUC', mark: 0.5 },
  ),
  'dark roc': rocPlot([roc, other], { theme: 'dark' }),
}
const draw = (spec: PlotSpec) => renderSvg(spec, parseHTML('<html><body></body></html>').document)

// LESIONLOOP_PLOTS=DIR keeps the pictures, to be looked at.
const keep = process.env['LESIONLOOP_PLOTS']

describe.each(Object.entries(plots))('the %s plot', (name, spec) => {
  const svg = draw(spec)
  test('is one SVG with its style inline and no script', () => {
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg).toContain('<style>')
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('NaN')
    expect(svg).toContain('aria-label')
  })
  test('is the same bytes every time', () => {
    expect(draw(spec)).toBe(svg)
  })
  test('can be rendered by a program that knows SVG only', async () => {
    const png = await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer()
    const { channels } = await sharp(png).stats()
    expect(Math.max(...channels.slice(0, 3).map(channel => channel.stdev))).toBeGreaterThan(5)
    if (keep) {
      mkdirSync(keep, { recursive: true })
      writeFileSync(join(keep, `${name}.png`), png)
    }
  })
})

describe('what the plots say', () => {
  test('axes are labelled and curves named directly with their figure', () => {
    const svg = draw(plots['roc']!)
    for (const words of ['sensitivity', '1 − specificity', 'flag: AUC 0.92 (0.88–0.95)', 'GGO: AUC 0.74'])
      expect(svg).toContain(words)
  })
  test('a head is drawn in its own colour, light and dark', () => {
    expect(draw(plots['roc']!)).toContain(THEMES.light.heads.GGO)
    expect(draw(plots['dark roc']!)).toContain(THEMES.dark.heads.GGO)
    expect(seriesColours(['GGO, cycle 3', 'flag'], THEMES.light)).toEqual([
      THEMES.light.heads.GGO,
      THEMES.light.heads.flag,
    ])
  })
  test('series that are no head get colours of their own', () => {
    const colours = seriesColours(['flag', 'train', 'validation'], THEMES.light)
    expect(new Set(colours).size).toBe(3)
  })
  test('a confusion matrix shows every count with its share of the row', () => {
    const svg = draw(plots['confusion']!)
    for (const words of ['>79<', '80.6 %', '>19<', '19.4 %', '>17<', '16.2 %', '>88<', '83.8 %'])
      expect(svg).toContain(words)
  })
  test('a confusion matrix of an empty class is drawn without a division by nought', () => {
    const none = { truePositives: 0, falseNegatives: 0, falsePositives: 2, trueNegatives: 3 }
    expect(draw(confusionPlot(none))).not.toContain('NaN')
  })
  test('figures stand with their value, and an interval only where there is one', () => {
    const svg = draw(plots['intervals']!)
    expect(svg).toContain('0.880')
    expect(svg).toContain('0.940')
    expect(
      svg.match(/<line[^>]*x1="[^"]+"[^>]*x2="[^"]+"[^>]*y1="([^"]+)"[^>]*y2="\1"/g)?.length ?? 0,
    ).toBeLessThan(2)
  })
  test('a run of two epochs has no tick between them', () => {
    const points: [number, number][] = [
      [1, 0.9],
      [2, 0.8],
    ]
    const svg = draw(lossPlot([{ name: 'train', points }]))
    const ticks = svg.match(/x-axis tick label".*?<\/g>/)![0]
    expect([...ticks.matchAll(/>(\d+)</g)].map(match => match[1])).toEqual(['1', '2'])
  })
  test('an AUC that falls below chance stays inside the plot', () => {
    expect(draw(plots['auc by epoch']!)).toContain('>0.4<')
  })
  test('the pair plot draws its signs as two paths a cell, so that a report stays small', () => {
    const svg = draw(plots['pairs']!)
    expect(svg.length).toBeLessThan(200_000)
    const signs = [...svg.matchAll(/ d="(M[^"]*(?:h0|l3,3)[^"]*)"/g)].map(match => match[1]!)
    expect(signs).toHaveLength(40)
    expect(signs.reduce((sum, d) => sum + d.split('M').length - 1, 0)).toBe(20 * 203)
  })
  test('precision-recall curves that lie low carry their names above them', () => {
    const height = (precision: number) => {
      const points = [
        [0, 1],
        [0.5, precision],
        [1, precision],
      ] as [number, number][]
      const svg = draw(precisionRecallPlot([{ name: 'GGO', points }]))
      return Number(svg.match(/translate\([^,]*,([\d.]+)\)"[^>]*>GGO</)![1])
    }
    expect(height(0.1)).toBeLessThan(height(0.9))
  })
  test('no curve at all still gives a frame', () => {
    for (const spec of [
      rocPlot([]),
      lossPlot([]),
      calibrationPlot([]),
      countsPlot([]),
      histogramPlot([]),
      pairPlot([]),
      aucPlot([]),
      intervalPlot([]),
    ])
      expect(draw(spec)).toContain('<svg')
  })
  test('names from outside are text, never markup', () => {
    expect(draw(countsPlot([{ name: '<script>alert(1)</script>', count: 3 }]))).not.toContain('<script>alert')
  })
  test('a histogram counts every value once, the end of the domain too', () => {
    const bins = inBins([0, 0.05, 0.5, 1, 1.2, -1], [0, 1], 10)
    expect(bins.map(bin => bin.count)).toEqual([3, 0, 0, 0, 0, 1, 0, 0, 0, 2])
  })
  test('a density holds mass one over 0…1', () => {
    const points = density([0.01, 0.5, 0.99, 0.7], 2001)
    const mass = points.reduce((sum, point, at) => sum + (at % 2000 === 0 ? 0.5 : 1) * point.height, 0) / 2000
    expect(mass).toBeCloseTo(1, 3)
  })
  test('a band holds the curve it belongs to', () => {
    for (const { x, low, high } of roc.band) {
      expect(low).toBeLessThanOrEqual(high)
      const at = roc.points.findLastIndex(([fpr]) => fpr <= x)
      expect(roc.points[at]![1]).toBeGreaterThanOrEqual(low - 0.05)
    }
    expect(roc.band).toHaveLength(41)
    expect(LESIONS).toHaveLength(5)
  })
})
