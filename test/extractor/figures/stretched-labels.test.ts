import { describe, expect, test } from 'vitest'
import { linesOf } from '../../../extractor/figures/lines.ts'
import { joinStretchedLabels } from '../../../extractor/figures/stretched-labels.ts'
import type { TextItem } from '../../../extractor/pdf/text.ts'

const item = (text: string, x: number, y = 100, font = 'bold'): TextItem => ({
  text,
  font,
  size: 10,
  region: [x, y - 8, x + 5 * text.length, y + 2],
  baseline: y,
  blankBefore: false,
  angle: 0,
})
const texts = (items: TextItem[]) => joinStretchedLabels(linesOf(items, 1)).map(line => line.text)

describe('a label stretched over its line by justification', () => {
  test('is one line again, with or without a delimiter', () => {
    expect(texts([item('Figure', 50), item('1', 530)])).toEqual(['Figure 1'])
    expect(texts([item('FIG.', 50), item('2', 180), item('|', 290)])).toEqual(['FIG. 2 |'])
    expect(texts([item('Fig.', 50), item('3.', 290)])).toEqual(['Fig. 3.'])
  })

  test('leaves the caption under it and the text beside it alone', () => {
    const items = [
      item('Figure', 50),
      item('1', 280),
      item('Axial CT shows', 50, 112),
      item('and so on', 320),
    ]
    expect(texts(items)).toEqual(['Figure 1', 'and so on', 'Axial CT shows'])
  })

  test('is none where the number is set in another font, on another line, or other words stand between', () => {
    expect(texts([item('Figure', 50), item('7', 530, 100, 'roman')])).toHaveLength(2)
    expect(texts([item('Figure', 50), item('7', 530, 120)])).toHaveLength(2)
    expect(texts([item('Figure', 50), item('rate', 250), item('7', 530)])).toHaveLength(3)
  })
})
