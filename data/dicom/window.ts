import type { DataSet } from 'dicom-parser'

/** A range of values shown as black to white. */
export interface Window {
  centre: number
  width: number
  /** What the file calls it: "LUNG". */
  explanation?: string
}

/** The lung window in Hounsfield units. */
export const LUNG_WINDOW: Window = { centre: -600, width: 1500 }

/** Values as greys: black at the window's lower end and below, white at its upper end and above (PS3.3, C.11.2.1.3.2). */
export function throughWindow(
  values: ArrayLike<number>,
  { centre, width }: Pick<Window, 'centre' | 'width'>,
): Uint8Array<ArrayBuffer> {
  const low = centre - width / 2
  const greys = new Uint8Array(values.length)
  for (let at = 0; at < greys.length; at++)
    greys[at] = Math.min(255, Math.max(0, Math.round(((values[at]! - low) * 255) / width)))
  return greys
}

/** The window that spans all values. */
export function fullWindow(values: ArrayLike<number>): Window {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let at = 0; at < values.length; at++) {
    low = Math.min(low, values[at]!)
    high = Math.max(high, values[at]!)
  }
  return { centre: (low + high) / 2, width: Math.max(1, high - low) }
}

/** The windows a file offers, of this frame. */
export function windowsOf(transform: DataSet | undefined): Window[] {
  if (!transform) return []
  const count = transform.numStringValues('x00281050') ?? 0
  return Array.from({ length: count }, (_, at): Window[] => {
    const [centre, width] = [transform.floatString('x00281050', at), transform.floatString('x00281051', at)]
    const explanation = transform.string('x00281055', at)?.trim()
    if (centre === undefined || width === undefined || !(width > 0) || !Number.isFinite(centre)) return []
    return [{ centre, width, ...(explanation ? { explanation } : {}) }]
  }).flat()
}
