import type { Pixels } from '../../data/workspace/images.ts'

const SIDE = 96

/** Names of the features, in their order; kinds.json is fitted to exactly these. */
export const FEATURES = [
  'coloured',
  'white',
  'black',
  'middle',
  'bright',
  'entropy',
  'flat',
  'edges',
  'borderMean',
  'borderBlack',
  'borderWhite',
  'darkCorners',
  'centreOverBorder',
  'mirror',
  'flip',
  'enclosedDark',
  'spine',
  'topOverMiddle',
  'texture',
  'aspect',
  'peak',
  'shades',
  'longEdges',
  'lungs',
] as const

/**
 * Simple numbers that tell a CT slice from an X-ray, chart, diagram or photograph: colour, shades, flatness, edges,
 * what the rim looks like, mirror symmetry, dark parts that bright ones enclose. Measured on 96 × 96 grey values.
 * @returns one value a name of `FEATURES`, about 0…1 each
 */
export function kindFeatures(pixels: Pixels): number[] {
  const { grey, coloured } = reduced(pixels)
  const n = SIDE * SIDE
  const at = (x: number, y: number) => grey[y * SIDE + x]!
  const share = (test: (value: number) => boolean) =>
    grey.reduce((sum, value) => sum + (test(value) ? 1 : 0), 0) / n
  const bins = new Float64Array(32)
  for (const value of grey) bins[Math.min(31, Math.floor(value / 8))]! += 1 / n
  const entropy = -bins.reduce((sum, p) => sum + (p > 0 ? p * Math.log2(p) : 0), 0) / 5

  let flat = 0
  let edges = 0
  let texture = 0
  let textured = 0
  const longRows = new Float64Array(SIDE)
  const longColumns = new Float64Array(SIDE)
  for (let y = 1; y < SIDE - 1; y++)
    for (let x = 1; x < SIDE - 1; x++) {
      const gx = Math.abs(at(x + 1, y) - at(x - 1, y))
      const gy = Math.abs(at(x, y + 1) - at(x, y - 1))
      if (gx + gy <= 3) flat++
      if (gx + gy > 70) edges++
      if (gy > 40 && gx < 20) longRows[y]!++
      if (gx > 40 && gy < 20) longColumns[x]!++
      if (gx + gy > 3) {
        texture += Math.abs(4 * at(x, y) - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1))
        textured++
      }
    }
  const inner = (SIDE - 2) ** 2
  const rim: number[] = []
  for (let i = 0; i < SIDE; i++)
    for (const d of [0, 1, 2]) rim.push(at(i, d), at(i, SIDE - 1 - d), at(d, i), at(SIDE - 1 - d, i))
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const box = (x0: number, y0: number, x1: number, y1: number) => {
    const values: number[] = []
    for (let y = Math.floor(y0 * SIDE); y < y1 * SIDE; y++)
      for (let x = Math.floor(x0 * SIDE); x < x1 * SIDE; x++) values.push(at(x, y))
    return mean(values)
  }
  const corners = [box(0, 0, 0.1, 0.1), box(0.9, 0, 1, 0.1), box(0, 0.9, 0.1, 1), box(0.9, 0.9, 1, 1)]
  const rimMean = mean(rim)
  const centre = box(0.25, 0.25, 0.75, 0.75)
  const lobes = (box(0.18, 0.35, 0.38, 0.65) + box(0.62, 0.35, 0.82, 0.65)) / 2
  const enclosed = enclosedDark(grey)
  return [
    coloured,
    share(v => v > 243),
    share(v => v < 12),
    share(v => v >= 60 && v < 200),
    share(v => v > 200),
    entropy,
    flat / inner,
    edges / inner,
    rimMean / 255,
    rim.filter(v => v < 25).length / rim.length,
    rim.filter(v => v > 240).length / rim.length,
    corners.filter(v => v < 45).length / 4,
    (centre - rimMean) / 255,
    mirrored(grey, (x, y) => y * SIDE + (SIDE - 1 - x)),
    mirrored(grey, (x, y) => (SIDE - 1 - y) * SIDE + x),
    enclosed.share,
    (box(0.46, 0.3, 0.54, 0.75) - lobes) / 255,
    (box(0.3, 0, 0.7, 0.2) - box(0.3, 0.4, 0.7, 0.6)) / 255,
    texture / Math.max(1, textured) / 255,
    Math.max(-1, Math.min(1, Math.log2(pixels.width / pixels.height))),
    Math.max(...bins),
    bins.filter(p => p > 0.002).length / 32,
    (Math.max(...longRows) + Math.max(...longColumns)) / (2 * SIDE),
    enclosed.pair,
  ]
}

