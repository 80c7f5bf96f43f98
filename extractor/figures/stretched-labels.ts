import { labelPiece } from './labels.ts'
import { type Line, lineOf } from './lines.ts'

/** Widest gap between two pieces of a label, in heights of the font: a justified line of two words over a page. */
const WIDEST = 60

/**
 * Joins labels whose line was stretched to the column's width ("FIG.      1      |" on a line of its own, justified):
 * a label's word with nothing behind it, then its number, then its delimiter, on one baseline in one font.
 */
export function joinStretchedLabels(lines: Line[]): Line[] {
  const taken = new Set<Line>()
  const joined: Line[] = []
  for (const line of lines) {
    if (taken.has(line)) continue
    const pieces = labelPiece(line.text) === 'word' ? piecesAfter(line, lines) : []
    for (const piece of pieces) taken.add(piece)
    joined.push(
      pieces.length > 0
        ? lineOf(
            [line, ...pieces].flatMap(piece => piece.items),
            line.page,
          )
        : line,
    )
  }
  return joined.filter(line => !taken.has(line))
}

function piecesAfter(word: Line, lines: readonly Line[]): Line[] {
  const number = nextOf(word, lines)
  if (!number || labelPiece(number.text) !== 'number') return []
  const mark = nextOf(number, lines)
  return mark && labelPiece(mark.text) === 'mark' ? [number, mark] : [number]
}

/** The next piece to the right on the same baseline, in the same font. */
function nextOf(line: Line, lines: readonly Line[]): Line | undefined {
  let next: Line | undefined
  for (const other of lines)
    if (
      other !== line &&
      Math.abs(other.baseline - line.baseline) <= 0.2 * line.size &&
      other.region[0] > line.region[2] &&
      other.region[0] - line.region[2] <= WIDEST * line.size &&
      (next === undefined || other.region[0] < next.region[0])
    )
      next = other
  return next && next.font === line.font && Math.abs(next.size / line.size - 1) < 0.05 ? next : undefined
}
