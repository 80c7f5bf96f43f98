import { strokeDistance } from './field.ts'

/** The raster of a slice: where a pixel lies in millimetres. */
export interface Raster {
  width: number
  height: number
  /** Millimetres a pixel. */
  pixel: number
  /** Millimetres at the middle of the first pixel. */
  x0: number
  y0: number
}

/** Calls back for every pixel within `radius` millimetres (and a pixel's soft edge) of a stroke, with its distance. */
export function alongStroke(
  raster: Raster,
  stroke: { ax: number; ay: number; bx: number; by: number; radius: number },
  visit: (index: number, distance: number) => void,
): void {
  const reach = stroke.radius + raster.pixel * 1.5
  const column = (x: number) => (x - raster.x0) / raster.pixel
  const row = (y: number) => (y - raster.y0) / raster.pixel
  const left = Math.max(0, Math.floor(column(Math.min(stroke.ax, stroke.bx) - reach)))
  const right = Math.min(raster.width - 1, Math.ceil(column(Math.max(stroke.ax, stroke.bx) + reach)))
  const top = Math.max(0, Math.floor(row(Math.min(stroke.ay, stroke.by) - reach)))
  const bottom = Math.min(raster.height - 1, Math.ceil(row(Math.max(stroke.ay, stroke.by) + reach)))
  for (let j = top; j <= bottom; j++)
    for (let i = left; i <= right; i++) {
      const x = raster.x0 + i * raster.pixel
      const y = raster.y0 + j * raster.pixel
      const d = strokeDistance(x, y, stroke.ax, stroke.ay, stroke.bx, stroke.by, stroke.radius)
      if (d < raster.pixel * 1.5) visit(j * raster.width + i, d)
    }
}

/** Share of a pixel that lies inside, from the distance of its middle to the edge. */
export const coverage = (distance: number, pixel: number) => Math.min(1, Math.max(0, 0.5 - distance / pixel))

/** Gaussian blur in place of the field given, sigma in pixels. */
export function blur(field: Float32Array, width: number, height: number, sigma: number): void {
  const reach = Math.max(1, Math.ceil(sigma * 2.5))
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  )
  const sum = kernel.reduce((a, b) => a + b, 0)
  const between = new Float32Array(field.length)
  const pass = (
    from: Float32Array,
    to: Float32Array,
    count: number,
    lines: number,
    step: number,
    lineStep: number,
  ) => {
    for (let l = 0; l < lines; l++)
      for (let i = 0; i < count; i++) {
        let value = 0
        for (let k = -reach; k <= reach; k++) {
          const at = i + k < 0 ? 0 : i + k >= count ? count - 1 : i + k
          value += from[l * lineStep + at * step]! * kernel[k + reach]!
        }
        to[l * lineStep + i * step] = value / sum
      }
  }
  pass(field, between, width, height, 1, width)
  pass(between, field, height, width, width, 1)
}
