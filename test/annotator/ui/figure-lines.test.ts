import { describe, expect, it } from 'vitest'
import {
  addLine,
  cellsOf,
  cutsOf,
  drawnPanels,
  faultOf,
  lettered,
  linesOf,
  moveLine,
  type Panel,
  removeLine,
} from '../../../annotator/ui/pages/figure-lines.ts'

const GRID: Panel[] = [
  { label: 'A', box: [0, 0, 0.48, 0.48] },
  { label: 'B', box: [0.52, 0, 1, 0.48] },
  { label: 'C', box: [0, 0.52, 0.3, 1] },
  { label: 'D', box: [0.35, 0.52, 1, 1] },
]

describe('lines through a figure', () => {
  it('give back the panels they were made of, box for box, while nobody moves them', () => {
    expect(drawnPanels(cutsOf(GRID)!)).toEqual(GRID)
  })

  it('run through the middle of the gaps, rows first, each as long as the part it cuts', () => {
    const at = linesOf(cutsOf(GRID)!).map(({ along, at, from, to }) => ({
      along,
      at: Math.round(at * 1000) / 1000,
      from,
      to,
    }))
    expect(at).toEqual([
      { along: 'y', at: 0.5, from: 0, to: 1 },
      { along: 'x', at: 0.5, from: 0, to: 0.5 },
      { along: 'x', at: 0.325, from: 0.5, to: 1 },
    ])
  })

  it('change the two panels beside them when moved, and no other', () => {
    const cut = cutsOf(GRID)!
    const line = linesOf(cut)[1]!
    const [a, b, c, d] = drawnPanels(moveLine(cut, line.path, 0.4))
    expect(a!.box).toEqual([0, 0, 0.4, 0.5])
    expect(b!.box).toEqual([0.4, 0, 1, 0.5])
    expect([c, d]).toEqual(GRID.slice(2))
    expect(drawnPanels(moveLine(moveLine(cut, line.path, 0.4), line.path, line.at))).toEqual(GRID)
  })

  it('stop before the next line and the rim', () => {
    const cut = addLine(addLine(cutsOf([])!, [], 'x', 0.5), [1], 'x', 0.8)
    const [first, second] = linesOf(cut)
    expect([first!.low, first!.high, second!.low, second!.high].map(x => Math.round(x * 100) / 100)).toEqual([
      0.02, 0.78, 0.52, 0.98,
    ])
    expect(linesOf(moveLine(cut, first!.path, 2))[0]!.at).toBeCloseTo(0.78)
  })

  it('cut a panel in two where they are added, and make one of two where they are removed', () => {
    const one = cutsOf([{ label: 'A', box: [0, 0, 1, 1] }])!
    const two = addLine(one, [], 'x', 0.3)
    expect(drawnPanels(two)).toEqual([
      { label: 'A', box: [0, 0, 0.3, 1] },
      { label: null, box: [0.3, 0, 1, 1] },
    ])
    expect(drawnPanels(removeLine(two, []))).toEqual([{ label: 'A', box: [0, 0, 1, 1] }])
    expect(cellsOf(removeLine(cutsOf(GRID)!, [1])).map(cell => cell.label)).toEqual(['A', 'B', 'C'])
  })

  it('are not to be had for panels that interlock', () => {
    expect(
      cutsOf([
        { label: 'A', box: [0, 0, 0.6, 0.4] },
        { label: 'B', box: [0.6, 0, 1, 0.6] },
        { label: 'C', box: [0.4, 0.6, 1, 1] },
        { label: 'D', box: [0, 0.4, 0.4, 1] },
        { label: 'E', box: [0.4, 0.4, 0.6, 0.6] },
      ]),
    ).toBeNull()
  })

  it('letter the panels in reading order, also beyond Z', () => {
    let cut = cutsOf([])!
    for (let i = 0; i < 27; i++) cut = addLine(cut, Array(i).fill(1), 'x', (i + 1) / 30)
    expect(
      cellsOf(lettered(cut))
        .map(cell => cell.label)
        .slice(24),
    ).toEqual(['Y', 'Z', 'AA', 'AB'])
  })

  it('with one letter twice can not be saved, and say which', () => {
    expect(faultOf(cutsOf(GRID)!)).toBeNull()
    expect(faultOf(cutsOf(GRID.map(panel => ({ ...panel, label: 'A' })))!)).toContain('letter A')
  })
})
