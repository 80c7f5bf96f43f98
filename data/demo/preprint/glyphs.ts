import { strokeDistance } from '../phantom/field.ts'

/**
 * Letters and digits as strokes on a grid 4 wide and 6 high (y downwards), drawn by us: what figure makers burn into
 * pixels. Each stroke is a polyline "x,y x,y …".
 */
const STROKES: Record<string, readonly string[]> = {
  A: ['0,6 2,0 4,6', '0.7,4 3.3,4'],
  B: ['0,0 0,6 2.6,6 3.6,5.4 3.8,4.5 3.5,3.5 2.6,3 0,3', '2.6,3 3.3,2.5 3.5,1.5 3.3,0.5 2.5,0 0,0'],
  C: ['3.9,1.5 3.3,0.4 2.1,0 0.9,0.4 0.2,1.6 0.1,3 0.2,4.4 0.9,5.6 2.1,6 3.3,5.6 3.9,4.5'],
  D: ['0,0 0,6 2,6 3.2,5.4 3.8,4.2 3.9,3 3.8,1.8 3.2,0.6 2,0 0,0'],
  E: ['3.6,0 0,0 0,6 3.7,6', '0,3 3.2,3'],
  F: ['3.6,0 0,0 0,6', '0,3 3,3'],
  G: ['3.9,1.4 3.3,0.4 2.1,0 0.9,0.4 0.2,1.6 0.1,3 0.2,4.4 0.9,5.6 2.1,6 3.2,5.7 3.9,5 3.9,3.3 2.3,3.3'],
  H: ['0,0 0,6', '4,0 4,6', '0,3 4,3'],
  L: ['0,0 0,6 3.4,6'],
  R: ['0,6 0,0 2.5,0 3.4,0.5 3.7,1.6 3.4,2.7 2.5,3.2 0,3.2', '2.2,3.2 3.9,6'],
  a: [
    '0.5,2.6 1,2.1 2,1.9 2.9,2.2 3.2,3 3.2,6',
    '3.2,3.7 1.4,3.9 0.5,4.4 0.3,5.1 0.7,5.8 1.6,6 2.6,5.7 3.2,5',
  ],
  b: ['0.3,0 0.3,6', '0.3,3 1,2.2 2,1.9 3,2.3 3.5,3.2 3.5,4.6 3,5.6 2,6 1,5.7 0.3,4.9'],
  c: ['3.3,2.9 2.8,2.2 1.9,1.9 0.9,2.3 0.3,3.3 0.3,4.6 0.9,5.6 1.9,6 2.8,5.7 3.3,5'],
  d: ['3.4,0 3.4,6', '3.4,3 2.7,2.2 1.7,1.9 0.8,2.3 0.2,3.2 0.2,4.6 0.8,5.6 1.7,6 2.7,5.7 3.4,4.9'],
  '1': ['0.8,1.3 2.2,0 2.2,6'],
  '2': ['0.3,1.6 0.8,0.5 2,0 3.2,0.5 3.6,1.6 3.2,2.7 0.3,6 3.8,6'],
  '3': ['0.4,1.2 1.1,0.3 2.1,0 3.2,0.5 3.5,1.5 3.1,2.5 2,2.9 3.2,3.3 3.8,4.3 3.5,5.3 2.3,6 1.1,5.8 0.3,4.8'],
  '(': ['2.2,-0.4 1.2,1 0.9,3 1.2,5 2.2,6.4'],
  ')': ['1.2,-0.4 2.2,1 2.5,3 2.2,5 1.2,6.4'],
}

export interface Glyphs {
  text: string
  /** Pixel of the text's top left, and height of a capital. */
  x: number
  y: number
  size: number
  weight: number
}

/** Width in pixels of a short text. */
export const glyphsWidth = (text: string, size: number) => (text.length * size * 5.3) / 6 - size * 0.2

/** Share of each pixel that the text covers, called back where it is more than none. */
export function drawGlyphs(glyphs: Glyphs, visit: (x: number, y: number, cover: number) => void): void {
  const unit = glyphs.size / 6
  const strokes: number[][] = []
  let left = glyphs.x
  for (const letter of glyphs.text) {
    for (const line of STROKES[letter] ?? []) {
      const points = line.split(' ').map(point => point.split(',').map(Number))
      for (let i = 1; i < points.length; i++)
        strokes.push([
          left + points[i - 1]![0]! * unit,
          glyphs.y + points[i - 1]![1]! * unit,
          left + points[i]![0]! * unit,
          glyphs.y + points[i]![1]! * unit,
        ])
    }
    left += unit * 5.3
  }
  const right = Math.ceil(left) + 2
  for (let y = Math.floor(glyphs.y) - 3; y < glyphs.y + glyphs.size + 4; y++)
    for (let x = Math.floor(glyphs.x) - 3; x < right; x++) {
      let nearest = 9
      for (const [ax, ay, bx, by] of strokes)
        nearest = Math.min(nearest, strokeDistance(x, y, ax!, ay!, bx!, by!, glyphs.weight / 2))
      if (nearest < 0.5) visit(x, y, Math.min(1, 0.5 - nearest))
    }
}
