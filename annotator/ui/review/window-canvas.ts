import { fillTable, type HounsfieldSlice, type HounsfieldWindow } from './window-level.ts'

/**
 * Paints slices through windows: a table of all 65,536 greys is filled once a window, and each pixel looked up in it, so
 * that a drag costs a millisecond or two a frame.
 */
export function createWindowCanvas() {
  const canvas = document.createElement('canvas')
  canvas.className = 'window-canvas'
  canvas.hidden = true
  canvas.setAttribute('aria-hidden', 'true')
  const context = canvas.getContext('2d')
  const table = new Uint32Array(65_536)
  let pixels: ImageData | null = null
  let frame = 0

  return {
    canvas,
    /** Paints before the next frame; of several calls in one frame the last counts. */
    paint(slice: HounsfieldSlice, window: HounsfieldWindow): void {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => {
        const { width, height, greys } = slice
        if (!context) return
        if (!pixels || pixels.width !== width || pixels.height !== height) {
          canvas.width = width
          canvas.height = height
          pixels = context.createImageData(width, height)
        }
        fillTable(table, slice, window)
        const shown = new Uint32Array(pixels.data.buffer)
        for (let at = 0; at < shown.length; at++) shown[at] = table[greys[at]!]!
        context.putImageData(pixels, 0, 0)
        canvas.hidden = false
      })
    },
    /** Uncovers the picture below. */
    hide(): void {
      cancelAnimationFrame(frame)
      canvas.hidden = true
    },
  }
}
