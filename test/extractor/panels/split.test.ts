import { describe, expect, it } from 'vitest'
import { splitEvenly } from '../../../extractor/panels/even-grid.ts'
import { type Grey, splitByGutters } from '../../../extractor/panels/gutters.ts'

/** A grey of 40…190 that no row or column repeats. */
const noise = (x: number, y: number) =>
  40 + (((Math.imul(x + 7, 2654435761) ^ Math.imul(y + 13, 1597334677)) >>> 8) % 150)

/** Panels of changing grey on a ground, `gap` apart. */
function montage(columns: number, rows: number, { size = 100, gap = 6, ground = 255 } = {}): Grey {
  const width = columns * size + (columns - 1) * gap
  const height = rows * size + (rows - 1) * gap
  const data = new Uint8Array(width * height).fill(ground)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [x % (size + gap), y % (size + gap)]
      if (u < size && v < size) data[y * width + x] = noise(x, y)
    }
  return { data, width, height }
}

describe('a montage is split along its gutters', () => {
  it.each([
    [2, 1, 255],
    [3, 1, 255],
    [2, 2, 255],
    [3, 2, 0],
    [4, 3, 128],
  ])('%i by %i on shade %i', (columns, rows, ground) => {
    const boxes = splitEvenly(montage(columns, rows, { ground }))!
    expect(boxes).toHaveLength(columns * rows)
    // A dark gutter may hold dark margins and is cut in its middle.
    for (const [x0, y0, x1, y1] of boxes)
      for (const side of [x1 - x0, y1 - y0])
        expect(Math.abs(side - 100)).toBeLessThanOrEqual(ground === 0 ? 6 : 0)
  })

  it('finds as many panels as the caption names', () => {
    expect(splitEvenly(montage(4, 2), 8)).toHaveLength(8)
    expect(splitEvenly(montage(4, 2), 6)).toBeUndefined()
  })

  it('splits uneven panels again and again', () => {
    const grey = montage(3, 2)
    // The lower row holds one broad panel: its gutters are filled.
    for (let y = 106; y < 206; y++)
      for (let x = 0; x < grey.width; x++) grey.data[y * grey.width + x] = noise(x, y)
    expect(splitByGutters(grey, 0.15)).toHaveLength(4)
  })
})

describe('what is no montage stays whole', () => {
  it('one picture', () => {
    expect(splitEvenly(montage(1, 1, { size: 300 }))).toBeUndefined()
    expect(splitByGutters(montage(1, 1, { size: 300 }), 0.15)).toHaveLength(1)
  })

  it('a picture with a broad white band through it, as a spine is', () => {
    const grey = montage(1, 1, { size: 300 })
    for (let y = 0; y < 300; y++) for (let x = 138; x < 162; x++) grey.data[y * 300 + x] = 255
    expect(splitEvenly(grey)).toBeUndefined()
  })
})
