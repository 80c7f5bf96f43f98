import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { bindLetters, type Cell, type Letter } from '../../../extractor/panels/bind.ts'
import { readLetters } from '../../../extractor/panels/glyphs.ts'

const { side, glyphs } = JSON.parse(
  readFileSync(packagePath('extractor', 'panels', 'glyphs.json'), 'utf8'),
) as {
  side: number
  glyphs: { letter: string; font: string; aspect: number; shades: string }[]
}

/** Draws a stored glyph `height` pixels high at (x, y) into a picture of one shade. */
function drawn(
  letters: { letter: string; font: string; x: number; y: number }[],
  height: number,
  ink: number,
  ground: number,
) {
  const [width, tall] = [200, 200]
  const data = new Uint8Array(width * tall * 3).fill(ground)
  for (const { letter, font, x, y } of letters) {
    const glyph = glyphs.find(g => g.letter === letter && g.font === font)!
    const w = Math.round(height * glyph.aspect)
    for (let j = 0; j < height; j++)
      for (let i = 0; i < w; i++) {
        const shade = Number.parseInt(
          glyph.shades[Math.floor((j * side) / height) * side + Math.floor((i * side) / w)]!,
          16,
        )
        if (shade > 7) data.fill(ink, ((y + j) * width + x + i) * 3, ((y + j) * width + x + i) * 3 + 3)
      }
  }
  return { data, width, height: tall }
}
const found = (pixels: ReturnType<typeof drawn>, alphabet = 'ABCDEFGH') =>
  readLetters(pixels, new Set(alphabet)).map(read => read.letter)

describe('letters are read from pixels', () => {
  it.each([...'ABCDEFGH'])('white %s on a slice', letter =>
    expect(found(drawn([{ letter, font: 'bold Liberation Sans', x: 8, y: 8 }], 20, 255, 90))).toEqual([
      letter,
    ]),
  )

  it.each([...'abdefgh'])('black %s on paper', letter =>
    expect(found(drawn([{ letter, font: 'DejaVu Sans', x: 8, y: 8 }], 32, 0, 255))).toEqual([
      letter.toUpperCase(),
    ]),
  )

  it('not where they are part of a word', () => {
    const word = [...'FACE'].map((letter, i) => ({ letter, font: 'Liberation Sans', x: 10 + 20 * i, y: 8 }))
    expect(found(drawn(word, 20, 0, 255))).toEqual([])
  })

  it('not beyond the letters asked for', () =>
    expect(found(drawn([{ letter: 'H', font: 'Liberation Sans', x: 8, y: 8 }], 20, 0, 255), 'AB')).toEqual(
      [],
    ))
})

const grid: Cell[] = [
  [0, 0],
  [110, 0],
  [0, 120],
  [110, 120],
].map(([x, y]) => ({ region: [x!, y!, x! + 100, y! + 100], picture: 0, pictureLike: true }))
const letter = (name: string, x: number, y: number): Letter => ({
  name,
  region: [x, y, x + 8, y + 10],
  source: 'text',
  score: 1,
})
const labels = (letters: Letter[], expected: string[]) =>
  bindLetters(grid, letters, expected).map(panel => panel.label)

describe('letters are bound to their panels', () => {
  it('in their corners', () =>
    expect(
      labels(
        [letter('A', 4, 4), letter('B', 114, 4), letter('C', 4, 124), letter('D', 114, 124)],
        ['A', 'B', 'C', 'D'],
      ),
    ).toEqual(['A', 'B', 'C', 'D']))

  it('under them, where a letter between two rows belongs to the upper one', () =>
    expect(
      labels(
        [letter('A', 46, 103), letter('B', 156, 103), letter('C', 46, 223), letter('D', 156, 223)],
        ['A', 'B', 'C', 'D'],
      ),
    ).toEqual(['A', 'B', 'C', 'D']))

  it('down the columns, where they are printed so', () =>
    expect(
      labels(
        [letter('A', 4, 4), letter('C', 114, 4), letter('B', 4, 124), letter('D', 114, 124)],
        ['A', 'B', 'C', 'D'],
      ),
    ).toEqual(['A', 'C', 'B', 'D']))

  it('in reading order, where none can be read', () =>
    expect(labels([], ['A', 'B', 'C', 'D'])).toEqual(['A', 'B', 'C', 'D']))

  it('by rows, where the caption names as many panels as there are rows', () => {
    const bound = bindLetters(grid, [], ['A', 'B'])
    expect(bound.map(panel => [panel.label, panel.region])).toEqual([
      ['A', [0, 0, 210, 100]],
      ['B', [0, 120, 210, 220]],
    ])
  })

  it('not at all, where nothing names them', () => expect(labels([], [])).toEqual([null, null, null, null]))
})
