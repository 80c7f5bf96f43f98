import * as tf from '@tensorflow/tfjs-core'
import type { KernelHost } from './kernel-host.ts'

export type Shape4D = [number, number, number, number]

/** A convolution as the kernels see it; `convolution.c` says what each length means. */
export interface Geometry {
  batch: number
  inHeight: number
  inWidth: number
  inChannels: number
  outHeight: number
  outWidth: number
  outChannels: number
  kernelHeight: number
  kernelWidth: number
  strideHeight: number
  strideWidth: number
  padTop: number
  padLeft: number
}

const [ROWS, COLUMNS, PIXELS] = [4, 8, 256]
const above = (count: number, share: number) => Math.ceil(count / share)

/** A chunk of rows small enough to share well and large enough to be worth the packing: a multiple of four. */
function rowsAChunk(rows: number, threads: number, most = 64): number {
  const chunks = threads * above(rows, threads * most)
  return Math.max(ROWS, above(above(rows, chunks), ROWS) * ROWS)
}

type Places = [number, number, number, number, number, number, number]

function structOf(
  g: Geometry,
  [x, packed, y, w, zeros, scratch, scratchBytes]: Places,
  [rows, columns]: [number, number],
): number[] {
  const lengths = [g.batch, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels]
  const kernel = [g.kernelHeight, g.kernelWidth, g.strideHeight, g.strideWidth, g.padTop, g.padLeft]
  return [x, packed, y, w, zeros, scratch, scratchBytes, ...lengths, ...kernel, rows, columns]
}

/** Bytes of a worker's scratch: offsets of the taps, and where each row of a chunk and its inputs are. */
const gatherBytes = (taps: number, rows: number) => 4 * (taps + rows + taps * rows) + 64

/** y = x ∗ w, all by address. */
export function convolve(host: KernelHost, g: Geometry, x: number, w: number, y: number): void {
  const taps = g.kernelHeight * g.kernelWidth
  const rows = rowsAChunk(g.batch * g.outHeight * g.outWidth, host.threads)
  const panels = above(g.outChannels, COLUMNS)
  inScratch(
    host,
    4 * panels * COLUMNS * taps * g.inChannels,
    g.inChannels,
    gatherBytes(taps, rows),
    places => {
      const struct = structOf(
        g,
        [x, places.packed, y, w, places.zeros, places.scratch, places.each],
        [rows, 0],
      )
      host.run('pack_forward', struct, panels)
      host.run('convolve', struct, above(g.batch * g.outHeight * g.outWidth, rows))
    },
  )
}

/** y = x · wᵀ for matrices: x [pixels, in], w [out, in]. `g` as for the product without transposing. */
export function multiplyTransposed(host: KernelHost, g: Geometry, x: number, w: number, y: number): void {
  const rows = rowsAChunk(g.outWidth, host.threads)
  const panels = above(g.outChannels, COLUMNS)
  inScratch(host, 4 * panels * COLUMNS * g.inChannels, g.inChannels, gatherBytes(1, rows), places => {
    const at: Places = [x, places.packed, y, w, places.zeros, places.scratch, places.each]
    // For the packing alone, what comes in and what goes out change places.
    const turned = { ...g, inChannels: g.outChannels, outChannels: g.inChannels }
    host.run('pack_backward', structOf(turned, at, [rows, 0]), panels)
    host.run('convolve', structOf(g, at, [rows, 0]), above(g.outWidth, rows))
  })
}

/** The gradient of x, written to `x`, from that of y. */
export function convolveBack(host: KernelHost, g: Geometry, x: number, w: number, y: number): void {
  const taps = g.kernelHeight * g.kernelWidth
  const phases = phasesOf(g)
  const rows = rowsAChunk(Math.max(...phases), host.threads)
  const panels = above(g.inChannels, COLUMNS)
  inScratch(
    host,
    4 * panels * COLUMNS * taps * g.outChannels,
    g.outChannels,
    gatherBytes(taps, rows),
    places => {
      const struct = structOf(
        g,
        [x, places.packed, y, w, places.zeros, places.scratch, places.each],
        [rows, 0],
      )
      host.run('pack_backward', struct, panels)
      host.run(
        'convolve_back',
        struct,
        phases.reduce((sum, pixels) => sum + above(pixels, rows), 0),
      )
    },
  )
}

