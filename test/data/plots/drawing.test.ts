import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { calibrationPlot } from '../../../data/plots/calibration-plot.ts'
import { countsPlot, histogramPlot, inBins } from '../../../data/plots/count-plots.ts'
import { lossPlot, precisionRecallPlot, rocPlot } from '../../../data/plots/curve-plots.ts'
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
  test('no curve at all still gives a frame', () => {
    for (const spec of [
      rocPlot([]),
      lossPlot([]),
      calibrationPlot([]),
      countsPlot([]),
      histogramPlot([]),
      pairPlot([]),
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
