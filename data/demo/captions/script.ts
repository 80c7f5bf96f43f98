import type { ImageKind, Lesion, MinedFlag } from '../../records/vocabulary.ts'
import type { Disease } from '../phantom/disease.ts'
import type { Distribution } from '../phantom/patches.ts'

/** A panel as a script orders it: its letter (null where none is printed), what ails the patient, and who it is. */
export interface PanelScript {
  label: string | null
  disease: Disease
  patient: string
  /** What the caption says of the panel's flag where that is not plain from the disease. */
  flag?: MinedFlag
  level?: number
  severity?: number
  distribution?: Distribution
  bilateral?: boolean
  /** A white arrow points at this lesion, where it is shown. */
  arrow?: Lesion
  /** Deliberately wrong: shown though the caption is silent, or said but not shown. */
  visibleNotSaid?: Lesion[]
  saidNotVisible?: Lesion[]
}

/** A figure to be made: its caption as a script of the grammar, and its pictures. */
export interface FigureScript {
  kind: ImageKind
  caption: string
  panels: PanelScript[]
  /** What the caption as a whole says of the flag; absent: the strongest of its panels. */
  flag?: MinedFlag
  /** Columns of the grid. */
  columns: number
}

type Options = Partial<Omit<PanelScript, 'label' | 'disease' | 'patient'>>

/** `panel('A', 'covid', 'p1', { level: 0.6 })`; an empty letter is none. */
export function panel(label: string, disease: Disease, patient: string, options: Options = {}): PanelScript {
  return { label: label || null, disease, patient, ...options }
}

export function ct(columns: number, caption: string, panels: PanelScript[], flag?: MinedFlag): FigureScript {
  return { kind: 'ct', caption, panels, columns, ...(flag ? { flag } : {}) }
}

export function picture(kind: ImageKind, caption: string): FigureScript {
  return { kind, caption, panels: [], columns: 1, flag: 'unstated' }
}