/** The picture at 96 × 96, each value the mean of what it covers; and the share of coloured pixels. */
function reduced({ data, width, height }: Pixels): { grey: Float64Array; coloured: number } {
  const sums = new Float64Array(SIDE * SIDE)
  const counts = new Float64Array(SIDE * SIDE)
  let coloured = 0
  let looked = 0
  const step = Math.max(1, Math.max(1, Math.floor(Math.sqrt((width * height) / 400_000))))
  const columns = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * SIDE) / width))
  for (let y = 0; y < height; y += step) {
    const row = Math.floor((y * SIDE) / height) * SIDE
    for (let x = 0, p = y * width * 3; x < width; x += step, p += 3 * step) {
      const r = data[p]!
      const g = data[p + 1]!
      const b = data[p + 2]!
      const cell = row + columns[x]!
      sums[cell]! += 0.299 * r + 0.587 * g + 0.114 * b
      counts[cell]!++
      // The widest difference of two of the three, without a call for each pixel.
      if (r - g > 30 || g - r > 30 || r - b > 30 || b - r > 30 || g - b > 30 || b - g > 30) coloured++
      looked++
    }
  }
  let last = 255
  const grey = sums.map((sum, i) => {
    // Pictures smaller than the grid leave cells empty: the cell before stands for them.
    if (counts[i]! > 0) last = sum / counts[i]!
    return last
  })
  return { grey, coloured: coloured / Math.max(1, looked) }
}

/** Correlation of the picture with its mirror image. */
function mirrored(grey: Float64Array, other: (x: number, y: number) => number): number {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length
  let shared = 0
  let own = 0
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const value = grey[y * SIDE + x]! - mean
      shared += value * (grey[other(x, y)]! - mean)
      own += value * value
    }
  return own > 0 ? shared / own : 1
}

/** Dark parts that don't reach the rim (lungs in a slice): their share, and how alike the largest two are. */
function enclosedDark(grey: Float64Array): { share: number; pair: number } {
  const seen = new Uint8Array(grey.length)
  const parts: number[] = []
  const stack: number[] = []
  for (let start = 0; start < grey.length; start++) {
    if (seen[start] || grey[start]! >= 110) continue
    let count = 0
    let rim = false
    seen[start] = 1
    stack.push(start)
    while (stack.length > 0) {
      const at = stack.pop()!
      const x = at % SIDE
      const y = (at - x) / SIDE
      count++
      if (x === 0 || y === 0 || x === SIDE - 1 || y === SIDE - 1) rim = true
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        const nx = x + dx
        const ny = y + dy
        const to = ny * SIDE + nx
        if (nx < 0 || ny < 0 || nx >= SIDE || ny >= SIDE || seen[to] || grey[to]! >= 110) continue
        seen[to] = 1
        stack.push(to)
      }
    }
    if (!rim) parts.push(count)
  }
  parts.sort((a, b) => b - a)
  const share = parts.reduce((sum, count) => sum + count, 0) / grey.length
  const [first = 0, second = 0] = parts
  return { share, pair: first > 0.02 * grey.length ? second / first : 0 }
}
