import type { HounsfieldScale } from '../../../data/records/case.ts'

/** The units shown as black to white, in Hounsfield units. */
export interface HounsfieldWindow {
  centre: number
  width: number
}

/** A slice as it was decoded: greys of 16 bits, row by row, and how they are read. */
export interface HounsfieldSlice extends HounsfieldScale {
  width: number
  height: number
  greys: Uint16Array
}

export const WINDOW_NAMES = ['lung', 'mediastinum', 'bone', 'wide', 'auto'] as const
export type WindowName = (typeof WINDOW_NAMES)[number]

/** The usual windows of a chest CT; the picture of 8 bits is the first of them. */
export const WINDOWS: Readonly<Record<Exclude<WindowName, 'auto'>, HounsfieldWindow>> = {
  lung: { centre: -600, width: 1500 },
  mediastinum: { centre: 40, width: 400 },
  bone: { centre: 400, width: 1800 },
  wide: { centre: 0, width: 3000 },
}
export const LUNG = WINDOWS.lung

export const sameWindow = (one: HounsfieldWindow, other: HounsfieldWindow) =>
  one.centre === other.centre && one.width === other.width

const bounded = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)))

/** Dragging right widens, dragging up lowers the centre and so brightens; finer where the window is narrow. */
export function dragWindow({ centre, width }: HounsfieldWindow, dx: number, dy: number): HounsfieldWindow {
  return {
    centre: bounded(centre + (dy * Math.max(width, 100)) / 500, -2000, 4000),
    width: bounded(width * Math.exp(dx / 200), 1, 8000),
  }
}

/** A step by a key: `brightness` and `contrast` as factors, above 1 brighter and steeper. */
export function stepWindow(
  { centre, width }: HounsfieldWindow,
  brightness: number,
  contrast: number,
): HounsfieldWindow {
  return {
    centre: bounded(centre - (Math.log(brightness) * Math.max(width, 100)) / 2, -2000, 4000),
    width: bounded(width / contrast, 1, 8000),
  }
}

/** Outside the scan, and what lies below air: no part of the patient. */
const BELOW_AIR = -1100

/** From the first to the last hundredth of what was scanned. */
export function autoWindow({ greys, slope, intercept }: HounsfieldSlice): HounsfieldWindow {
  const counts = new Uint32Array(65_536)
  let scanned = 0
  for (let at = 0; at < greys.length; at++) {
    const grey = greys[at]!
    if (slope * grey + intercept < BELOW_AIR) continue
    counts[grey]!++
    scanned++
  }
  if (scanned === 0) return LUNG
  const at = (share: number) => {
    let left = share * (scanned - 1)
    for (let grey = 0; grey < counts.length; grey++) {
      left -= counts[grey]!
      if (left < 0) return slope * grey + intercept
    }
    return intercept
  }
  const [low, high] = [at(0.01), at(0.99)]
  return { centre: Math.round((low + high) / 2), width: Math.max(1, Math.round(high - low)) }
}

/** What each grey of 16 bits is on the screen, as bytes red, green, blue, alpha; the table is filled anew. */
export function fillTable(
  table: Uint32Array,
  { slope, intercept }: HounsfieldScale,
  { centre, width }: HounsfieldWindow,
): void {
  const low = centre - width / 2
  for (let grey = 0; grey < table.length; grey++) {
    const shown = ((slope * grey + intercept - low) * 255) / width
    const value = shown <= 0 ? 0 : shown >= 255 ? 255 : Math.round(shown)
    // Bytes in memory are red first on every machine that browsers run on: little endian.
    table[grey] = (0xff000000 | (value << 16) | (value << 8) | value) >>> 0
  }
}

/** Units under a place given as shares of the picture's sides; null outside it. */
export function unitsAt(slice: HounsfieldSlice, x: number, y: number): number | null {
  const [column, row] = [Math.floor(x * slice.width), Math.floor(y * slice.height)]
  if (column < 0 || row < 0 || column >= slice.width || row >= slice.height) return null
  return Math.round(slice.slope * slice.greys[row * slice.width + column]! + slice.intercept)
}

/** A number of units with a true minus sign. */
export const unitWords = (value: number) => String(value).replace('-', '−')

export const windowWords = ({ centre, width }: HounsfieldWindow) =>
  `W ${unitWords(width)} L ${unitWords(centre)} HU`