/** The gradient of w, written to `w`, from x and the gradient of y. */
export function convolveWeights(host: KernelHost, g: Geometry, x: number, w: number, y: number): void {
  const rows = g.kernelHeight * g.kernelWidth * g.inChannels
  const pixels = g.batch * g.outHeight * g.outWidth
  const panels = above(g.outChannels, COLUMNS)
  let tall = rowsAChunk(rows, host.threads)
  let wide = panels * COLUMNS
  // Few rows: the columns are shared out as well, so that no thread waits for another.
  while (above(rows, tall) * above(g.outChannels, wide) < 4 * host.threads && wide > 64)
    wide = above(wide / 2, COLUMNS) * COLUMNS
  if (above(rows, tall) * above(g.outChannels, wide) < host.threads)
    tall = Math.max(ROWS, above(tall / 2, ROWS) * ROWS)
  inScratch(host, 4 * panels * COLUMNS * pixels, 0, 4 * PIXELS * tall, places => {
    const struct = structOf(
      g,
      [x, places.packed, y, w, places.zeros, places.scratch, places.each],
      [tall, wide],
    )
    host.run('pack_output', struct, panels)
    host.run('convolve_weights', struct, above(rows, tall) * above(g.outChannels, wide))
  })
}

/** Pixels of x in each of its phases: see `convolve_back`. */
function phasesOf(g: Geometry): number[] {
  const share = (length: number, stride: number) =>
    Array.from({ length: stride }, (_, phase) => Math.max(0, above(length - phase, stride)))
  return share(g.inHeight, g.strideHeight).flatMap(tall =>
    share(g.inWidth, g.strideWidth).map(wide => g.batch * tall * wide),
  )
}

/** Room for the packed operand, a row of zeros, and each worker's own scratch. */
function inScratch(
  host: KernelHost,
  packedBytes: number,
  zeros: number,
  each: number,
  work: (places: { packed: number; zeros: number; scratch: number; each: number }) => void,
): void {
  const aligned = (bytes: number) => above(bytes, 64) * 64
  const [first, second, third] = [aligned(packedBytes), aligned(4 * zeros), aligned(each)]
  host.scratch(first + second + third * host.threads, packed => {
    host.clear(packed + first, second)
    work({ packed, zeros: packed + first, scratch: packed + first + second, each: third })
  })
}

interface Attributes {
  strides: number | [number, number]
  pad: 'valid' | 'same' | number
  dataFormat?: 'NHWC' | 'NCHW'
  dilations?: number | [number, number]
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

function geometry(x: Shape4D, filter: Shape4D, attrs: Attributes): Geometry {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC')
    throw new Error(`wasm: convolution: ${attrs.dataFormat}: expected NHWC`)
  const info = tf.backend_util.computeConv2DInfo(
    x,
    filter,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  )
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  }
}

/** The kernels of convolution's gradients, by TensorFlow.js' names. */
export const convolutionKernels = (host: KernelHost) => ({
  [tf.Conv2DBackpropInput]: (
    { dy, filter }: Record<string, tf.TensorInfo>,
    attrs: Attributes & { inputShape: Shape4D },
  ) => {
    const g = geometry(attrs.inputShape, filter!.shape as Shape4D, attrs)
    const dx = host.output(attrs.inputShape)
    convolveBack(host, g, host.address(dx), host.address(filter!), host.address(dy!))
    return dx
  },
  [tf.Conv2DBackpropFilter]: (
    { x, dy }: Record<string, tf.TensorInfo>,
    attrs: Attributes & { filterShape: Shape4D },
  ) => {
    const g = geometry(x!.shape as Shape4D, attrs.filterShape, attrs)
    const dw = host.output(attrs.filterShape)
    convolveWeights(host, g, host.address(x!), host.address(dw), host.address(dy!))
    return dw
  },
})
