import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CORPUS_SEED, makeDocument } from '../../../data/demo/corpus.ts'
import { corpusFolder, decodeMask, encodeMask, readCorpusTruth } from '../../../data/demo/truth.ts'
import { LESIONS } from '../../../data/records/vocabulary.ts'

const truth = readCorpusTruth()
const figures = truth.documents.flatMap(document => document.figures.map(figure => ({ document, figure })))
const panels = figures.flatMap(({ document, figure }) =>
  figure.panels.map(panel => ({ document, figure, panel })),
)

describe('demo corpus', () => {
  it('holds a dozen documents in less than 6 MB, and no other files', () => {
    const files = readdirSync(corpusFolder())
    expect(files.sort()).toEqual([...truth.documents.map(document => document.file), 'truth.json'].sort())
    const bytes = files.reduce((sum, file) => sum + statSync(join(corpusFolder(), file)).size, 0)
    expect(truth.documents).toHaveLength(12)
    expect(bytes).toBeLessThan(6e6)
  })

  it('holds the bytes that its truth was written for', () => {
    for (const document of truth.documents) {
      const bytes = readFileSync(join(corpusFolder(), document.file))
      expect(createHash('sha256').update(bytes).digest('hex'), document.file).toBe(document.sha256)
    }
  })

  it('is what the generator makes, twice', async () => {
    const file = 'plover.pdf'
    const first = await makeDocument(file)
    const second = await makeDocument(file)
    expect(second.bytes.equals(first.bytes)).toBe(true)
    const committed = truth.documents.find(document => document.file === file)!
    expect(truth.seed).toBe(CORPUS_SEED)
    if (process.arch === 'x64') expect(first.truth).toEqual(committed)
    // Other processors may round the last bit of a pixel differently; text and layout are the same everywhere.
    else
      expect(first.truth.figures.map(f => [f.caption, f.region])).toEqual(
        committed.figures.map(f => [f.caption, f.region]),
      )
  })

  it('makes other documents from another seed', async () => {
    const other = await makeDocument('turnstone.pdf', 'another')
    expect(other.truth.sha256).not.toBe(
      truth.documents.find(document => document.file === 'turnstone.pdf')!.sha256,
    )
  })

  it('shows at least 30 panels with COVID-19, 30 without, and 8 of each lesion', () => {
    expect(panels.length).toBeGreaterThanOrEqual(60)
    expect(panels.length).toBeLessThanOrEqual(120)
    const positive = panels.filter(({ panel }) => panel.shown.flag === 'positive').length
    expect(positive).toBeGreaterThanOrEqual(30)
    expect(panels.length - positive).toBeGreaterThanOrEqual(30)
    for (const lesion of LESIONS)
      expect(
        panels.filter(({ panel }) => panel.shown.lesions.includes(lesion)).length,
        lesion,
      ).toBeGreaterThanOrEqual(8)
  })

  it('has pictures of every kind', () => {
    expect([...new Set(figures.map(({ figure }) => figure.kind))].sort()).toEqual([
      'chart',
      'ct',
      'diagram',
      'photograph',
      'xray',
    ])
  })

  it('prints letters in pixels, in the text, and not at all', () => {
    expect([...new Set(panels.map(({ panel }) => panel.letter))].sort()).toEqual(['none', 'pixels', 'text'])
  })

  it('has mentions whose offsets are the words they name', () => {
    for (const { figure } of figures)
      for (const span of [...figure.mentions, ...figure.skipped])
        expect(figure.caption.slice(span.start, span.end)).toBe(span.text)
  })

  it('shows what its captions assert, but for the errors that it lists', () => {
    const found: string[] = []
    for (const { document, figure, panel } of panels)
      for (const lesion of LESIONS) {
        const said = panel.said.findings[lesion]
        const shown = panel.shown.lesions.includes(lesion)
        if (said === 'present' && !shown)
          found.push([document.file, figure.label, panel.label, lesion, 'said-not-visible'].join())
        if (said !== 'present' && said !== 'possible' && shown)
          found.push([document.file, figure.label, panel.label, lesion, 'visible-not-said'].join())
      }
    const listed = truth.deliberate.map(error =>
      [error.document, error.figure, error.panel, error.head, error.cause].join(),
    )
    expect(found.sort()).toEqual(listed.sort())
    expect(listed.length).toBeGreaterThanOrEqual(4)
  })

  it('masks every lesion shown, in the pixels of its panel', () => {
    for (const { panel } of panels) {
      expect(Object.keys(panel.masks).sort()).toEqual([...panel.shown.lesions].sort())
      for (const runs of Object.values(panel.masks)) {
        const mask = decodeMask(runs, panel.box[2] * panel.box[3])
        expect(mask.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(20)
      }
    }
  })

  it('gives each figure an own label within its document', () => {
    for (const document of truth.documents)
      expect(new Set(document.figures.map(figure => figure.label)).size).toBe(document.figures.length)
    const labels = new Set(figures.map(({ figure }) => figure.label))
    for (const label of ['Figure 1', 'Figure S2', 'Extended Data Figure 1']) expect(labels).toContain(label)
  })

  it('has panels inside their image and their figure', () => {
    for (const { figure, panel } of panels) {
      const image = figure.images[panel.image]!
      const [x, y, width, height] = panel.box
      expect(x + width).toBeLessThanOrEqual(image.width)
      expect(y + height).toBeLessThanOrEqual(image.height)
      expect(panel.region[0]).toBeGreaterThanOrEqual(figure.region[0] - 0.1)
      expect(panel.region[3]).toBeLessThanOrEqual(figure.region[3] + 0.1)
    }
  })

  it('tells the flag by no encoding: each is met on both sides', () => {
    for (const encoding of ['png-grey', 'png-rgb', 'jpeg-grey', 'jpeg-rgb']) {
      const flags = panels
        .filter(({ figure, panel }) => figure.images[panel.image]!.encoding === encoding)
        .map(({ panel }) => panel.shown.flag)
      const share = flags.filter(flag => flag === 'positive').length / flags.length
      expect(share, `${encoding} of ${flags.length}`).toBeGreaterThan(0.35)
      expect(share, `${encoding} of ${flags.length}`).toBeLessThan(0.85)
    }
  })
})

describe('shape of the pictures', () => {
  it('does not tell patients from controls', () => {
    const auc = (measure: (box: readonly number[]) => number) => {
      const values = (flag: string) =>
        panels.filter(({ panel }) => panel.shown.flag === flag).map(({ panel }) => measure(panel.box))
      const positive = values('positive')
      const negative = values('negative')
      let wins = 0
      for (const a of positive) for (const b of negative) wins += a > b ? 1 : a === b ? 0.5 : 0
      return wins / (positive.length * negative.length)
    }
    for (const measure of [
      (b: readonly number[]) => b[2]!,
      (b: readonly number[]) => b[3]!,
      (b: readonly number[]) => b[2]! / b[3]!,
    ]) {
      expect(auc(measure)).toBeGreaterThan(0.37)
      expect(auc(measure)).toBeLessThan(0.63)
    }
  })
})

describe('masks', () => {
  it('come back from their run lengths', () => {
    const mask = Uint8Array.from([1, 1, 0, 0, 0, 1, 0, 1])
    expect(decodeMask(encodeMask(mask), 8)).toEqual(mask)
  })

  it('of another size are refused', () => {
    expect(() => decodeMask('4 2', 7)).toThrow(/6 pixels: expected 7/)
  })
})
