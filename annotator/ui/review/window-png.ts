const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/**
 * Decodes a grey PNG of 16 bits (W3C PNG, third edition). A canvas would bring it to 8 bits, and the units would be lost.
 * @throws Error where it is another kind of PNG, or damaged.
 */
export async function decodeGreys(
  png: Uint8Array,
): Promise<{ width: number; height: number; greys: Uint16Array }> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  if (png.length < 33 || SIGNATURE.some((byte, at) => png[at] !== byte)) throw new Error('no PNG')
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  // Bit depth, colour type, compression, filter method, interlace.
  if ([16, 0, 0, 0, 0].some((expected, at) => png[24 + at] !== expected))
    throw new Error('not a grey PNG of 16 bits')
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at)
    if (view.getUint32(at + 4) === IDAT) parts.push(png.slice(at + 8, at + 8 + length))
    at += length + 12
  }
  const inflated = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'))
  const rows = new Uint8Array(await new Response(inflated).arrayBuffer())
  if (rows.length !== height * (2 * width + 1)) throw new Error('damaged PNG')
  return { width, height, greys: unfiltered(rows, width, height) }
}

const IDAT = 0x49444154
/** Bytes of a pixel: what the filters look back by. */
const PIXEL = 2

/** Undoes the filter of each row (PNG, 9.2). */
function unfiltered(rows: Uint8Array, width: number, height: number): Uint16Array {
  const stride = PIXEL * width
  const greys = new Uint16Array(width * height)
  let above: Uint8Array = new Uint8Array(stride)
  for (let row = 0; row < height; row++) {
    const start = row * (stride + 1)
    const line = rows.subarray(start + 1, start + 1 + stride)
    undo(rows[start]!, line, above)
    for (let column = 0; column < width; column++)
      greys[row * width + column] = (line[PIXEL * column]! << 8) | line[PIXEL * column + 1]!
    above = line
  }
  return greys
}

function undo(filter: number, line: Uint8Array, above: Uint8Array): void {
  if (filter > 4) throw new Error(`PNG filter ${filter}`)
  if (filter === 0) return
  for (let at = 0; at < line.length; at++) {
    const left = at < PIXEL ? 0 : line[at - PIXEL]!
    const up = above[at]!
    const corner = at < PIXEL ? 0 : above[at - PIXEL]!
    const guess =
      filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
    line[at] = line[at]! + guess
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [toLeft, toUp, toCorner] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
